"""The worker for bare-metal nodes: Blazar's hosts."""

from __future__ import annotations

from typing import Any

from oslo_utils import uuidutils

from doni.workers.base import Item
from doni.workers.blazar import capabilities
from doni.workers.blazar.calendar import Kind
from doni.workers.blazar.resource import ResourceWorker

RESERVATION = {"hypervisor_properties": None}
"""What a reservation of a host holds besides."""


class PhysicalHostWorker(ResourceWorker):
    """Makes nodes reservable. Nova calls them, hence Blazar too, by the uuid of the item."""

    kind = Kind("host", "hosts", "/os-hosts", "physical:host", RESERVATION)
    names = frozenset(
        {
            "uid",
            "node_name",
            "node_type",
            "cpu_arch",
            "su_factor",
            "placement.node",
            "placement.rack",
            capabilities.AUTHORIZED,
            capabilities.REASON,
        }
    )

    def key(self, item: Item) -> str:
        return item.uuid

    def described(self, item: Item) -> dict[str, Any]:
        properties = item.properties
        placement = properties.get("placement") or {}
        return {
            # Leases of windows ask for it.
            "uid": item.uuid,
            "node_name": item.name,
            "node_type": properties.get("node_type"),
            "cpu_arch": properties.get("cpu_arch"),
            "su_factor": properties.get("su_factor"),
            "placement.node": placement.get("node"),
            "placement.rack": placement.get("rack"),
        }

    def matches(self, resource: dict[str, Any], item: Item) -> bool:
        return resource.get("hypervisor_hostname") == item.uuid

    def imported(self, resource: dict[str, Any]) -> dict[str, Any] | None:
        uuid = resource.get("hypervisor_hostname")
        if not uuidutils.is_uuid_like(uuid):
            return None
        properties = {
            "node_type": resource.get("node_type"),
            "cpu_arch": resource.get("cpu_arch"),
            "su_factor": _number(resource.get("su_factor")),
            "placement": {
                name: resource[f"placement.{name}"]
                for name in ("node", "rack")
                if resource.get(f"placement.{name}")
            },
            "authorized_projects": _projects(resource.get(capabilities.AUTHORIZED)),
            "authorized_projects_reason": resource.get(capabilities.REASON),
        }
        return {
            "uuid": uuid,
            # Without one, what Ironic says is better than the uuid.
            "name": resource.get("node_name") or None,
            "properties": {
                name: value for name, value in properties.items() if value not in (None, "", {}, [])
            },
            "state_details": {
                "blazar_resource_id": str(resource["id"]),
                "resource_created_at": resource.get("created_at"),
            },
        }


def _number(text: Any) -> float | None:
    try:
        return float(text)
    except (TypeError, ValueError):
        return None


def _projects(text: str | None) -> list[str]:
    return [name for name in (text or "").split(",") if name and name != capabilities.ANYBODY]
