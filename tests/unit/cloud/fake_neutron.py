"""What Neutron would have after a plan was carried out: the plan's own arguments, with ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PROVISIONING = {
    "name": "ironic-provisioning",
    "type": "vlan",
    "physical_network": "physnet1",
    "vlan": "",
    "cidr": "10.51.0.0/24",
    "gateway": "",
    "pool_start": "",
    "pool_end": "",
}
EMPTY: dict[str, Any] = {
    "project_id": "p", "networks": [], "subnets": [], "routers": [], "router_interfaces": [],
}  # fmt: skip


def after(plan: Mapping[str, Any]) -> dict[str, Any]:
    """The state of a cloud in which everything of a plan was made."""
    todo = plan["todo"]
    networks = [
        {
            "id": f"id-of-{step['name']}", "name": step["name"], "mtu": 1500,
            "provider_segmentation_id": 200, **step["args"],
        }
        for step in todo.get("network", {}).get("make", [])
    ]  # fmt: skip
    subnets = [
        {
            "gateway_ip": "198.51.100.1", "allocation_pools": [], "dns_nameservers": [],
            "ipv6_ra_mode": None, "ipv6_address_mode": None,
            **step["args"], "id": f"id-of-{step['name']}", "name": step["name"],
            "network_id": f"id-of-{step['args']['network']}",
        }
        for step in todo.get("subnet", {}).get("make", [])
    ]  # fmt: skip
    routers, legs = [], []
    for step in todo.get("router", {}).get("make", []):
        gateway = {"network_id": f"id-of-{step['args']['network']}"}
        routers.append(
            {
                "id": "r", "name": step["name"], "is_admin_state_up": True,
                "description": step["args"]["description"], "external_gateway_info": gateway,
            }
        )  # fmt: skip
        legs = [leg("r", f"id-of-{name}") for name in step["args"]["interfaces"]]
    return {
        "project_id": "p", "networks": networks, "subnets": subnets, "routers": routers,
        "router_interfaces": legs,
    }  # fmt: skip


def port(network: str, owner: str, device: str = "d", **more: Any) -> dict[str, Any]:
    """A port in the subnet of a network, as the plan's own names have it."""
    return {
        "id": f"port-of-{device}", "network_id": f"id-of-{network}", "device_id": device,
        "device_owner": owner, "fixed_ips": [{"subnet_id": f"id-of-{network}-subnet"}], **more,
    }  # fmt: skip


def leg(router: str, subnet: str) -> dict[str, Any]:
    """A port of a router in a subnet."""
    return {
        "id": f"port-{subnet}",
        "device_id": router,
        "fixed_ips": [{"subnet_id": subnet, "ip_address": "192.0.2.1"}],
    }
