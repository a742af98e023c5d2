"""Missing tasks, counts and old rows."""

from __future__ import annotations

import datetime

import pytest
import stored
from doni.db import hardware, session, upkeep
from doni.db.models import AvailabilityWindow, Hardware, WorkerTask
from doni.hardware import types
from sqlalchemy import func, select, update

pytestmark = pytest.mark.usefixtures("schema")


def test_missing_tasks_are_made_once() -> None:
    both = stored.item("baremetal", "ironic", "blazar.physical_host")
    one, retired, other = (
        stored.item(kind, "ironic") for kind in ("baremetal", "baremetal", "fake-hardware")
    )
    hardware.retire(retired)
    kinds = types.configured(["baremetal"], ["ironic", "blazar.physical_host"]).values()
    assert upkeep.backfill(kinds) == 1
    assert upkeep.backfill(kinds) == 0
    assert set(stored.states(one)) == set(stored.states(both))
    assert stored.states(one)["blazar.physical_host"] == "PENDING"
    assert set(stored.states(other)) == set(stored.states(retired)) == {"ironic"}


def test_backfill_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "BATCH", 2)
    for _ in range(5):
        stored.item("baremetal", "ironic")
    kinds = types.configured(["baremetal"], ["ironic", "blazar.physical_host"]).values()
    assert upkeep.backfill(kinds) == 5


def test_counts() -> None:
    steady, waiting, deferred, retired, gone = (stored.item() for _ in range(5))
    stored.alter(steady, state="STEADY")
    hundred = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    stored.alter(waiting, updated_at=hundred - datetime.timedelta(seconds=100))
    stored.alter(deferred, retry_at=stored.FUTURE)
    for uuid in (retired, gone):
        hardware.retire(uuid)
    stored.alter(gone, state="STEADY")
    stored.alter(retired, state="ERROR")
    found = upkeep.counts()
    worker = "fake-worker"
    assert found.tasks == {(worker, "STEADY"): 1, (worker, "PENDING"): 2, (worker, "ERROR"): 1}
    assert found.hardware == {"fake-hardware": 3}
    assert 98 < found.oldest[worker] < 110


def test_overdue() -> None:
    fresh, waiting, dead, claimed, steady = (stored.item() for _ in range(5))
    stored.alter(waiting, updated_at=stored.PAST)
    stored.alter(dead, state="IN_PROGRESS", claimed_until=stored.PAST)
    stored.alter(claimed, state="IN_PROGRESS", claimed_until=stored.FUTURE)
    stored.alter(steady, state="STEADY", updated_at=stored.PAST)
    assert set(upkeep.overdue(60)) == {waiting, dead}
    assert fresh


def _retired(state: str, at: datetime.datetime) -> str:
    uuid = stored.item()
    hardware.retire(uuid)
    stored.alter(uuid, state=state)
    stored.window(uuid, None, None)
    with session.writer() as db:
        db.execute(update(Hardware).where(Hardware.uuid == uuid).values(deleted_at=at))
    return uuid


def _number(table: type) -> int:
    with session.reader() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def test_purge_removes_only_what_is_old_and_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "BATCH", 2)
    stored.item()
    today = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    for at in [stored.PAST] * 3 + [today]:
        _retired("STEADY", at)
    unfinished = _retired("ERROR", stored.PAST)
    assert upkeep.purge(30, ["fake-worker"]) == 3
    assert (_number(Hardware), _number(WorkerTask), _number(AvailabilityWindow)) == (3, 3, 2)
    assert stored.task(unfinished).state == "ERROR"
    assert upkeep.purge(30, ["other"]) == 1
    assert upkeep.purge(-1, ["fake-worker"]) == 1
