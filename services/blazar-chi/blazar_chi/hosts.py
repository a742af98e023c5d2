"""What Blazar's tables say of a node: its capabilities, and what Placement has of it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from blazar.db import api as db_api
from blazar.db.sqlalchemy import models
from blazar.manager import exceptions as manager_ex
from oslo_utils import timeutils

from blazar_chi import wishes


def is_known(hypervisor_hostname: str) -> bool:
    """Whether a node of this name is reservable."""
    return any(host["hypervisor_hostname"] == hypervisor_hostname for host in db_api.host_list())


def describe(placement: Any, host: dict[str, Any], capabilities: dict[str, Any]) -> None:
    """Store capabilities, and what placement has of the node; nothing is left when it fails."""
    try:
        for name, value in capabilities.items():
            db_api.host_extra_capability_create(
                {"computehost_id": host["id"], "property_name": name, "capability_value": value}
            )
        _inventory(placement, host)
    except Exception:
        db_api.host_destroy(host["id"])
        raise


def _inventory(placement: Any, host: dict[str, Any]) -> None:
    hostname = host["hypervisor_hostname"]
    provider = placement.get_resource_provider(hostname)
    if provider is None:
        raise manager_ex.ResourceProviderNotFound(host=hostname)
    inventories = placement.get_inventory(provider["uuid"])["inventories"]
    keys = ("total", "reserved", "min_unit", "max_unit", "step_size", "allocation_ratio")
    for resource_class, inventory in inventories.items():
        db_api.host_resource_inventory_create(
            {"computehost_id": host["id"], "resource_class": resource_class}
            | {key: inventory[key] for key in keys}
        )
    for trait in placement.get_traits(provider["uuid"]):
        db_api.host_trait_create({"computehost_id": host["id"], "trait": trait})


def forget(session: Any, host_id: str, names: list[str]) -> None:
    """Remove capabilities of a node; it need not have them.

    Raises:
        CantAddExtraCapability: a reservation has the node because of one of them.
    """
    if wanted := wanted_of(session, host_id) & set(names):
        raise manager_ex.CantAddExtraCapability(host=host_id, keys=sorted(wanted))
    for name in names:
        for capability, _ in db_api.host_extra_capability_get_all_per_name(host_id, name):
            db_api.host_extra_capability_destroy(capability["id"])


def wanted_of(session: Any, host_id: str) -> set[str]:
    """The names of properties for which reservations, now or later, took the node."""
    asked, allocation = models.ComputeHostReservation, models.ComputeHostAllocation
    rows = session.execute(
        sa.select(asked.hypervisor_properties, asked.resource_properties)
        .join(allocation, allocation.reservation_id == asked.reservation_id)
        .join(models.Reservation, models.Reservation.id == asked.reservation_id)
        .join(models.Lease, models.Lease.id == models.Reservation.lease_id)
        .where(allocation.compute_host_id == host_id, models.Lease.end_date > timeutils.utcnow())
    )
    return {text.split(" ", 1)[0] for row in rows for text in wishes.conditions(*row)}
