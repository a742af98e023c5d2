"""Which resources suit a reservation and are free: the same question for nodes and for networks.

Blazar's own helpers load each host with all that belongs to it, and look at one after the other.
Here each question is one query. And Blazar does not keep two requests from taking the same
resource at once; ``claim`` does.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from blazar.db.sqlalchemy import models
from oslo_config import cfg
from oslo_utils import timeutils

from blazar_chi import service_project, wishes

CONF = cfg.CONF
CONF.import_opt("cleaning_time", "blazar.config")

Dates = tuple[datetime.datetime, datetime.datetime]
"""The start and the end of a lease."""


@dataclass(frozen=True)
class Kind:
    """The tables of a kind of resource."""

    resource: Any
    """The model of the resource itself."""
    described: Any
    """The column of its capabilities' table that says whose they are."""
    allotted: Any
    """The column of its allocations' table that says what is allotted."""


NODES = Kind(
    models.ComputeHost,
    models.ComputeHostExtraCapability.computehost_id,
    models.ComputeHostAllocation.compute_host_id,
)


def described(session: Any, kind: Kind) -> dict[str, dict[str, Any]]:
    """Each resource by its id: its columns, and its capabilities."""
    table = kind.resource.__table__
    found = {
        row.id: dict(row._mapping) for row in session.execute(sa.select(table).order_by(table.c.id))
    }
    capability = kind.described.class_
    rows = session.execute(
        sa.select(
            kind.described, models.ResourceProperty.property_name, capability.capability_value
        ).join(models.ResourceProperty, models.ResourceProperty.id == capability.property_id)
    )
    for owner, name, value in rows:
        # A capability cannot pretend to be what Blazar itself knows.
        found[owner].setdefault(name, value)
    return found


def shown(resource: Mapping[str, Any]) -> dict[str, Any]:
    """A resource as the API shows it."""
    return {
        key: value.isoformat(" ") if isinstance(value, datetime.datetime) else value
        for key, value in resource.items()
    }


def suitable(session: Any, kind: Kind, wanted: list[str], project_id: str | None) -> list[str]:
    """Ids of resources that meet the conditions and that the project may reserve.

    Blazar's own project may reserve all: there is no maintenance without.
    """
    return [
        key
        for key, resource in described(session, kind).items()
        if wishes.fits(resource, wanted)
        and (wishes.allows(resource, project_id) or project_id == service_project.own())
    ]


def own_reservation(session: Any, values: Mapping[str, Any], project_id: str | None) -> str | None:
    """The id of the reservation of a project that these values are of, if there is one.

    The manager also hands on what users write, of which an id may be somebody else's.
    """
    key, lease_id = values.get("id"), values.get("lease_id")
    if not isinstance(key, str) or not isinstance(lease_id, str):
        return None
    found: str | None = session.scalars(
        sa.select(models.Reservation.id)
        .join(models.Lease, models.Lease.id == models.Reservation.lease_id)
        .where(models.Reservation.id == key, models.Lease.id == lease_id)
        .where(models.Lease.project_id == project_id)
    ).first()
    return found


def claim(session: Any, kind: Kind) -> None:
    """Make other requests for this kind of resource wait until this transaction is over.

    It must be the first statement: what a transaction reads is as of its first reading.
    """
    table = kind.resource.__table__
    session.execute(sa.update(table).values(updated_at=table.c.updated_at))


def taken(
    session: Any,
    kind: Kind,
    start: datetime.datetime,
    end: datetime.datetime,
    other_than: str | None = None,
) -> set[str]:
    """Ids of resources that reservations have in that time; one reservation may be left out."""
    query = _allotted(kind).where(models.Lease.start_date < end, models.Lease.end_date > start)
    if other_than is not None:
        query = query.where(models.Reservation.id != other_than)
    return set(session.scalars(query))


def free(
    session: Any,
    kind: Kind,
    keys: Collection[str],
    start: datetime.datetime,
    end: datetime.datetime,
    other_than: str | None = None,
) -> list[str]:
    """Those of the resources that are free in that time, and for cleaning before and after it.

    Resources that no reservation has at any time come first.
    """
    busy = taken(session, kind, start - _cleaning(), end + _cleaning(), other_than)
    now = timeutils.utcnow()
    if start <= now:
        # What is over has given its resources back, unless that takes time, or failed.
        busy |= set(session.scalars(_allotted(kind).where(models.Lease.end_date <= now)))
    ever = set(session.scalars(_allotted(kind)))
    return sorted((key for key in keys if key not in busy), key=lambda key: key in ever)


def to_keep(before: Dates, after: Dates) -> Dates:
    """When a resource must be nobody else's for a reservation to keep it on other dates.

    There is no cleaning at an edge that stays, or that moves to where the reservation was before.
    """
    start, end = after
    return (
        start if before[0] <= start < before[1] else start - _cleaning(),
        end if before[0] < end <= before[1] else end + _cleaning(),
    )


def _cleaning() -> datetime.timedelta:
    return datetime.timedelta(minutes=CONF.cleaning_time)


def _allotted(kind: Kind) -> sa.Select[tuple[str]]:
    return (
        sa.select(kind.allotted)
        .join(models.Reservation, models.Reservation.id == kind.allotted.class_.reservation_id)
        .join(models.Lease, models.Lease.id == models.Reservation.lease_id)
    )
