"""Ironic and Placement of a small cloud."""

from __future__ import annotations

from werkzeug.wrappers import Request, Response

from .service import Service, Thing, sent

ROUTES = [
    ("GET", "/baremetal/v1/nodes", "nodes"),
    ("GET", "/baremetal/v1/nodes/<key>", "node"),
    ("GET", "/baremetal/v1/nodes/<key>/history", "history"),
    ("PUT", "/baremetal/v1/nodes/<key>/states/power", "power"),
    ("GET", "/baremetal/v1/ports", "node_ports"),
    ("GET", "/baremetal/v1/ports/detail", "node_ports"),
    ("GET", "/placement/resource_providers/<key>/<any(inventories,allocations):noun>", "provider"),
]


class Machines(Service):
    """``node_state`` is what nodes get to when they were enrolled or cleaned.

    ``mishap`` is what failed on them long ago, and ``new_mishap`` now.
    """

    node_state = "available"
    mishap = "a fan stood still"
    new_mishap = ""
    console_interface = "no-console"

    def _node(self, key: str, name: str, port: str | None) -> None:
        link = {"switch_info": "tor", "switch_id": "02:00:00:00:00:01", "port_id": port}
        self.things["nodes"][key] = {
            "uuid": key, "name": name, "provision_state": "enroll", "power_state": None,
            "instance_uuid": None, "maintenance": False, "last_error": None,
            "link": link if port else {}, "looks": 0,
        }  # fmt: skip

    def _do_nodes(self, request: Request) -> Thing:
        state = request.args["provision_state"]
        nodes = self.things["nodes"].values()
        return {"nodes": [each for each in nodes if each["provision_state"] == state]}

    def _do_node(self, request: Request, key: str) -> Thing:
        node = self.have("nodes", key)
        if node["provision_state"] in ("enroll", "cleaning") and node["looks"] > 2:
            node["provision_state"] = self.node_state
        return {**node, "console_interface": self.console_interface}

    def _do_history(self, request: Request, key: str) -> Thing:
        self.have("nodes", key)
        known = [
            {"created_at": "2020-01-01T00:00:00+00:00", "severity": "ERROR", "event": self.mishap},
            {"created_at": "2099-01-01T00:00:00+00:00", "severity": "INFO", "event": "cleaned"},
        ]
        if self.new_mishap:
            known.append({**known[0], "created_at": "2098-01-01", "event": self.new_mishap})
        return {"history": [{**each, "event_type": "deploying"} for each in known]}

    def _do_power(self, request: Request, key: str) -> Response:
        self.have("nodes", key)["power_state"] = sent(request)["target"]
        return Response(status=202)

    def _do_node_ports(self, request: Request) -> Thing:
        node = self.have("nodes", request.args["node"])
        return {"ports": [{"uuid": "np-1", "local_link_connection": node["link"]}]}

    def _do_provider(self, request: Request, key: str, noun: str) -> Thing:
        node = self.have("nodes", key)
        if noun == "allocations":
            server = node["instance_uuid"]
            return {"allocations": {server: {"resources": {}}} if server else {}}
        off = node["power_state"] == "power off"
        return {"inventories": {"CUSTOM_BAREMETAL": {"total": 1, "reserved": 0 if off else 1}}}
