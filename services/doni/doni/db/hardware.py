"""Items and their windows: create, find, change, retire. Every change wakes the workers."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Collection, Iterable
from typing import Any

from oslo_db import exception as db_exc
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, selectinload

from doni.db import session
from doni.db.models import AvailabilityWindow, Hardware, State, WorkerTask, _now
from doni.exceptions import DuplicateName, HardwareNotFound, Invalid

Span = tuple[datetime.datetime, datetime.datetime]
Check = Callable[[Hardware], None]


@dataclasses.dataclass(frozen=True)
class WindowChanges:
    """What shall become of the windows of an item; datetimes are UTC without time zone."""

    add: list[Span] = dataclasses.field(default_factory=list)
    change: dict[str, Span] = dataclasses.field(default_factory=dict)
    remove: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Change:
    """What shall become of an item: new values of columns, its windows, its workers."""

    values: dict[str, Any]
    windows: WindowChanges
    workers: Collection[str]


def _anything(hardware: Hardware) -> None:
    """The check that lets everything through."""


@session.retried
def create(values: dict[str, Any], worker_types: Iterable[str]) -> Hardware:
    """Enrol an item and give each worker its task.

    Raises:
        DuplicateName: another live item has the name.
    """
    try:
        with session.writer() as db:
            hardware = Hardware(**values)
            db.add(hardware)
            db.flush()
            _add_tasks(db, hardware.uuid, worker_types)
            return _get(db, hardware.uuid)
    except db_exc.DBDuplicateEntry as error:
        raise DuplicateName(values["name"]) from error
    except db_exc.DBDataError as error:
        raise Invalid("It holds a value that cannot be stored.") from error


def get(uuid: str, *, windows: bool = False) -> Hardware:
    """A live item with its tasks, and its windows if asked for.

    Raises:
        HardwareNotFound: there is none.
    """
    with session.reader() as db:
        return _get(db, uuid, windows=windows)


def _get(db: Session, uuid: str, *, windows: bool = False) -> Hardware:
    query = select(Hardware).where(Hardware.uuid == uuid, Hardware.deleted == 0)
    query = query.options(selectinload(Hardware.tasks))
    if windows:
        query = query.options(selectinload(Hardware.windows))
    found = db.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise HardwareNotFound(uuid)
    return found


def _locked(db: Session, uuid: str, check: Check = _anything) -> Hardware:
    """A live item that nobody else changes until this transaction ends, with its windows."""
    # An update that changes nothing takes the lock in every database, and before the first read:
    # so the read sees what the last writer left.
    seen = db.execute(
        update(Hardware)
        .where(Hardware.uuid == uuid, Hardware.deleted == 0)
        .values(uuid=uuid, updated_at=Hardware.updated_at)
        .execution_options(synchronize_session=False)
    )
    if not seen.rowcount:  # type: ignore[attr-defined]
        raise HardwareNotFound(uuid)
    hardware = _get(db, uuid, windows=True)
    check(hardware)
    return hardware


@session.retried
def change(uuid: str, decide: Callable[[Hardware], Change]) -> Hardware:
    """Change an item and its windows, and wake its workers.

    ``decide`` gets the item with its windows, which nobody else can change meanwhile. It may be
    called again after a deadlock.

    Raises:
        HardwareNotFound: it is not there any more.
        DuplicateName: another live item has the new name.
        DoniError: what ``decide`` raises; then nothing is changed.
    """
    wanted: Change | None = None
    try:
        with session.writer() as db:
            hardware = _locked(db, uuid)
            wanted = decide(hardware)
            for column, value in wanted.values.items():
                setattr(hardware, column, value)
            _change_windows(db, hardware, wanted.windows)
            known = {task.worker_type for task in hardware.tasks}
            _add_tasks(db, uuid, [name for name in wanted.workers if name not in known])
            db.flush()
            wake(db, uuid)
            return _get(db, uuid)
    except db_exc.DBDuplicateEntry as error:
        raise DuplicateName(wanted.values.get("name", "") if wanted else "") from error
    except db_exc.DBDataError as error:
        raise Invalid("It holds a value that cannot be stored.") from error


def _change_windows(db: Session, hardware: Hardware, windows: WindowChanges) -> None:
    for window in hardware.windows:
        if window.uuid in windows.change:
            window.start, window.end = windows.change[window.uuid]
    if windows.remove:
        db.execute(
            delete(AvailabilityWindow)
            .where(
                AvailabilityWindow.hardware_uuid == hardware.uuid,
                AvailabilityWindow.uuid.in_(windows.remove),
            )
            .execution_options(synchronize_session=False)
        )
    db.add_all(
        AvailabilityWindow(hardware_uuid=hardware.uuid, start=start, end=end)
        for start, end in windows.add
    )


def _add_tasks(db: Session, uuid: str, worker_types: Iterable[str]) -> None:
    db.add_all(WorkerTask(hardware_uuid=uuid, worker_type=name) for name in worker_types)
    db.flush()


def wake(db: Session, uuid: str) -> None:
    """Tell the workers of an item that there is something to do; also one that is at work now."""
    db.execute(
        update(WorkerTask)
        .where(WorkerTask.hardware_uuid == uuid)
        .values(generation=WorkerTask.generation + 1)
        .execution_options(synchronize_session=False)
    )
    db.execute(
        update(WorkerTask)
        .where(WorkerTask.hardware_uuid == uuid, WorkerTask.state != State.IN_PROGRESS.value)
        .values(state=State.PENDING.value, retry_at=None, attempts=0)
        .execution_options(synchronize_session=False)
    )


@session.retried
def sync(uuid: str, check: Check = _anything) -> None:
    """Have all workers look at an item again, unless ``check`` raises.

    Raises:
        HardwareNotFound: there is none.
    """
    with session.writer() as db:
        _locked(db, uuid, check)
        wake(db, uuid)


@session.retried
def retire(uuid: str, check: Check = _anything) -> None:
    """Mark an item as deleted, drop its windows and have the workers clean up.

    Nothing happens if ``check`` raises.

    Raises:
        HardwareNotFound: there is none.
    """
    with session.writer() as db:
        hardware = _locked(db, uuid, check)
        hardware.deleted = hardware.id
        hardware.deleted_at = _now()
        db.execute(
            delete(AvailabilityWindow)
            .where(AvailabilityWindow.hardware_uuid == uuid)
            .execution_options(synchronize_session=False)
        )
        db.flush()
        wake(db, uuid)
