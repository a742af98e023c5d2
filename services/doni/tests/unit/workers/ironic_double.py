"""A double of Ironic 35: its states, locks, rules and words, as far as Doni meets them."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass, field
from typing import Any

from doubles import Call, Double, Problem

MASK = "******"
CONNECTION = {"portgroup_uuid", "pxe_enabled", "local_link_connection", "physical_network"}
UPDATABLE = {"enroll", "inspecting", "inspect wait", "manageable", "available"}


@dataclass
class IronicDouble(Double):
    """``looks`` is how many GETs see a node on its way; ``passwords`` those that controllers take
    (None: any); ``cleans`` and ``inspects`` whether that works."""

    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    ports: dict[str, dict[str, Any]] = field(default_factory=dict)
    looks: int = 0
    passwords: dict[str, str] | None = None
    cleans: bool = True
    inspects: bool = True

    def error(self, problem: Problem) -> Any:
        fault = {"faultcode": "Client", "faultstring": str(problem), "debuginfo": None}
        return {"error_message": json.dumps(fault)}

    def answer(self, call: Call) -> tuple[int, Any]:
        path = call.path.removeprefix("/v1")
        for method, pattern, action in ROUTES:
            match = re.fullmatch(pattern, path)
            if match and method == call.method:
                return action(self, call, *match.groups())
        raise Problem(404, f"Not found: {call}")

    def node(self, ident: str) -> dict[str, Any]:
        """A node, or 404."""
        if ident not in self.nodes:
            raise Problem(404, f"Node {ident} could not be found.")
        return self.nodes[ident]

    def _free(self, node: dict[str, Any]) -> None:
        if node["reservation"]:
            raise Problem(
                409,
                f"Node {node['uuid']} is locked by host {node['reservation']}, please retry after "
                "the current operation is completed.",
            )

    def get_node(self, call: Call, ident: str) -> tuple[int, Any]:
        node = self.node(ident)
        self._advance(node)
        shown = {key: value for key, value in node.items() if not key.startswith("_")}
        shown["driver_info"] = {
            key: MASK if "password" in key else value for key, value in node["driver_info"].items()
        }
        return 200, shown

    def _advance(self, node: dict[str, Any]) -> None:
        if node["_left"] is None:
            return
        if node["_left"] > 0:
            node["_left"] -= 1
            return
        state, node["_left"], node["target_provision_state"] = node["provision_state"], None, None
        if state == "verifying":
            right = self.passwords is None or all(
                node["driver_info"].get(key) == value for key, value in self.passwords.items()
            )
            node["provision_state"] = "manageable" if right else "enroll"
            secret = node["driver_info"].get("ipmi_password")
            node["last_error"] = (
                None if right else f"Failed to get power state. -P {secret} refused"
            )
        elif state == "inspecting":
            node.update(
                provision_state="manageable" if self.inspects else "inspect failed",
                inspection_finished_at="2026-11-20T10:05:00+00:00" if self.inspects else None,
                last_error=None if self.inspects else "timeout reached while inspecting the node",
            )
        elif state == "cleaning":
            node["provision_state"] = "available" if self.cleans else "clean failed"
            if not self.cleans:
                node.update(maintenance=True, fault="clean failure", last_error="Clean step failed")

    def list_nodes(self, call: Call) -> tuple[int, Any]:
        return self._page(call, "nodes", [self.get_node(call, key)[1] for key in self.nodes])

    def list_ports(self, call: Call) -> tuple[int, Any]:
        wanted = call.query.get("node")
        if wanted:
            self.node(wanted)
        found = [port for port in self.ports.values() if wanted in (None, port["node_uuid"])]
        return self._page(call, "ports", found)

    def _page(self, call: Call, kind: str, found: list[dict[str, Any]]) -> tuple[int, Any]:
        ids = [entry["uuid"] for entry in found]
        begin = ids.index(call.query["marker"]) + 1 if "marker" in call.query else 0
        size = int(call.query.get("limit") or 1000)
        body: dict[str, Any] = {kind: found[begin : begin + size]}
        if begin + size < len(found):
            body["next"] = f"{self.url}/v1/{kind}?marker={ids[begin + size - 1]}"
        return 200, body

    def create_node(self, call: Call) -> tuple[int, Any]:
        body = call.body
        if body["uuid"] in self.nodes:
            raise Problem(409, f"A node with UUID {body['uuid']} already exists.")
        self._check_name(body.get("name"))
        node = {
            "created_at": "2026-11-20T10:00:00+00:00",
            "provision_state": "enroll",
            "target_provision_state": None,
            "maintenance": False,
            "maintenance_reason": None,
            "fault": None,
            "last_error": None,
            "instance_uuid": None,
            "reservation": None,
            "inspection_finished_at": None,
            "traits": [],
            "_left": None,
            **body,
        }
        self.nodes[body["uuid"]] = node
        return 201, node

    def _check_name(self, name: str | None) -> None:
        if " " in str(name):
            raise Problem(400, f"Cannot create node with invalid name '{name}'")
        if any(node["name"] == name for node in self.nodes.values()):
            raise Problem(409, f"A node with name {name} already exists.")

    def patch_node(self, call: Call, ident: str) -> tuple[int, Any]:
        node = self.node(ident)
        self._free(node)
        if node["target_provision_state"] and node["provision_state"] != "clean failed":
            raise Problem(
                409, f"Node {ident} can not be updated while a state transition is in progress."
            )
        changed = {operation["path"].split("/")[1] for operation in call.body}
        if "resource_class" in changed and node["provision_state"] not in UPDATABLE:
            raise Problem(409, f"Node {ident} can not have resource_class updated unless it is in")
        if "driver" in changed and "reset_interfaces" not in call.query:
            raise Problem(400, "Could not find the following interface")
        for operation in call.body:
            if operation["path"] == "/name":
                self._check_name(operation["value"])
        _apply(node, call.body)
        return 200, node

    def delete_node(self, call: Call, ident: str) -> tuple[int, Any]:
        node = self.node(ident)
        self._free(node)
        if not node["maintenance"]:
            if node["instance_uuid"]:
                raise Problem(409, f"Node {ident} is associated with instance.")
            if node["provision_state"] not in ("manageable", "enroll", "adopt failed"):
                raise Problem(409, f'Can not delete node "{ident}" while it is in provision state')
        del self.nodes[ident]
        self.ports = {key: port for key, port in self.ports.items() if port["node_uuid"] != ident}
        return 204, None

    def provision(self, call: Call, ident: str) -> tuple[int, Any]:
        node, verb = self.node(ident), call.body["target"]
        self._free(node)
        now = node["provision_state"]
        moves = {
            ("manage", "enroll"): ("verifying", "manageable"),
            ("manage", "available"): ("manageable", None),
            ("manage", "clean failed"): ("manageable", None),
            ("manage", "inspect failed"): ("manageable", None),
            ("provide", "manageable"): ("cleaning", "available"),
            ("inspect", "manageable"): ("inspecting", "manageable"),
        }
        if (verb, now) not in moves:
            raise Problem(
                400,
                f'The requested action "{verb}" can not be performed on node "{ident}" while it is '
                f'in state "{now}".',
            )
        node["provision_state"], node["target_provision_state"] = moves[verb, now]
        node["last_error"] = None
        node["_left"] = self.looks if node["target_provision_state"] else None
        return 202, None

    def begin_maintenance(self, call: Call, ident: str) -> tuple[int, Any]:
        self.node(ident).update(maintenance=True, maintenance_reason=call.body.get("reason"))
        return 202, None

    def end_maintenance(self, call: Call, ident: str) -> tuple[int, Any]:
        self.node(ident).update(maintenance=False, maintenance_reason=None, fault=None)
        return 202, None

    def set_traits(self, call: Call, ident: str) -> tuple[int, Any]:
        self.node(ident)["traits"] = call.body["traits"]
        return 204, None

    def create_port(self, call: Call) -> tuple[int, Any]:
        body = call.body
        self.node(body["node_uuid"])
        address = body["address"].lower()
        if any(port["address"] == address for port in self.ports.values()):
            raise Problem(409, f"A port with MAC address {address} already exists.")
        port = {"uuid": str(uuid.uuid4()), "physical_network": None, **body, "address": address}
        self.ports[port["uuid"]] = port
        return 201, port

    def patch_port(self, call: Call, ident: str) -> tuple[int, Any]:
        port = self.ports[ident]
        node = self.node(port["node_uuid"])
        self._free(node)
        changed = {operation["path"].split("/")[1] for operation in call.body}
        rest = node["maintenance"] or node["provision_state"] in ("enroll", "manageable")
        if changed & CONNECTION and not rest:
            raise Problem(409, f"Port {ident} can not have any connectivity attributes updated")
        _apply(port, call.body)
        return 200, port

    def delete_port(self, call: Call, ident: str) -> tuple[int, Any]:
        if self.ports.pop(ident, None) is None:
            raise Problem(404, f"Port {ident} could not be found.")
        return 204, None


ROUTES = (
    ("GET", "/nodes", IronicDouble.list_nodes),
    ("POST", "/nodes", IronicDouble.create_node),
    ("GET", "/nodes/([^/]+)", IronicDouble.get_node),
    ("PATCH", "/nodes/([^/]+)", IronicDouble.patch_node),
    ("DELETE", "/nodes/([^/]+)", IronicDouble.delete_node),
    ("PUT", "/nodes/([^/]+)/states/provision", IronicDouble.provision),
    ("PUT", "/nodes/([^/]+)/maintenance", IronicDouble.begin_maintenance),
    ("DELETE", "/nodes/([^/]+)/maintenance", IronicDouble.end_maintenance),
    ("PUT", "/nodes/([^/]+)/traits", IronicDouble.set_traits),
    ("GET", "/ports", IronicDouble.list_ports),
    ("POST", "/ports", IronicDouble.create_port),
    ("PATCH", "/ports/([^/]+)", IronicDouble.patch_port),
    ("DELETE", "/ports/([^/]+)", IronicDouble.delete_port),
)


def _apply(target: dict[str, Any], patch: list[dict[str, Any]]) -> None:
    for operation in patch:
        *way, last = operation["path"].lstrip("/").split("/")
        place = target
        for key in way:
            place = place[key]
        if operation["op"] == "remove":
            if last not in place:
                raise Problem(400, f"Couldn't apply patch: {operation['path']} is not there")
            if way:
                del place[last]
            else:
                place[last] = None
        else:
            place[last] = operation["value"]
