"""Neutron of a small cloud."""

from __future__ import annotations

from werkzeug.wrappers import Request, Response

from .service import PLURALS, No, Service, Thing, named, reply, sent

FIRST_VLAN = 201
ROUTES = [
    ("GET", "/network/v2.0/<kind>", "nets"),
    ("GET", "/network/v2.0/<kind>/<key>", "net"),
    ("POST", "/network/v2.0/<kind>", "make_net"),
    ("PUT", "/network/v2.0/floatingips/<key>", "associate"),
    ("PUT", "/network/v2.0/routers/<key>/add_router_interface", "plug"),
    ("PUT", "/network/v2.0/routers/<key>/remove_router_interface", "unplug"),
    ("DELETE", "/network/v2.0/<kind>/<key>", "delete_net"),
]


class Network(Service):
    """What networks and floating IPs become."""

    network_type = "vlan"
    ip_status = "ACTIVE"

    def _do_nets(self, request: Request, kind: str) -> Thing:
        return {kind: named(self.things[kind], request)}

    def _do_net(self, request: Request, kind: str, key: str) -> Thing:
        noun = next(one for one, many in PLURALS.items() if many == kind)
        found = self.things[kind].get(key) or next(
            (each for each in self.things[kind].values() if each.get("name") == key), None
        )
        if found is None:
            raise No(404, f"there is no {key}")
        return {noun: found}

    def _do_make_net(self, request: Request, kind: str) -> Response:
        noun = next(one for one, many in PLURALS.items() if many == kind)
        body = {"project_id": self.project, **sent(request)[noun]}
        if kind == "networks":
            vlan = FIRST_VLAN + len(self.things["networks"])
            body |= {"provider:network_type": self.network_type, "provider:segmentation_id": vlan}
            body.setdefault("provider:physical_network", "physnet1")
            project = body["project_id"]
            if not any(each["project_id"] == project
                       for each in self.things["security_groups"].values()):  # fmt: skip
                self.new("security_groups", {"name": "default", "project_id": project})
        if kind == "floatingips":
            body |= {"floating_ip_address": "203.0.113.7", "status": "DOWN"}
        return reply({noun: self.new(kind, body)}, 201)

    def _do_associate(self, request: Request, key: str) -> Thing:
        found = self.have("floatingips", key)
        found |= {**sent(request)["floatingip"], "status": self.ip_status}
        return {"floatingip": found}

    def _do_plug(self, request: Request, key: str) -> Thing:
        subnet = self.have("subnets", sent(request)["subnet_id"])
        self.new("ports", {
            "device_id": key, "device_owner": "network:router_interface",
            "network_id": subnet["network_id"],
        })  # fmt: skip
        return {"id": key}

    def _do_unplug(self, request: Request, key: str) -> Thing:
        del self.things["ports"][sent(request)["port_id"]]
        return {"id": key}

    def _do_delete_net(self, request: Request, kind: str, key: str) -> Response:
        self.have(kind, key)
        ports = self.things["ports"].values()
        held = {"networks": "network_id", "routers": "device_id"}.get(kind)
        if held and any(port[held] == key for port in ports):
            raise No(409, f"{key} is in use")
        del self.things[kind][key]
        if kind == "networks":
            subnets = self.things["subnets"]
            for subnet in [each for each in subnets.values() if each["network_id"] == key]:
                del subnets[subnet["id"]]
        return Response(status=204)
