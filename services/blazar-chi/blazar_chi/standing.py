"""How nodes and reservations stand, in one answer: what Nova's scheduler asks for."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from blazar import status
from blazar.db.sqlalchemy import models
from blazar.plugins import oshosts
from oslo_utils import timeutils

ENDING = (status.lease.TERMINATING, status.lease.TERMINATED, status.lease.DELETING)


def of(session: Any, reservation_ids: list[str]) -> dict[str, Any]:
    """The names of all nodes that Blazar lends, and those reservations of nodes that there are.

    A node's name is the one that Nova has for it: the uuid in Ironic. A reservation is ``active``
    from its start until its end, or until its servers are being deleted before that.
    """
    nodes = session.scalars(sa.select(models.ComputeHost.hypervisor_hostname))
    return {
        "nodes": sorted(filter(None, nodes)),
        "reservations": _reservations(session, reservation_ids),
    }


def _reservations(session: Any, reservation_ids: list[str]) -> dict[str, dict[str, Any]]:
    if not reservation_ids:
        return {}
    columns = (
        models.Reservation.id,
        models.Reservation.status,
        models.Lease.status.label("lease_status"),
        models.Lease.project_id,
        models.Lease.start_date,
        models.Lease.end_date,
    )
    rows = session.execute(
        sa.select(*columns)
        .join(models.Lease, models.Lease.id == models.Reservation.lease_id)
        .where(models.Reservation.id.in_(reservation_ids))
        .where(models.Reservation.resource_type == oshosts.RESOURCE_TYPE)
    )
    found = {
        row.id: {
            "active": _runs(row),
            "status": row.status,
            "project_id": row.project_id,
            "start_date": row.start_date.isoformat(" "),
            "end_date": row.end_date.isoformat(" "),
            "nodes": [],
        }
        for row in rows
    }
    allotted = session.execute(
        sa.select(
            models.ComputeHostAllocation.reservation_id, models.ComputeHost.hypervisor_hostname
        )
        .join(
            models.ComputeHost,
            models.ComputeHost.id == models.ComputeHostAllocation.compute_host_id,
        )
        .where(models.ComputeHostAllocation.reservation_id.in_(found))
    )
    for reservation_id, node in allotted:
        found[reservation_id]["nodes"].append(node)
    return found


def _runs(row: Any) -> bool:
    # After an end that failed the status says nothing, and the node may be somebody else's.
    if not row.start_date <= timeutils.utcnow() < row.end_date:
        return False
    return row.status == status.reservation.ACTIVE and row.lease_status not in ENDING
