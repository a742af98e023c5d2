"""Items for nodes that Ironic has already."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from doni.workers.client import Client
from doni.workers.ironic import capabilities, drivers

PAGE = 500


def items(client: Client) -> list[dict[str, Any]]:
    """``uuid``, ``name`` and ``properties`` of each node whose driver is known.

    Ironic shows no passwords, so that those are not among the properties; the nodes keep them.

    Raises:
        WorkerError: Ironic does not tell.
    """
    ports = defaultdict(list)
    for port in _all(client, "ports"):
        ports[port["node_uuid"]].append(port)
    known = {"ipmi", "redfish", "fake-hardware"}
    return [
        {
            "uuid": node["uuid"],
            "name": node.get("name") or node["uuid"],
            "properties": _properties(node, ports[node["uuid"]]),
        }
        for node in _all(client, "nodes")
        if node["driver"] in known
    ]


def _all(client: Client, kind: str) -> list[dict[str, Any]]:
    """Every node or port, page by page."""
    found: list[dict[str, Any]] = []
    params = {"detail": "True", "limit": str(PAGE)}
    while True:
        page = client.get(f"/{kind}", params=params)
        found.extend(page[kind])
        if not page.get("next") or not page[kind]:
            return found
        params["marker"] = found[-1]["uuid"]


def _properties(node: dict[str, Any], ports: list[dict[str, Any]]) -> dict[str, Any]:
    info = node.get("driver_info") or {}
    described = node.get("properties") or {}
    known = capabilities.parsed(described.get("capabilities"))
    ours = {name: value for name, value in known.items() if name in capabilities.KNOWN}
    more = {name: value for name, value in known.items() if name not in capabilities.KNOWN}
    found = {
        "management_address": info.get("ipmi_address") or _host(info.get("redfish_address")),
        "cpu_arch": described.get("cpu_arch"),
        "interfaces": [_interface(port, place) for place, port in enumerate(ports)],
        "baremetal_driver": node["driver"],
        "baremetal_resource_class": node.get("resource_class"),
        "baremetal_deploy_kernel_image": info.get("deploy_kernel"),
        "baremetal_deploy_ramdisk_image": info.get("deploy_ramdisk"),
        "baremetal_capabilities": ours,
        "extra_capabilities": more,
        "traits": node.get("traits"),
    }
    for key in drivers.KEYS:
        if key.startswith(("ipmi_", "redfish_")) and key not in drivers.SECRET:
            found[key] = info.get(key)
    del found["ipmi_address"]
    for key in ("ipmi_port", "ipmi_terminal_port"):
        # Ironic takes numbers as texts too.
        if found[key] is not None:
            found[key] = int(found[key])
    return {key: value for key, value in found.items() if value not in (None, {}, [])}


def _host(url: str | None) -> str | None:
    """The host in the URL of a Redfish service."""
    if not url:
        return None
    rest = url.partition("://")[2] or url
    if rest.startswith("["):
        return rest[1:].partition("]")[0]
    return rest.partition("/")[0].partition(":")[0]


def _interface(port: dict[str, Any], place: int) -> dict[str, Any]:
    link = port.get("local_link_connection") or {}
    found = {
        "name": (port.get("extra") or {}).get("name") or f"port{place}",
        "mac_address": port["address"],
        "switch_id": link.get("switch_id"),
        "switch_port_id": link.get("port_id"),
        "switch_info": link.get("switch_info"),
        "physical_network": port.get("physical_network"),
        "pxe_enabled": port.get("pxe_enabled"),
    }
    return {key: value for key, value in found.items() if value is not None}
