"""Claim tasks, so that several processes share them and no item is worked on twice at a time."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.expression import ColumnElement

from doni.db import clock, session
from doni.db.models import AvailabilityWindow, Hardware, State, WorkerTask
from doni.db.types import Unreadable
from doni.hardware import types
from doni.workers.base import Item, Window


@dataclass(frozen=True)
class Claim:
    """A task that this process may work on, as it was when claimed.

    ``generation`` is the wish that it answers, ``attempts`` how often in a row it came to nothing.
    Of an item that is not ``readable`` the stored properties make no sense.
    """

    task_id: int
    worker_type: str
    generation: int
    attempts: int
    item: Item
    windows: tuple[Window, ...]
    state_details: dict[str, Any]
    readable: bool = True


def is_due() -> ColumnElement[bool]:
    """The condition under which a task waits for nothing but a worker."""
    return or_(
        and_(
            WorkerTask.state == State.PENDING.value,
            or_(WorkerTask.retry_at.is_(None), WorkerTask.retry_at <= clock.now()),
        ),
        and_(WorkerTask.state == State.ERROR.value, WorkerTask.retry_at <= clock.now()),
    )


def _rank(worker_type: ColumnElement[str]) -> ColumnElement[int]:
    return case(
        *(
            (and_(Hardware.hardware_type == kind.name, worker_type == worker), kind.rank(worker))
            for kind in types.TYPES.values()
            for worker in kind.workers
        ),
        else_=0,
    )


def _candidates(
    db: Session, worker_types: Collection[str], enabled: Collection[str], limit: int
) -> Sequence[int]:
    other = aliased(WorkerTask)
    same = other.hardware_uuid == WorkerTask.hardware_uuid
    busy = exists().where(same, other.state == State.IN_PROGRESS.value)
    blocked = exists().where(
        same,
        Hardware.deleted != 0,
        other.state != State.STEADY.value,
        other.worker_type.in_(enabled),
        _rank(other.worker_type) > _rank(WorkerTask.worker_type),  # type: ignore[arg-type]
    )
    waiting_since = func.coalesce(WorkerTask.retry_at, WorkerTask.updated_at, WorkerTask.created_at)
    return db.scalars(
        select(Hardware.id)
        .join(WorkerTask, WorkerTask.hardware_uuid == Hardware.uuid)
        .where(WorkerTask.worker_type.in_(worker_types), is_due(), ~busy, ~blocked)
        .group_by(Hardware.id)
        .order_by(func.min(waiting_since))
        .limit(limit)
    ).all()


def _next(hardware: Hardware, tasks: Iterable[tuple[WorkerTask, bool]]) -> WorkerTask | None:
    """The task of an item whose turn it is."""
    known = types.TYPES.get(hardware.hardware_type)

    def rank(task: WorkerTask) -> int:
        return known.rank(task.worker_type) if known else 0

    open_tasks = [(task, due) for task, due in tasks if task.state != State.STEADY.value]
    if any(task.state == State.IN_PROGRESS.value for task, _ in open_tasks):
        return None
    if hardware.deleted:
        # Strictly: the host leaves Blazar before its node leaves Ironic.
        last = max((rank(task) for task, _ in open_tasks), default=0)
        open_tasks = [(task, due) for task, due in open_tasks if rank(task) == last]
    due_tasks = [task for task, due in open_tasks if due]
    return min(due_tasks, key=lambda task: (rank(task), task.id), default=None)


@session.retried
def claim(
    me: str,
    worker_types: Collection[str],
    enabled: Collection[str],
    limit: int,
    seconds: float,
    busy: Collection[str] = (),
) -> tuple[list[Claim], bool]:
    """Claim up to ``limit`` due tasks, at most one of an item, for ``seconds``.

    ``worker_types`` are those that this process runs, ``enabled`` those of the deployment. ``busy``
    are items to leave alone: a claim on them may be lost, but a thread still works on it. The
    second value says whether more may be due.
    """
    with session.writer() as db:
        # Another process may be choosing among the same ones: look at more than are wanted.
        found = _candidates(db, worker_types, enabled, 2 * limit + 1)
        if not found:
            return [], False
        # Whoever holds the lock of an item decides for all of its tasks.
        locked = _lock(db, found[:limit], limit)
        if len(locked) < limit < len(found):
            locked += _lock(db, found[limit:], limit - len(locked))
        items = {item.uuid: item for item in locked if item.uuid not in busy}
        chosen = _choose(db, items, worker_types, enabled)
        if chosen:
            db.execute(
                update(WorkerTask)
                .where(WorkerTask.id.in_([task.id for task in chosen]))
                .values(
                    state=State.IN_PROGRESS.value,
                    claimed_by=me,
                    claimed_generation=WorkerTask.generation,
                    claimed_until=clock.later(seconds),
                )
                .execution_options(synchronize_session=False)
            )
        windows = _windows(db, [task.hardware_uuid for task in chosen])
        return [
            _claim(task, items[task.hardware_uuid], windows[task.hardware_uuid]) for task in chosen
        ], len(found) > len(chosen)


def _lock(db: Session, ids: Sequence[int], limit: int) -> list[Hardware]:
    return list(
        db.scalars(
            select(Hardware)
            # A scan of the table would lock items of others.
            .with_hint(Hardware, "FORCE INDEX (PRIMARY)", "mysql")
            .where(Hardware.id.in_(ids))
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )


def _choose(
    db: Session,
    items: dict[str, Hardware],
    worker_types: Collection[str],
    enabled: Collection[str],
) -> list[WorkerTask]:
    tasks = defaultdict(list)
    rows = db.execute(
        select(WorkerTask, is_due())
        .where(WorkerTask.hardware_uuid.in_(items), WorkerTask.worker_type.in_(enabled))
        .with_for_update()
    )
    for task, due in rows:
        tasks[task.hardware_uuid].append((task, bool(due) and task.worker_type in worker_types))
    chosen = (_next(item, tasks[uuid]) for uuid, item in items.items())
    return [task for task in chosen if task is not None]


def _windows(db: Session, uuids: Sequence[str]) -> dict[str, tuple[Window, ...]]:
    found = defaultdict[str, tuple[Window, ...]](tuple)
    rows = db.scalars(
        select(AvailabilityWindow)
        .where(AvailabilityWindow.hardware_uuid.in_(uuids))
        .order_by(AvailabilityWindow.start, AvailabilityWindow.id)
    )
    for row in rows:
        if row.start is not None and row.end is not None:
            window = Window(row.uuid, _aware(row.start), _aware(row.end))
            found[row.hardware_uuid] += (window,)
    return found


def _aware(moment: datetime.datetime) -> datetime.datetime:
    return moment.replace(tzinfo=datetime.UTC)


def _claim(task: WorkerTask, hardware: Hardware, windows: tuple[Window, ...]) -> Claim:
    kind = types.TYPES.get(hardware.hardware_type)
    # A worker that is not of the type an item was changed to shall forget it.
    deleted = bool(hardware.deleted) or (kind is not None and task.worker_type not in kind.workers)
    return Claim(
        task_id=task.id,
        worker_type=task.worker_type,
        generation=task.generation,
        attempts=task.attempts,
        item=Item(
            uuid=hardware.uuid,
            name=hardware.name,
            project_id=hardware.project_id,
            hardware_type=hardware.hardware_type,
            properties=hardware.properties,
            deleted=deleted,
        ),
        # Those of a deleted item must not keep its leases alive.
        windows=() if deleted else windows,
        state_details=dict(task.state_details),
        readable=not isinstance(hardware.properties, Unreadable),
    )
