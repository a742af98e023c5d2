"""The rows of reservations of networks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from blazar.db.sqlalchemy import facade_wrapper

from blazar_chi.networks.models import NetworkReservation, SegmentAllocation

ASKED = (
    "network_name",
    "network_description",
    "network_properties",
    "resource_properties",
    "before_end",
)


def create(session: Any, reservation_id: str, values: Mapping[str, Any]) -> str:
    """Note what a reservation asks for; returns the id of the record."""
    made = NetworkReservation(
        reservation_id=reservation_id, **{name: values[name] for name in ASKED}
    )
    session.add(made)
    session.flush()
    key: str = made.id
    return key


def get(session: Any, key: str) -> dict[str, Any]:
    """The record of this id."""
    table = NetworkReservation.__table__
    row = session.execute(sa.select(table).where(table.c.id == key)).one()
    return dict(row._mapping)


def asked(values: Mapping[str, Any]) -> dict[str, Any]:
    """What of some values a record has."""
    return {name: values[name] for name in ASKED if name in values}


def update(session: Any, key: str, values: Mapping[str, Any]) -> None:
    """Change a record."""
    if values:
        session.execute(
            sa.update(NetworkReservation).where(NetworkReservation.id == key).values(**values)
        )


def note(key: str, **values: Any) -> None:
    """Write down at once what became of the network of a reservation."""
    with facade_wrapper.session_for_write() as session:
        update(session, key, values)


def allotted(session: Any, reservation_id: str) -> str | None:
    """The id of the segment that a reservation has."""
    found: str | None = session.scalars(
        sa.select(SegmentAllocation.segment_key).where(
            SegmentAllocation.reservation_id == reservation_id
        )
    ).first()
    return found


def allot(session: Any, reservation_id: str, segment: str) -> None:
    """Give a reservation a segment, in place of one that it has."""
    _give_back(session, reservation_id)
    session.add(SegmentAllocation(reservation_id=reservation_id, segment_key=segment))
    session.flush()


def give_back(reservation_id: str) -> None:
    """Take the segment of a reservation away."""
    with facade_wrapper.session_for_write() as session:
        _give_back(session, reservation_id)


def _give_back(session: Any, reservation_id: str) -> None:
    session.execute(
        sa.delete(SegmentAllocation).where(SegmentAllocation.reservation_id == reservation_id)
    )
