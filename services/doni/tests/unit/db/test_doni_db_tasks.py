"""What becomes of claimed tasks."""

from __future__ import annotations

import datetime

import pytest
import stored
from doni.db import claims, hardware, tasks
from doni.db.models import State
from doni.db.tasks import Result

TYPES = ("fake-worker",)

pytestmark = pytest.mark.usefixtures("schema")


def _claimed(me: str = "me") -> tuple[str, claims.Claim]:
    uuid = stored.item()
    (claim,), _ = claims.claim(me, TYPES, TYPES, 10, 60)
    return uuid, claim


def _seconds(moment: datetime.datetime | None) -> float:
    assert moment is not None
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    return (moment - now).total_seconds()


def test_success() -> None:
    uuid, claim = _claimed()
    assert tasks.finish("me", [Result(claim.task_id, 0, State.STEADY, {"a": None})]) == 1
    task = stored.task(uuid)
    assert (task.state, task.state_details, task.attempts) == ("STEADY", {"a": None}, 0)
    assert (task.retry_at, task.claimed_by, task.claimed_until) == (None, None, None)
    assert task.claimed_generation is None


@pytest.mark.parametrize(("state", "delay"), [(State.PENDING, 90.5), (State.ERROR, None)])
def test_what_did_not_succeed(state: State, delay: float | None) -> None:
    uuid, claim = _claimed()
    tasks.finish("me", [Result(claim.task_id, 0, state, {"a": 1}, 4, delay)])
    task = stored.task(uuid)
    assert (task.state, task.attempts) == (state.value, 4)
    if delay is None:
        assert task.retry_at is None
    else:
        assert 80 < _seconds(task.retry_at) < 92


@pytest.mark.parametrize("state", [State.STEADY, State.PENDING, State.ERROR])
def test_change_meanwhile_makes_the_task_due_again(state: State) -> None:
    uuid, claim = _claimed()
    hardware.sync(uuid)
    assert stored.task(uuid).state == "IN_PROGRESS"
    tasks.finish("me", [Result(claim.task_id, claim.generation, state, {"a": 1}, 4, 90)])
    task = stored.task(uuid)
    assert (task.state, task.attempts, task.retry_at) == ("PENDING", 0, None)
    assert task.state_details == {"a": 1}
    (again,), _ = claims.claim("me", TYPES, TYPES, 10, 60)
    assert again.generation == claim.generation + 1


def test_result_of_a_lost_claim_counts_for_nothing() -> None:
    uuid, claim = _claimed()
    stored.alter(uuid, claimed_by="other")
    assert tasks.finish("me", [Result(claim.task_id, 0, State.STEADY, {"a": 1})]) == 0
    assert tasks.renew("me", [claim.task_id], 60) == 0
    assert tasks.release("me", [claim.task_id]) == 0
    task = stored.task(uuid)
    assert (task.state, task.state_details, task.claimed_by) == ("IN_PROGRESS", {}, "other")


def test_many_results_at_once() -> None:
    uuids = [stored.item() for _ in range(3)]
    found, _ = claims.claim("me", TYPES, TYPES, 10, 60)
    results = [Result(claim.task_id, 0, State.STEADY, {"n": claim.item.uuid}) for claim in found]
    stored.alter(uuids[1], claimed_by="other")
    assert tasks.finish("me", results) == 2
    assert [stored.task(uuid).state_details for uuid in uuids] == [
        {"n": uuids[0]},
        {},
        {"n": uuids[2]},
    ]
    assert tasks.finish("me", []) == tasks.renew("me", [], 1) == 0


def test_renewal_and_release() -> None:
    uuid, claim = _claimed()
    assert tasks.renew("me", [claim.task_id], 600) == 1
    assert 590 < _seconds(stored.task(uuid).claimed_until) < 601
    assert tasks.release("me", [claim.task_id]) == 1
    assert stored.task(uuid).state == "PENDING"
    assert claims.claim("other", TYPES, TYPES, 10, 60)[0][0].item.uuid == uuid


def test_claims_of_dead_processes_are_released() -> None:
    (alive, _), (dead, _), (again, _), (legacy, _) = [_claimed() for _ in range(4)]
    for uuid, attempts in ((dead, 0), (again, 3)):
        stored.alter(uuid, claimed_until=stored.PAST, attempts=attempts)
    stored.alter(legacy, claimed_until=None, claimed_by=None)
    assert tasks.release_expired(lambda attempts: attempts * 100.0) == 3
    assert stored.task(alive).state == "IN_PROGRESS"
    for uuid, attempts in ((dead, 1), (again, 4), (legacy, 1)):
        task = stored.task(uuid)
        assert (task.state, task.attempts, task.claimed_by) == ("PENDING", attempts, None)
    assert 290 < _seconds(stored.task(again).retry_at) < 301
    found, _ = claims.claim("me", TYPES, TYPES, 10, 60)
    assert {claim.item.uuid for claim in found} == {dead, legacy}
