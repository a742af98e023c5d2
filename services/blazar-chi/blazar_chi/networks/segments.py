"""The segments that leases may have, as an admin lists, makes, changes and removes them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from blazar.db.sqlalchemy import api as db
from blazar.db.sqlalchemy import facade_wrapper
from blazar.db.sqlalchemy import models as blazar_models
from blazar.manager import exceptions as manager_ex
from oslo_db import exception as db_errors
from oslo_utils import timeutils

from blazar_chi import allotment, wishes
from blazar_chi.networks import RESOURCE_TYPE, errors
from blazar_chi.networks.models import (
    NetworkReservation,
    Segment,
    SegmentAllocation,
    SegmentCapability,
)

SEGMENTS = allotment.Kind(Segment, SegmentCapability.segment_key, SegmentAllocation.segment_key)
IDENTITY = ("network_type", "physical_network", "segment_id")
LONGEST_CAPABILITY = 64
LARGEST = {"vlan": 4094, "vxlan": 2**24 - 1, "geneve": 2**24 - 1, "gre": 2**32 - 1}
"""The types of segments, and the largest id of each (IEEE 802.1Q, RFC 7348, 8926, 2890)."""


def listed() -> list[dict[str, Any]]:
    """Every segment with its capabilities."""
    with facade_wrapper.session_for_read() as session:
        found = allotment.described(session, SEGMENTS)
    return [_shown(segment) for segment in found.values()]


def get(key: str) -> dict[str, Any]:
    """One segment with its capabilities.

    Raises:
        NetworkNotFound: there is none of this id.
    """
    with facade_wrapper.session_for_read() as session:
        found = allotment.described(session, SEGMENTS).get(key)
    if found is None:
        raise errors.NetworkNotFound(network=key)
    return _shown(found)


def _shown(segment: Mapping[str, Any]) -> dict[str, Any]:
    return allotment.shown(segment) | {"physical_network": segment["physical_network"] or None}


def create(values: Mapping[str, Any]) -> dict[str, Any]:
    """Make a segment reservable. What is not its identity are its capabilities.

    Raises:
        MissingParameter: type or id are not given.
        MalformedParameter: they cannot be.
        NetworkAlreadyExists: it is known already.
        ExtraCapabilityTooLong: the name of a capability is too long.
    """
    identity = _identity({key: values.get(key) for key in IDENTITY})
    capabilities = {key: value for key, value in values.items() if key not in IDENTITY}
    _check_names(capabilities)
    try:
        with facade_wrapper.session_for_write() as session:
            segment = Segment(**identity)
            session.add(segment)
            session.flush()
            _describe(session, segment.id, capabilities)
    except db_errors.DBDuplicateEntry:
        raise errors.NetworkAlreadyExists() from None
    return get(segment.id)


def update(key: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Change a segment; a capability of None is removed.

    Raises:
        NetworkNotFound: there is none of this id.
        CantUpdateNetwork: it is reserved, or reserved because of what is to be changed.
        MalformedParameter: the new values cannot be.
        NetworkAlreadyExists: it would become another one.
    """
    capabilities = {name: value for name, value in values.items() if name not in IDENTITY}
    _check_names(capabilities)
    try:
        with facade_wrapper.session_for_write() as session:
            allotment.claim(session, SEGMENTS)
            before = get(key)
            identity = _identity({name: values.get(name, before[name]) for name in IDENTITY})
            moved = [name for name in IDENTITY if identity[name] != (before[name] or "")]
            fixed = _wanted_of(session, key) & set(capabilities)
            fixed |= set(moved) if _allotted(session, key) else set()
            if fixed:
                raise errors.CantUpdateNetwork(network=key, keys=", ".join(sorted(fixed)))
            session.execute(sa.update(Segment).where(Segment.id == key).values(**identity))
            _describe(session, key, capabilities)
    except db_errors.DBDuplicateEntry:
        raise errors.NetworkAlreadyExists() from None
    return get(key)


def delete(key: str) -> None:
    """Forget a segment.

    Raises:
        NetworkNotFound: there is none of this id.
        CantDeleteNetwork: it is reserved.
    """
    get(key)
    with facade_wrapper.session_for_write() as session:
        allotment.claim(session, SEGMENTS)
        if _allotted(session, key):
            raise errors.CantDeleteNetwork(network=key, msg="The network is reserved.")
        # SQLite does not cascade.
        for table, column in ((SegmentCapability, "segment_key"), (Segment, "id")):
            session.execute(sa.delete(table).where(getattr(table, column) == key))


def allocations(
    keys: Collection[str], lease_id: str | None = None, reservation_id: str | None = None
) -> dict[str, list[dict[str, Any]]]:
    """The reservations that have each of these segments, now or later."""
    query = (
        sa.select(
            SegmentAllocation.segment_key,
            blazar_models.Reservation.id,
            blazar_models.Reservation.lease_id,
            blazar_models.Lease.start_date,
            blazar_models.Lease.end_date,
        )
        .join(
            blazar_models.Reservation,
            blazar_models.Reservation.id == SegmentAllocation.reservation_id,
        )
        .join(blazar_models.Lease, blazar_models.Lease.id == blazar_models.Reservation.lease_id)
        .where(SegmentAllocation.segment_key.in_(keys))
    )
    if lease_id:
        query = query.where(blazar_models.Lease.id == lease_id)
    if reservation_id:
        query = query.where(blazar_models.Reservation.id == reservation_id)
    if not (lease_id or reservation_id):
        query = query.where(blazar_models.Lease.end_date >= timeutils.utcnow())
    found: dict[str, list[dict[str, Any]]] = defaultdict(list, {key: [] for key in keys})
    with facade_wrapper.session_for_read() as session:
        for key, *values in session.execute(query):
            names = ("id", "lease_id", "start_date", "end_date")
            found[key].append(dict(zip(names, values, strict=True)))
    return dict(found)


def _identity(values: Mapping[str, Any]) -> dict[str, Any]:
    network_type, physical, segment = (values[name] for name in IDENTITY)
    for name in ("network_type", "segment_id"):
        if values[name] in (None, ""):
            raise manager_ex.MissingParameter(param=name)
    if network_type not in LARGEST:
        raise manager_ex.MalformedParameter(param=f"network_type {network_type}")
    if network_type == "vlan" and not physical:
        raise manager_ex.MissingParameter(param="physical_network")
    if network_type != "vlan" and physical:
        raise manager_ex.MalformedParameter(param="physical_network: only VLANs have one")
    try:
        number = int(str(segment))
    except ValueError:
        number = 0
    if not 1 <= number <= LARGEST[network_type]:
        raise manager_ex.MalformedParameter(param=f"segment_id {segment}")
    return dict(zip(IDENTITY, (network_type, physical or "", number), strict=True))


def _check_names(capabilities: Mapping[str, Any]) -> None:
    if any(len(name) > LONGEST_CAPABILITY for name in capabilities):
        raise manager_ex.ExtraCapabilityTooLong()


def _describe(session: Any, key: str, capabilities: Mapping[str, Any]) -> None:
    for name, value in capabilities.items():
        known = db.resource_property_get_or_create(RESOURCE_TYPE, name)
        session.execute(
            sa.delete(SegmentCapability).where(
                SegmentCapability.segment_key == key, SegmentCapability.property_id == known.id
            )
        )
        if value is not None:
            session.add(
                SegmentCapability(
                    segment_key=key, property_id=known.id, capability_value=str(value)
                )
            )
    session.flush()


def _allotted(session: Any, key: str) -> bool:
    query = sa.select(SegmentAllocation.id).where(SegmentAllocation.segment_key == key)
    return session.scalars(query).first() is not None


def _wanted_of(session: Any, key: str) -> set[str]:
    """The names of properties for which reservations took the segment."""
    rows = session.execute(
        sa.select(NetworkReservation.network_properties, NetworkReservation.resource_properties)
        .join(
            SegmentAllocation, SegmentAllocation.reservation_id == NetworkReservation.reservation_id
        )
        .where(SegmentAllocation.segment_key == key)
    )
    return {text.split(" ", 1)[0] for row in rows for text in wishes.conditions(*row)}
