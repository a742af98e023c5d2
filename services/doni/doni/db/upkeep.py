"""What keeps the tables in order, and what they tell about the work to do."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from oslo_db import exception as db_exc
from sqlalchemy import delete, exists, func, select

from doni.db import clock, session
from doni.db.claims import is_due
from doni.db.models import AvailabilityWindow, Hardware, State, WorkerTask
from doni.hardware.types import HardwareType

BATCH = 500


def backfill(kinds: Iterable[HardwareType]) -> int:
    """Give items the tasks that they lack, of workers enabled after they were enrolled.

    Returns how many.
    """
    return sum(_backfill(kind.name, worker) for kind in kinds for worker in kind.workers)


def _backfill(hardware_type: str, worker_type: str) -> int:
    has_task = exists().where(
        WorkerTask.hardware_uuid == Hardware.uuid, WorkerTask.worker_type == worker_type
    )
    missing = select(Hardware.uuid).where(
        Hardware.hardware_type == hardware_type, Hardware.deleted == 0, ~has_task
    )
    done = 0
    while True:
        try:
            with session.writer() as db:
                uuids = db.scalars(missing.limit(BATCH)).all()
                db.add_all(
                    WorkerTask(hardware_uuid=uuid, worker_type=worker_type) for uuid in uuids
                )
        except db_exc.DBDuplicateEntry:
            continue  # Another process does the same.
        done += len(uuids)
        if len(uuids) < BATCH:
            return done


@dataclass(frozen=True)
class Counts:
    """Tasks by type of worker and state; age of the task that waits longest for a worker."""

    tasks: dict[tuple[str, str], int]
    oldest: dict[str, float]
    hardware: dict[str, int]


def counts() -> Counts:
    """Count tasks and items; retired items that need no more work are left out. Age: seconds."""
    at_work = (Hardware.deleted == 0) | (WorkerTask.state != State.STEADY.value)
    since = func.min(
        func.coalesce(WorkerTask.retry_at, WorkerTask.updated_at, WorkerTask.created_at)
    )
    with session.reader() as db:
        tasks = db.execute(
            select(WorkerTask.worker_type, WorkerTask.state, func.count())
            .join(Hardware, Hardware.uuid == WorkerTask.hardware_uuid)
            .where(at_work)
            .group_by(WorkerTask.worker_type, WorkerTask.state)
        ).all()
        waiting = db.execute(
            select(WorkerTask.worker_type, since, clock.now())
            .where(is_due())
            .group_by(WorkerTask.worker_type)
        ).all()
        hardware = db.execute(
            select(Hardware.hardware_type, func.count())
            .where(Hardware.deleted == 0)
            .group_by(Hardware.hardware_type)
        ).all()
    return Counts(
        {(worker, state): number for worker, state, number in tasks},
        {worker: max(0.0, (now - then).total_seconds()) for worker, then, now in waiting if then},
        {row[0]: row[1] for row in hardware},
    )


def overdue(seconds: float) -> list[str]:
    """Uuids of items with a task that for so long nobody worked on, or whose process died."""
    then = clock.later(-seconds)
    since = func.coalesce(WorkerTask.retry_at, WorkerTask.updated_at, WorkerTask.created_at)
    at_work = WorkerTask.state == State.IN_PROGRESS.value
    dead = WorkerTask.claimed_until.is_(None) | (WorkerTask.claimed_until < then)
    with session.reader() as db:
        rows = db.scalars(
            select(WorkerTask.hardware_uuid)
            .where((is_due() & (since < then)) | (at_work & dead))
            .distinct()
        )
        return list(rows)


def purge(days: float, enabled: Collection[str]) -> int:
    """Remove what is left of items that were retired ``days`` ago and of which no trace remains.

    Tasks of workers that are not ``enabled`` can never end and are not waited for. Returns how
    many items there were.
    """
    unfinished = exists().where(
        WorkerTask.hardware_uuid == Hardware.uuid,
        WorkerTask.state != State.STEADY.value,
        WorkerTask.worker_type.in_(enabled),
    )
    old = (
        select(Hardware.uuid)
        .where(
            Hardware.deleted != 0,
            Hardware.deleted_at <= clock.later(-days * 86400),
            ~unfinished,
        )
        .limit(BATCH)
    )
    done = 0
    while True:
        with session.writer() as db:
            uuids = db.scalars(old).all()
            for table in (WorkerTask, AvailabilityWindow):
                db.execute(delete(table).where(table.hardware_uuid.in_(uuids)))
            db.execute(delete(Hardware).where(Hardware.uuid.in_(uuids)))
        done += len(uuids)
        if len(uuids) < BATCH:
            return done
