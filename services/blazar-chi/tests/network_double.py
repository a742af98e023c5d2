"""A double of Neutron that refuses what Neutron refuses: what is in use cannot be deleted."""

from __future__ import annotations

import uuid
from typing import Any

import flask

ROOT = "/network/v2.0"
SEGMENT = ("provider:network_type", "provider:physical_network", "provider:segmentation_id")
INTERFACE = "network:router_interface"


class Network:
    """Networks, subnets, ports and routers; ``log`` has what was made and deleted, in order."""

    def __init__(self, app: flask.Flask) -> None:
        self.kinds: dict[str, dict[str, dict[str, Any]]] = {
            kind: {} for kind in ("networks", "subnets", "ports", "routers")
        }
        self.log: list[str] = []
        self.deaf_after: int | None = None
        app.get(f"{ROOT}/<kind>")(self._list)
        app.get(f"{ROOT}/<kind>/<key>")(self._show_item)
        app.post(f"{ROOT}/<kind>")(self._create)
        app.put(f"{ROOT}/routers/<key>")(self._update_router)
        app.put(f"{ROOT}/routers/<key>/remove_router_interface")(self._remove_interface)
        app.delete(f"{ROOT}/<kind>/<key>")(self._delete_item)

    def add(self, kind: str, **values: Any) -> str:
        """Something that is there."""
        key = str(uuid.uuid4())
        self.kinds[kind][key] = {"id": key, **values}
        return key

    def interface(self, network: str, subnet: str, router: str) -> str:
        """A port by which a router is connected to a network."""
        fixed = [{"subnet_id": subnet, "ip_address": "10.0.0.1"}]
        values = {"device_owner": INTERFACE, "device_id": router, "fixed_ips": fixed}
        return self.add("ports", network_id=network, **values)

    def _used(self, kind: str, key: str) -> bool:
        ports = self.kinds["ports"].values()
        if kind == "networks":
            mine = [port for port in ports if port["network_id"] == key]
            return any(port["device_owner"] != "network:dhcp" for port in mine)
        if kind == "subnets":
            return any(
                fixed["subnet_id"] == key
                for port in ports
                if port["device_owner"] != "network:dhcp"
                for fixed in port.get("fixed_ips", ())
            )
        return kind == "ports" and self.kinds["ports"][key]["device_owner"] == INTERFACE

    def _write(self, what: str) -> None:
        if self.deaf_after == 0:
            flask.abort(503)
        if self.deaf_after is not None:
            self.deaf_after -= 1
        self.log.append(what)

    def _list(self, kind: str) -> Any:
        wanted = flask.request.args.to_dict()
        found = [
            item
            for item in self.kinds[kind].values()
            if all(str(item.get(key)) == value for key, value in wanted.items())
        ]
        return {kind: found}

    def _show_item(self, kind: str, key: str) -> Any:
        if key not in self.kinds[kind]:
            return _error("NotFound", 404)
        return {kind[:-1]: self.kinds[kind][key]}

    def _create(self, kind: str) -> Any:
        body = flask.request.json[kind[:-1]]
        segment = [body.get(name) for name in SEGMENT]
        if any(
            [item.get(name) for name in SEGMENT] == segment for item in self.kinds[kind].values()
        ):
            return _error("VlanIdInUse", 409)
        self._write(f"POST {kind}")
        key = self.add(kind, **body)
        return {kind[:-1]: self.kinds[kind][key]}, 201

    def _update_router(self, key: str) -> Any:
        self._write("PUT routers")
        self.kinds["routers"][key].update(flask.request.json["router"])
        return {"router": self.kinds["routers"][key]}

    def _remove_interface(self, key: str) -> Any:
        port = flask.request.json["port_id"]
        gateways = {fixed["ip_address"] for fixed in self.kinds["ports"][port]["fixed_ips"]}
        routes = self.kinds["routers"][key].get("routes", [])
        if any(_same_range(route["nexthop"], gateway) for route in routes for gateway in gateways):
            return _error("RouterInterfaceInUseByRoute", 409)
        self._write("PUT routers/remove_router_interface")
        del self.kinds["ports"][port]
        return {}

    def _delete_item(self, kind: str, key: str) -> Any:
        if key not in self.kinds[kind]:
            return _error("NotFound", 404)
        if self._used(kind, key):
            return _error("Conflict", 409)
        self._write(f"DELETE {kind}")
        del self.kinds[kind][key]
        if kind == "networks":
            for name in ("subnets", "ports"):
                items = self.kinds[name]
                for item in [k for k, v in items.items() if v["network_id"] == key]:
                    del items[item]
        return "", 204


def _same_range(one: str, other: str) -> bool:
    return one.rpartition(".")[0] == other.rpartition(".")[0]


def _error(kind: str, status: int) -> Any:
    return {"NeutronError": {"type": kind, "message": kind, "detail": ""}}, status
