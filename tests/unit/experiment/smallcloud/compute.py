"""Glance and Nova of a small cloud."""

from __future__ import annotations

from werkzeug.wrappers import Request, Response

from .service import No, Service, Thing, named, reply, sent

NO_HOST = {"code": 500, "message": "No valid host was found. ", "details": "Traceback\nNoValidHost"}
ROUTES = [
    ("GET", "/image/v2/images", "images"),
    ("GET", "/image/v2/images/<key>", "image"),
    ("GET", "/compute/v2.1/flavors/<key>", "flavor"),
    ("GET", "/compute/v2.1/flavors/detail", "flavors"),
    ("GET", "/compute/v2.1/flavors", "flavors"),
    ("GET", "/compute/v2.1/os-hypervisors", "hypervisors"),
    ("GET", "/compute/v2.1/os-hypervisors/detail", "hypervisors"),
    ("GET", "/compute/v2.1/os-aggregates", "aggregates"),
    ("GET", "/compute/v2.1/os-keypairs", "keypairs"),
    ("POST", "/compute/v2.1/os-keypairs", "add_keypair"),
    ("DELETE", "/compute/v2.1/os-keypairs/<key>", "delete_keypair"),
    ("POST", "/compute/v2.1/servers", "boot"),
    ("GET", "/compute/v2.1/servers/detail", "servers"),
    ("GET", "/compute/v2.1/servers/<key>", "server"),
    ("DELETE", "/compute/v2.1/servers/<key>", "delete_server"),
    ("POST", "/compute/v2.1/servers/<key>/remote-consoles", "console"),
    ("POST", "/compute/v2.1/servers/<key>/action", "act"),
]


class Compute(Service):
    """How servers come to be, or fail to."""

    server_fault: Thing | None = None
    deploy_error = ""
    forgets = 0
    asks_blazar = True
    strays = False
    vif_type = "other"
    switch_works = True
    rebuild_refusal = ""
    version_of_rebuild = ""

    def _do_image(self, request: Request, key: str) -> Thing:
        raise No(404, "no")

    def _do_images(self, request: Request) -> Thing:
        return {
            "images": named({"i": {"id": "i-1", "name": "ubuntu", "status": "active"}}, request)
        }

    def _do_flavor(self, request: Request, key: str) -> Thing:
        raise No(404, "no")

    def _do_flavors(self, request: Request) -> Thing:
        return {"flavors": [{"id": "f-1", "name": "baremetal"}]}

    def _do_hypervisors(self, request: Request) -> Thing:
        return {"hypervisors": [{"id": key, "hypervisor_hostname": key}
                                for key in self.things["nodes"]]}  # fmt: skip

    def _do_aggregates(self, request: Request) -> Thing:
        return {"aggregates": list(self.things["aggregates"].values())}

    def _do_keypairs(self, request: Request) -> Thing:
        return {"keypairs": [{"keypair": each} for each in self.things["keypairs"].values()]}

    def _do_add_keypair(self, request: Request) -> Thing:
        given = sent(request)["keypair"]
        made = {**given, "id": given["name"], "fingerprint": "0f:0f"}
        self.things["keypairs"][given["name"]] = made
        return {"keypair": made}

    def _do_delete_keypair(self, request: Request, key: str) -> Response:
        self.have("keypairs", key)
        del self.things["keypairs"][key]
        return Response(status=204)

    def _do_boot(self, request: Request) -> Response:
        body = sent(request)
        hint = (body.get("OS-SCH-HNT:scheduler_hints") or {}).get("reservation")
        server = self.new("servers", {
            "name": body["server"]["name"], "status": "BUILD", "hint": hint,
            "networks": body["server"]["networks"], "project": self.project,
            "key_name": body["server"].get("key_name"),
            "OS-EXT-STS:task_state": "scheduling", "created": "2026-11-01T12:00:00Z",
        })  # fmt: skip
        return reply({"server": server}, 202)

    def _do_servers(self, request: Request) -> Thing:
        have = [self._server_now(each) for each in list(self.things["servers"].values())]
        return {"servers": [each for each in have if each["id"] in self.things["servers"]]}

    def _do_server(self, request: Request, key: str) -> Thing:
        return {"server": self._server_now(self.have("servers", key))}

    def _server_now(self, server: Thing) -> Thing:
        if server.get("deleted"):
            self._tear_down(server)
            return server
        if "OS-EXT-SRV-ATTR:hypervisor_hostname" not in server:
            self._place(server)
            return server
        node = self.things["nodes"][server["OS-EXT-SRV-ATTR:hypervisor_hostname"]]
        if self.server_fault:
            server |= {"status": "ERROR", "fault": self.server_fault}
        elif self.deploy_error:
            node |= {"provision_state": "deploy failed", "last_error": self.deploy_error}
        elif server["looks"] > 3 and server["status"] == "BUILD":
            server |= {"status": "ACTIVE", "OS-EXT-STS:task_state": None}
            node["provision_state"] = "active"
            self._bind(server, node)
        elif server["status"] == "REBUILD" and server["looks"] > 1:
            server["status"] = "ACTIVE"
        return server

    def _place(self, server: Thing) -> None:
        lease = next((each for each in self.things["leases"].values()
                      if each["reservations"][0]["id"] == server["hint"]), None)  # fmt: skip
        if lease is None and self.asks_blazar:
            server |= {"status": "ERROR", "fault": NO_HOST, "OS-EXT-STS:task_state": None}
            return
        nodes = self.things["nodes"]
        wish = str(lease["reservations"][0]["resource_properties"]) if lease else ""
        key = next((each for each in nodes if each in wish), next(iter(nodes)))
        if lease and self.strays:
            key = next(each for each in nodes if each not in wish)
        server["OS-EXT-SRV-ATTR:hypervisor_hostname"] = key
        nodes[key] |= {"instance_uuid": server["id"], "provision_state": "deploying"}
        if server["networks"] != "none":
            self.new("ports", {
                "device_id": server["id"], "network_id": server["networks"][0]["uuid"],
                "status": "DOWN", "binding:vif_type": "unbound",
                "fixed_ips": [{"ip_address": "192.168.97.5"}],
            })  # fmt: skip

    def _bind(self, server: Thing, node: Thing) -> None:
        for port in self.things["ports"].values():
            if port.get("device_id") == server["id"]:
                link = node["link"]
                port |= {"binding:vif_type": self.vif_type, "binding:host_id": node["uuid"]}
                port |= {"status": "ACTIVE" if self.vif_type == "other" else "DOWN"}
                port["binding:profile"] = {"local_link_information": [link] if link else []}
                if link and self.switch_works:
                    vlan = self.things["networks"][port["network_id"]]["provider:segmentation_id"]
                    self.vlans[link["port_id"]] = vlan

    def _tear_down(self, server: Thing) -> None:
        self.things["servers"].pop(server["id"], None)
        for node in self.things["nodes"].values():
            if node["instance_uuid"] == server["id"]:
                node |= {"instance_uuid": None, "provision_state": "cleaning", "looks": 0}
                node["last_error"] = None
                if node["link"]:
                    self.vlans.pop(node["link"]["port_id"], None)
        for port in list(self.things["ports"].values()):
            if port.get("device_id") == server["id"]:
                del self.things["ports"][port["id"]]

    def _do_delete_server(self, request: Request, key: str) -> Response:
        server = self.have("servers", key)
        if self.forgets and "OS-EXT-SRV-ATTR:hypervisor_hostname" in server:
            self.forgets -= 1
            server["OS-EXT-STS:task_state"] = None
            return Response(status=204)
        server.update({"deleted": True, "OS-EXT-STS:task_state": "deleting"})
        return Response(status=204)

    def _do_act(self, request: Request, key: str) -> Response:
        server = self.have("servers", key)
        node = self.things["nodes"][server["OS-EXT-SRV-ATTR:hypervisor_hostname"]]
        if self.rebuild_refusal and "rebuild" in sent(request):
            server |= {"status": "ERROR", "fault": {"code": 500, "message": self.rebuild_refusal}}
        elif "rebuild" in sent(request):
            self.version_of_rebuild = request.headers["OpenStack-API-Version"]
            server |= {"status": "REBUILD", "looks": 0}
        elif "os-stop" in sent(request):
            server["status"], node["power_state"] = "SHUTOFF", "power off"
        else:
            server["status"], node["power_state"] = "ACTIVE", "power on"
        return Response(status=202)

    def _do_console(self, request: Request, key: str) -> Thing:
        url = "ws://10.0.0.1:6083/?token=secret-token"
        return {"remote_console": {**sent(request)["remote_console"], "url": url}}
