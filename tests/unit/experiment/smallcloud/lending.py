"""Blazar and Doni of a small cloud."""

from __future__ import annotations

import datetime
import json
from typing import Any

from werkzeug.wrappers import Request, Response

from .machines import Machines
from .service import No, Thing, reply, sent

ROUTES = [
    ("GET", "/reservation/v1/os-hosts", "blazar_hosts"),
    ("GET", "/reservation/v1/os-hosts/allocations", "blazar_allocations"),
    ("GET", "/reservation/v1/leases", "lease_list"),
    ("POST", "/reservation/v1/leases", "make_lease"),
    ("GET", "/reservation/v1/leases/<key>", "lease"),
    ("DELETE", "/reservation/v1/leases/<key>", "delete_lease"),
    ("GET", "/inventory/v1/hardware/", "hardware"),
    ("POST", "/inventory/v1/hardware/", "enrol"),
    ("PATCH", "/inventory/v1/hardware/<key>/", "change"),
    ("DELETE", "/inventory/v1/hardware/<key>/", "retire"),
    ("POST", "/inventory/v1/hardware/<key>/sync", "sync"),
    ("GET", "/inventory/v1/availability", "availability"),
]


class Lending(Machines):
    """What leases and enrolled items become."""

    lease_status = "ACTIVE"
    doni_error = ""

    def real(self, name: str, port: str = "p01", **host: Any) -> str:
        """A node that the site lends already."""
        key = f"node-{name}"
        self._node(key, name, port)
        self.things["nodes"][key] |= {"power_state": "power off", "provision_state": "available"}
        self._host(key, name, **{"node_type": "compute_real", **host})
        return key

    def _host(self, key: str, name: str, **more: str) -> None:
        number = str(len(self.things["hosts"]) + 1)
        host = {"id": number, "hypervisor_hostname": key, "node_name": name, "uid": key, **more}
        self.things["hosts"][key] = host

    def _do_blazar_hosts(self, request: Request) -> Thing:
        return {"hosts": list(self.things["hosts"].values())}

    def _do_blazar_allocations(self, request: Request) -> Thing:
        found = []
        for key, host in self.things["hosts"].items():
            spans = [
                {"start_date": lease["start_date"], "end_date": lease["end_date"]}
                for lease in self.things["leases"].values()
                if key in str(lease["reservations"][0]["resource_properties"])
            ]
            found.append({"resource_id": host["id"], "reservations": spans})
        return {"allocations": found}

    def _do_lease_list(self, request: Request) -> Thing:
        return {"leases": list(self.things["leases"].values())}

    def _do_make_lease(self, request: Request) -> Response:
        body = sent(request)
        body["reservations"] = [{**body["reservations"][0], "id": f"r-{next(self.ids)}"}]
        if body["start_date"] == "now":
            body["start_date"] = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%dT%H:%M:%S}"
        lease = self.new("leases", {**body, "status": "PENDING"})
        return reply({"lease": lease}, 201)

    def _do_lease(self, request: Request, key: str) -> Thing:
        lease = self.have("leases", key)
        if lease["looks"] > 2:
            lease["status"] = self.lease_status
        return {"lease": {**lease, "events": [{"event_type": "start_lease", "status": "ERROR"}]}}

    def _do_delete_lease(self, request: Request, key: str) -> Response:
        self.have("leases", key)
        if not self.things["users"]:
            raise No(500, "the trust is not valid")
        del self.things["leases"][key]
        return Response(status=204)

    def _do_enrol(self, request: Request) -> Response:
        body = sent(request)
        item = self.new("items", {**body, "project_id": self.project, "windows": []})
        item["uuid"] = item["id"]
        face = body["properties"]["interfaces"][0]
        self._node(item["uuid"], body["name"], face.get("switch_port_id"))
        return reply(self._item(item), 201)

    def _item(self, item: Thing) -> Thing:
        steady = {"state": "STEADY", "state_details": {}}
        waiting = {"state": "PENDING", "state_details": {}}
        if self.doni_error:
            waiting = {"state": "ERROR", "state_details": {"last_error": self.doni_error}}
        state = steady if item["looks"] > 3 and not self.doni_error else waiting
        return {**item, "workers": [{"worker_type": "blazar.physical_host", **state}]}

    def _do_hardware(self, request: Request) -> Thing:
        for item in self.things["items"].values():
            item["looks"] += 1
            key = item["uuid"]
            if item["looks"] > 3 and key not in self.things["hosts"]:
                self._host(key, item["name"])
                for window in item["windows"]:
                    self._blackout(key, window)
        return {"hardware": [self._item(item) for item in self.things["items"].values()]}

    def _blackout(self, key: str, window: Thing) -> None:
        name = f"availability_window_{window['uuid']}"
        wish = json.dumps(["==", "$uid", key])
        dates = {"start_date": window["start"], "end_date": window["end"]}
        reservation = {"id": "r-doni", "resource_properties": wish}
        self.new("leases", {"name": name, "reservations": [reservation], "item": key, **dates})

    def _do_change(self, request: Request, key: str) -> Thing:
        item = self.have("items", key)
        for operation in sent(request):
            item["windows"].append({"uuid": f"w-{next(self.ids)}", **operation["value"]})
        return self._item(item)

    def _do_sync(self, request: Request, key: str) -> Thing:
        return self._item(self.have("items", key))

    def _do_retire(self, request: Request, key: str) -> Response:
        self.have("items", key)
        del self.things["items"][key], self.things["nodes"][key]
        self.things["hosts"].pop(key, None)
        for lease in [each for each in self.things["leases"].values() if each.get("item") == key]:
            del self.things["leases"][lease["id"]]
        return Response(status=200)

    def _do_availability(self, request: Request) -> Thing:
        return {
            "availability": [
                {"hardware_uuid": key, **window}
                for key, item in self.things["items"].items()
                for window in item["windows"]
            ]
        }
