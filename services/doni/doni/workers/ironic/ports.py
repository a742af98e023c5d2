"""The ports of a node: one for each interface that is enabled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from doni.workers.base import WorkerError
from doni.workers.client import Client, ServiceError

CONNECTION = ("local_link_connection", "physical_network", "pxe_enabled")
"""What Ironic changes only while nobody relies on the node."""


@dataclass(frozen=True)
class Plan:
    """What is to be done: bodies of ports to make, patches by id of port, ids of surplus ones."""

    create: list[dict[str, Any]] = field(default_factory=list)
    change: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    delete: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.create or self.change or self.delete)

    @property
    def needs_rest(self) -> bool:
        """Whether Ironic refuses it while the node is available or in use."""
        patches = (patch for patches in self.change.values() for patch in patches)
        return any(patch["path"].lstrip("/") in CONNECTION for patch in patches)


def plan(node_uuid: str, interfaces: list[dict[str, Any]], present: list[dict[str, Any]]) -> Plan:
    """How the ports that are ``present`` become those of ``interfaces``.

    Ports are matched by MAC address.
    """
    wanted = {port["address"]: port for port in map(_port, interfaces) if port}
    found = Plan()
    for port in present:
        wish = wanted.pop(port["address"].lower(), None)
        if wish is None:
            found.delete.append(port["uuid"])
        elif patch := _patch(port, wish):
            found.change[port["uuid"]] = patch
    found.create.extend({"node_uuid": node_uuid, **port} for port in wanted.values())
    return found


def _port(interface: dict[str, Any]) -> dict[str, Any] | None:
    """The port of an interface; None if it shall have none."""
    if interface.get("enabled") is False:
        return None
    port: dict[str, Any] = {
        "address": str(interface["mac_address"]).lower().replace("-", ":"),
        "extra": {"name": interface["name"]},
        "local_link_connection": _link(interface),
        "pxe_enabled": interface.get("pxe_enabled", True) is not False,
    }
    if interface.get("physical_network"):
        port["physical_network"] = interface["physical_network"]
    return port


def _link(interface: dict[str, Any]) -> dict[str, Any]:
    """Where the cable goes; empty unless both the switch and its port are known."""
    if not interface.get("switch_id") or not interface.get("switch_port_id"):
        return {}
    link = {"switch_id": interface["switch_id"], "port_id": interface["switch_port_id"]}
    if interface.get("switch_info"):
        link["switch_info"] = interface["switch_info"]
    return link


def _patch(port: dict[str, Any], wish: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    extra = port.get("extra") or {}
    if extra.get("name") != wish["extra"]["name"]:
        found.append({"op": "add", "path": "/extra/name", "value": wish["extra"]["name"]})
    for key in CONNECTION:
        present, value = port.get(key), wish.get(key)
        if (present or None) == (value or None):
            continue
        if value is None:
            found.append({"op": "remove", "path": f"/{key}"})
        else:
            found.append({"op": "add", "path": f"/{key}", "value": value})
    return found


def listed(client: Client, node_uuid: str) -> list[dict[str, Any]]:
    """The ports of a node.

    Raises:
        WorkerError: Ironic does not tell.
    """
    found = client.get("/ports", params={"node": node_uuid, "detail": "True"})
    ports: list[dict[str, Any]] = found["ports"]
    return ports


def carry_out(client: Client, todo: Plan) -> None:
    """Delete, change and make ports, in this order: a name may move to another address.

    Raises:
        WorkerError: Ironic refuses, for instance since another node has the MAC address.
    """
    for uuid in todo.delete:
        client.request("DELETE", f"/ports/{uuid}", allow=(404,))
    for uuid, patch in todo.change.items():
        client.request("PATCH", f"/ports/{uuid}", json=patch)
    for port in todo.create:
        _create(client, port)


def _create(client: Client, port: dict[str, Any]) -> None:
    try:
        client.request("POST", "/ports", json=port)
    except ServiceError as error:
        if error.status == 409 and "already exists" in error.text:
            raise WorkerError(
                f"Another node in Ironic has a port with the MAC address {port['address']}"
            ) from error
        raise
