"""The windows of many items, in one query however many there are."""

from __future__ import annotations

import datetime
from typing import NamedTuple

from sqlalchemy import select

from doni.db import session
from doni.db.models import AvailabilityWindow, Hardware


class ListedWindow(NamedTuple):
    """A window in a list; times are UTC without time zone."""

    uuid: str
    hardware_uuid: str
    created_at: datetime.datetime | None
    updated_at: datetime.datetime | None
    start: datetime.datetime | None
    end: datetime.datetime | None


def of_project(project_id: str | None) -> list[ListedWindow]:
    """The windows of the live items of a project, of all if None; each item's in their order."""
    query = (
        select(
            AvailabilityWindow.uuid,
            AvailabilityWindow.hardware_uuid,
            AvailabilityWindow.created_at,
            AvailabilityWindow.updated_at,
            AvailabilityWindow.start,
            AvailabilityWindow.end,
        )
        .join(Hardware, Hardware.uuid == AvailabilityWindow.hardware_uuid)
        .where(Hardware.deleted == 0)
        .order_by(Hardware.id, AvailabilityWindow.start, AvailabilityWindow.id)
    )
    if project_id is not None:
        query = query.where(Hardware.project_id == project_id)
    with session.reader() as db:
        return [ListedWindow(*row) for row in db.execute(query)]
