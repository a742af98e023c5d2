"""Items as tests put them into the database and look at them again."""

from __future__ import annotations

import datetime
import itertools
from typing import Any

from doni.db import session
from doni.db.models import AvailabilityWindow, Hardware, State, WorkerTask
from sqlalchemy import select, update

_numbers = itertools.count()

PAST = datetime.datetime(2020, 1, 1)
FUTURE = datetime.datetime(2120, 1, 1)


def item(kind: str = "fake-hardware", *workers: str, **values: Any) -> str:
    """Store an item with tasks of the workers; returns its uuid."""
    uuid = f"uuid-{next(_numbers)}"
    defaults = {"project_id": "p", "name": uuid, "properties": {}}
    with session.writer() as db:
        db.add(Hardware(uuid=uuid, hardware_type=kind, **{**defaults, **values}))
        db.flush()
        db.add_all(
            WorkerTask(hardware_uuid=uuid, worker_type=worker)
            for worker in workers or ("fake-worker",)
        )
    return uuid


def window(uuid: str, start: datetime.datetime | None, end: datetime.datetime | None) -> str:
    """Store a window of an item; returns its own uuid."""
    with session.writer() as db:
        row = AvailabilityWindow(hardware_uuid=uuid, start=start, end=end)
        db.add(row)
        db.flush()
        return row.uuid


def alter(uuid: str, worker: str = "fake-worker", **values: Any) -> None:
    """Change columns of a task."""
    mine = (WorkerTask.hardware_uuid == uuid, WorkerTask.worker_type == worker)
    with session.writer() as db:
        db.execute(update(WorkerTask).where(*mine).values(**values))


def task(uuid: str, worker: str = "fake-worker") -> WorkerTask:
    """A task as it is stored now."""
    mine = (WorkerTask.hardware_uuid == uuid, WorkerTask.worker_type == worker)
    with session.reader() as db:
        return db.scalars(select(WorkerTask).where(*mine)).one()


def states(uuid: str) -> dict[str, State]:
    """The states of the tasks of an item, by type of worker."""
    with session.reader() as db:
        rows = db.scalars(select(WorkerTask).where(WorkerTask.hardware_uuid == uuid))
        return {row.worker_type: State(row.state) for row in rows}
