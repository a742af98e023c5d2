"""Which tasks a worker process gets."""

from __future__ import annotations

import datetime

import pytest
import stored
from doni.db import claims, hardware, session
from doni.db.models import Hardware, State
from oslo_config import cfg
from sqlalchemy import select, text

ALL = ("ironic", "blazar.physical_host", "fake-worker")

pytestmark = pytest.mark.usefixtures("schema")


def _claim(limit: int = 100, types: tuple[str, ...] = ALL, **options: object) -> list[claims.Claim]:
    return claims.claim("me", types, ALL, limit, 60, **options)[0]  # type: ignore[arg-type]


def _pairs(found: list[claims.Claim]) -> set[tuple[str, str]]:
    return {(claim.item.uuid, claim.worker_type) for claim in found}


def test_claimed_task_is_marked_and_not_claimed_again() -> None:
    uuid = stored.item(name="n", properties={"a": 1})
    stored.alter(uuid, generation=3, attempts=2, state_details={"x": 1})
    (claim,) = _claim()
    assert (claim.item.uuid, claim.item.name, claim.item.properties) == (uuid, "n", {"a": 1})
    assert (claim.generation, claim.attempts, claim.state_details) == (3, 2, {"x": 1})
    task = stored.task(uuid)
    assert (task.state, task.claimed_by, task.claimed_generation) == ("IN_PROGRESS", "me", 3)
    assert task.claimed_until is not None
    left = task.claimed_until - datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    assert 50 < left.total_seconds() <= 61
    assert _claim() == []


def test_times_of_retry_are_kept() -> None:
    deferred, due, failed, healing, never = (stored.item() for _ in range(5))
    stored.alter(deferred, retry_at=stored.FUTURE)
    stored.alter(due, retry_at=stored.PAST)
    stored.alter(failed, state="ERROR", retry_at=stored.FUTURE)
    stored.alter(healing, state="ERROR", retry_at=stored.PAST)
    stored.alter(never, state="ERROR")
    assert {claim.item.uuid for claim in _claim()} == {due, healing}


def test_limit_and_whether_there_is_more() -> None:
    for _ in range(5):
        stored.item()
    found, more = claims.claim("me", ALL, ALL, 3, 60)
    assert (len(found), more) == (3, True)
    found, more = claims.claim("me", ALL, ALL, 3, 60)
    assert (len(found), more) == (2, False)
    assert claims.claim("me", ALL, ALL, 3, 60) == ([], False)


def test_item_is_enrolled_in_order_one_worker_at_a_time() -> None:
    uuid = stored.item("baremetal", "blazar.physical_host", "ironic")
    assert _pairs(_claim()) == {(uuid, "ironic")}
    assert _claim() == []
    stored.alter(uuid, "ironic", state="STEADY")
    assert _pairs(_claim()) == {(uuid, "blazar.physical_host")}


def test_enrolment_goes_on_while_an_earlier_worker_waits() -> None:
    uuid = stored.item("baremetal", "blazar.physical_host", "ironic")
    stored.alter(uuid, "ironic", state="ERROR", retry_at=stored.FUTURE)
    assert _pairs(_claim()) == {(uuid, "blazar.physical_host")}


@pytest.mark.parametrize("state", ["PENDING", "ERROR", "IN_PROGRESS"])
def test_retirement_is_strictly_in_the_opposite_order(state: str) -> None:
    uuid = stored.item("baremetal", "blazar.physical_host", "ironic")
    hardware.retire(uuid)
    blazar = "blazar.physical_host"
    stored.alter(uuid, blazar, state=state, retry_at=stored.FUTURE)
    assert _claim() == []
    stored.alter(uuid, blazar, state="PENDING", retry_at=None)
    assert _pairs(_claim()) == {(uuid, blazar)}
    stored.alter(uuid, blazar, state="STEADY")
    assert _pairs(_claim()) == {(uuid, "ironic")}


def test_retired_item_has_no_windows_even_if_some_are_left() -> None:
    live, retired = stored.item(), stored.item()
    hardware.retire(retired)
    for uuid in (live, retired):
        stored.window(uuid, datetime.datetime(2030, 1, 1), datetime.datetime(2030, 1, 2))
        stored.window(uuid, None, datetime.datetime(2030, 1, 2))
    windows = {claim.item.uuid: claim.windows for claim in _claim()}
    assert windows[retired] == ()
    (window,) = windows[live]
    assert window.start == datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)


def test_retired_item_is_marked() -> None:
    uuid = stored.item()
    hardware.retire(uuid)
    (claim,) = _claim()
    assert claim.item.deleted


def test_worker_that_is_not_of_the_type_shall_forget_the_item() -> None:
    uuid = stored.item("fake-hardware", "ironic")
    (claim,) = _claim()
    assert (claim.item.uuid, claim.item.deleted) == (uuid, True)


def test_only_tasks_of_own_workers_and_of_items_not_busy() -> None:
    first, second = stored.item(), stored.item("baremetal", "ironic")
    assert _claim(types=("fake-worker",), busy={first}) == []
    assert _pairs(_claim(types=("ironic",))) == {(second, "ironic")}


def test_task_of_another_process_keeps_the_item() -> None:
    uuid = stored.item("baremetal", "blazar.physical_host", "ironic")
    stored.alter(uuid, "blazar.physical_host", state="IN_PROGRESS", claimed_until=stored.FUTURE)
    assert _claim(types=("ironic",)) == []


def test_longest_waiting_come_first() -> None:
    late, early = stored.item(), stored.item()
    stored.alter(early, updated_at=stored.PAST)
    assert _claim(limit=1)[0].item.uuid == early
    assert _claim(limit=1)[0].item.uuid == late


def test_unreadable_properties_stop_nobody_else() -> None:
    good, bad, listed = stored.item(), stored.item(), stored.item()
    with session.writer() as db:
        for uuid, value in ((bad, '{"a": '), (listed, "[1]")):
            values = {"value": value, "uuid": uuid}
            db.execute(text("UPDATE hardware SET properties = :value WHERE uuid = :uuid"), values)
        db.execute(text("UPDATE worker_task SET state_details = 'x'"))
    assert {claim.item.uuid: claim.readable for claim in _claim()} == {
        good: True,
        bad: False,
        listed: False,
    }


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
def test_items_that_another_process_has_locked_are_passed_over(schema: cfg.ConfigOpts) -> None:
    first, second = stored.item(), stored.item()
    with session.writer() as db:
        locked = select(Hardware).where(Hardware.uuid == first).with_for_update()
        assert db.scalars(locked).one().uuid == first
        assert {claim.item.uuid for claim in _claim(limit=1)} == {second}
    assert {claim.item.uuid for claim in _claim()} == {first}


def test_unknown_type_of_hardware_is_handed_over_as_it_is() -> None:
    uuid = stored.item("martian", "ironic")
    (claim,) = _claim()
    assert (claim.item.uuid, claim.item.deleted) == (uuid, False)
    assert stored.states(uuid) == {"ironic": State.IN_PROGRESS}
