"""Doubles of Nova and Placement: nodes of one compute service, and servers on them."""

from __future__ import annotations

import uuid
from typing import Any

import flask
from oslo_utils import timeutils

ROOT = "/compute/v2.1"
ADMINS = ("admin", "service")
TASK = "OS-EXT-STS:task_state"


class Compute:
    """Hypervisors by their id; servers by theirs."""

    def __init__(self, app: flask.Flask) -> None:
        self.nodes: dict[str, str] = {}
        self.servers: dict[str, dict[str, Any]] = {}
        self.immortal: set[str] = set()
        self.given_up: set[str] = set()
        self.refused: set[str] = set()
        self.down = False
        app.get(f"{ROOT}/os-hypervisors/<key>")(self._show)
        app.get(f"{ROOT}/os-hypervisors/<name>/search")(self._search)
        app.get(f"{ROOT}/os-hypervisors/<name>/servers")(self._search)
        app.get(f"{ROOT}/os-availability-zone/detail")(self._zones)
        app.get(f"{ROOT}/servers/detail")(self._servers)
        app.get(f"{ROOT}/servers/<key>")(self._server)
        app.delete(f"{ROOT}/servers/<key>")(self._delete)
        app.get("/placement/resource_providers")(self._providers)
        app.get("/placement/resource_providers/<key>/inventories")(self._inventories)
        app.get("/placement/resource_providers/<key>/traits")(self._traits)

    def node(self) -> str:
        """A new node; returns its name, as Ironic has it the uuid."""
        name = str(uuid.uuid4())
        self.nodes[str(len(self.nodes) + 1)] = name
        return name

    def server(self, node: str, project: str = "p1") -> str:
        """A new server on a node.

        One in ``immortal`` is being deleted for ever, one in ``given_up`` ends in error, and one
        in ``refused`` Nova does not delete.
        """
        key = str(uuid.uuid4())
        self.servers[key] = {
            "id": key,
            "name": "server",
            "status": "ACTIVE",
            "tenant_id": project,
            "created": timeutils.utcnow().strftime("%Y-%m-%dT%H:%M:%SZ"),
            TASK: None,
            "node": node,
        }
        return key

    def _body(self, key: str) -> dict[str, Any]:
        name = self.nodes[key]
        # Nova's hypervisors show the servers of all nodes of their compute service.
        servers = [{"uuid": each["id"], "name": "server"} for each in self.servers.values()]
        return {
            "id": key,
            "hypervisor_hostname": name,
            "service": {"host": "ironic-compute", "id": 1},
            "vcpus": 8,
            "cpu_info": "",
            "hypervisor_type": "ironic",
            "hypervisor_version": 1,
            "memory_mb": 65536,
            "local_gb": 100,
            **({"servers": servers} if servers else {}),
        }

    def _show(self, key: str) -> Any:
        if key not in self.nodes:
            return {"itemNotFound": {"message": "none", "code": 404}}, 404
        return {"hypervisor": self._body(key)}

    def _search(self, name: str) -> Any:
        found = [self._body(key) for key, known in self.nodes.items() if name in (key, known)]
        if not found:
            return {"itemNotFound": {"message": "none", "code": 404}}, 404
        return {"hypervisors": found}

    def _zones(self) -> Any:
        return {"availabilityZoneInfo": []}

    def _servers(self) -> Any:
        if self.down:
            return "unwell", 503
        asked = flask.request.args
        caller = flask.request.headers["X-Auth-Token"].removeprefix("trust-")
        if asked.get("all_tenants") and caller not in ADMINS:
            return {"forbidden": {"message": "policy", "code": 403}}, 403
        found = list(self.servers.values())
        if not asked.get("all_tenants"):
            found = [server for server in found if server["tenant_id"] == caller]
        # Nova ignores filters that are for admins only.
        if caller in ADMINS and "node" in asked:
            found = [server for server in found if server["node"] == asked["node"]]
        return {"servers": [] if asked.get("marker") else found}

    def _server(self, key: str) -> Any:
        if not self._visible(key):
            return {"itemNotFound": {"message": "none", "code": 404}}, 404
        return {"server": self.servers[key]}

    def _visible(self, key: str) -> bool:
        caller = flask.request.headers["X-Auth-Token"].removeprefix("trust-")
        server = self.servers.get(key)
        return server is not None and caller in (*ADMINS, server["tenant_id"])

    def _delete(self, key: str) -> Any:
        if not self._visible(key):
            return {"itemNotFound": {"message": "none", "code": 404}}, 404
        if key in self.refused:
            return {"conflictingRequest": {"message": "no", "code": 409}}, 409
        if key in self.given_up:
            self.servers[key] |= {"status": "ERROR", TASK: None}
        elif key in self.immortal:
            self.servers[key][TASK] = "deleting"
        else:
            del self.servers[key]
        return "", 204

    def _providers(self) -> Any:
        name = flask.request.args["name"]
        return {"resource_providers": [{"uuid": name, "name": name}]}

    def _inventories(self, key: str) -> Any:
        keys = ("total", "min_unit", "max_unit", "step_size", "allocation_ratio")
        return {"inventories": {"CUSTOM_BAREMETAL": dict.fromkeys(keys, 1) | {"reserved": 0}}}

    def _traits(self, key: str) -> Any:
        return {"traits": ["CUSTOM_FAST"]}
