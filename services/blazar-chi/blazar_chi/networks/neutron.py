"""Networks in Neutron: one is made on a segment, and removed with all that is in its way.

Each function looks at what is there, so that it can be called again after it was interrupted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import netaddr
from neutronclient.common import exceptions as neutron_ex

INTERFACES = (
    "network:router_interface",
    "network:router_interface_distributed",
    "network:ha_router_replicated_interface",
)
"""Owners of ports by which routers are connected (neutron_lib.constants)."""
OF_NEUTRON = ("network:dhcp", "network:distributed", "network:router_centralized_snat")
"""Owners of ports that Neutron itself removes, with the network or with the router's interface."""
OF_SERVERS = "compute:"
PATIENCE = 60
"""Seconds for a server to go that is being deleted."""
POLL = 2


class InUse(Exception):
    """A server is still connected."""


def on_segment(client: Any, segment: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The networks on a segment; there is one at most, unless somebody works on the database."""
    wanted = {
        "provider:network_type": segment["network_type"],
        "provider:segmentation_id": segment["segment_id"],
    }
    if segment["physical_network"]:
        wanted["provider:physical_network"] = segment["physical_network"]
    found: list[dict[str, Any]] = client.list_networks(**wanted)["networks"]
    return found


def make(
    client: Any, segment: Mapping[str, Any], project_id: str, name: str, description: str
) -> str:
    """Make a network on a segment; returns its id."""
    body = {
        "name": name,
        "description": description,
        "project_id": project_id,
        "provider:network_type": segment["network_type"],
        "provider:segmentation_id": segment["segment_id"],
    }
    if segment["physical_network"]:
        body["provider:physical_network"] = segment["physical_network"]
    made: str = client.create_network({"network": body})["network"]["id"]
    return made


def remove(client: Any, network_id: str, is_gone: Callable[[str], bool]) -> None:
    """Remove a network with its ports and subnets, and disconnect it from routers.

    ``is_gone`` says of the id of a server whether there is no such server any more.

    Raises:
        InUse: a server is connected, and stays so; nothing was removed then.
    """
    try:
        client.show_network(network_id)
    except neutron_ex.NotFound:
        return
    ports = client.list_ports(network_id=network_id)["ports"]
    for port in ports:
        if port["device_owner"].startswith(OF_SERVERS) and port["device_id"]:
            _wait_for(port["device_id"], is_gone)
    # Floating addresses go from ports before their router is disconnected.
    for port in ports:
        if port["device_owner"] not in (*INTERFACES, *OF_NEUTRON):
            _ignoring_absence(client.delete_port, port["id"])
    subnets = client.list_subnets(network_id=network_id)["subnets"]
    for port in ports:
        if port["device_owner"] in INTERFACES:
            _disconnect(client, port, subnets)
    for subnet in subnets:
        _ignoring_absence(client.delete_subnet, subnet["id"])
    _ignoring_absence(client.delete_network, network_id)


def _wait_for(server: str, is_gone: Callable[[str], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_gone(server):
        if time.monotonic() > deadline:
            raise InUse(f"server {server} is connected to it")
        time.sleep(POLL)


def _disconnect(client: Any, port: Mapping[str, Any], subnets: list[dict[str, Any]]) -> None:
    """Take a router's interface away, and first the routes that lead through it."""
    router = port["device_id"]
    try:
        routes = client.show_router(router)["router"].get("routes") or []
        ranges = [netaddr.IPNetwork(subnet["cidr"]) for subnet in subnets]
        kept = [route for route in routes if not _leads_into(route, ranges)]
        if kept != routes:
            client.update_router(router, {"router": {"routes": kept}})
        client.remove_interface_router(router, {"port_id": port["id"]})
    except neutron_ex.NotFound:
        return


def _leads_into(route: Mapping[str, str], ranges: list[netaddr.IPNetwork]) -> bool:
    return any(netaddr.IPAddress(route["nexthop"]) in each for each in ranges)


def _ignoring_absence(act: Callable[[str], Any], key: str) -> None:
    try:
        act(key)
    except neutron_ex.NotFound:
        return
