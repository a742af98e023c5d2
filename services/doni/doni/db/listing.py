"""Many items at once, with their tasks, in two queries however many there are."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, asc, desc, func, or_, select
from sqlalchemy.orm import Session

from doni.db import session
from doni.db.models import Hardware, WorkerTask
from doni.exceptions import NotFound

_BEFORE_ALL = datetime.datetime(1000, 1, 1)

SORT_KEYS: dict[str, ColumnElement[Any]] = {
    "created_at": func.coalesce(Hardware.created_at, _BEFORE_ALL),
    "hardware_type": Hardware.hardware_type.expression,
    "id": Hardware.id.expression,
    "name": Hardware.name.expression,
    "project_id": Hardware.project_id.expression,
    "updated_at": func.coalesce(Hardware.updated_at, _BEFORE_ALL),
    "uuid": Hardware.uuid.expression,
}
"""By what a list may be sorted; ``id`` is the order of enrolment."""


class ListedTask(NamedTuple):
    """What a list tells of a task."""

    worker_type: str
    state: str
    state_details: dict[str, Any]
    observed_state: dict[str, Any] | None


@dataclass(slots=True)
class Listed:
    """An item of a list."""

    uuid: str
    created_at: datetime.datetime | None
    updated_at: datetime.datetime | None
    name: str
    project_id: str
    hardware_type: str
    properties: dict[str, Any]
    tasks: list[ListedTask] = field(default_factory=list)


_COLUMNS = (
    Hardware.uuid,
    Hardware.created_at,
    Hardware.updated_at,
    Hardware.name,
    Hardware.project_id,
    Hardware.hardware_type,
    Hardware.properties,
)


@dataclass(frozen=True)
class Wanted:
    """Which items, and in which order. ``limit`` 0 is all of them."""

    project_id: str | None = None
    limit: int = 0
    marker: str | None = None
    sort_key: str = "id"
    descending: bool = False
    tasks: bool = True


def page(wanted: Wanted) -> list[Listed]:
    """Live items with their tasks, each item's in alphabetical order.

    Raises:
        NotFound: there is no item with the uuid of the marker.
    """
    with session.reader() as db:
        chosen = _chosen(db, wanted, *_COLUMNS)
        items = [Listed(*row) for row in db.execute(chosen)]
        if wanted.tasks and items:
            _add_tasks(db, wanted, items)
    return items


def _add_tasks(db: Session, wanted: Wanted, items: list[Listed]) -> None:
    by_uuid = {item.uuid: item for item in items}
    chosen = _chosen(db, wanted, Hardware.uuid).subquery()
    query = (
        select(
            WorkerTask.hardware_uuid,
            WorkerTask.worker_type,
            WorkerTask.state,
            WorkerTask.state_details,
            WorkerTask.observed_state,
        )
        .join(chosen, chosen.c.uuid == WorkerTask.hardware_uuid)
        .order_by(WorkerTask.worker_type)
    )
    for uuid, *task in db.execute(query):
        if uuid in by_uuid:
            by_uuid[uuid].tasks.append(ListedTask(*task))


def _live(wanted: Wanted, *columns: Any) -> Select[Any]:
    query = select(*columns).where(Hardware.deleted == 0)
    if wanted.project_id is not None:
        query = query.where(Hardware.project_id == wanted.project_id)
    return query


def _chosen(db: Session, wanted: Wanted, *columns: Any) -> Select[Any]:
    key = SORT_KEYS[wanted.sort_key]
    order = desc if wanted.descending else asc
    query = _live(wanted, *columns).order_by(order(key), order(Hardware.id))
    if wanted.marker is not None:
        query = query.where(_after(db, wanted, key))
    return query.limit(wanted.limit) if wanted.limit else query


def _after(db: Session, wanted: Wanted, key: ColumnElement[Any]) -> ColumnElement[bool]:
    found = db.execute(
        _live(wanted, key, Hardware.id).where(Hardware.uuid == wanted.marker)
    ).first()
    if found is None:
        raise NotFound("There is no hardware with the uuid that marker gives.")
    value, row = found
    if wanted.descending:
        return or_(key < value, and_(key == value, Hardware.id < row))
    return or_(key > value, and_(key == value, Hardware.id > row))
