"""A double of Blazar 17, and of the bit of Keystone that its worker asks."""

from __future__ import annotations

import datetime
import json
import re
import uuid
from dataclasses import dataclass, field
from typing import Any

from doubles import Call, Double, Problem

FORMAT = "%Y-%m-%d %H:%M"
STORED = "%Y-%m-%dT%H:%M:%S.%f"


@dataclass
class BlazarDouble(Double):
    """``hypervisors`` are what Nova knows, by name, with the servers on each."""

    hypervisors: dict[str, list[str]] = field(default_factory=dict)
    hosts: dict[str, dict[str, Any]] = field(default_factory=dict)
    leases: dict[str, dict[str, Any]] = field(default_factory=dict)
    projects: dict[str, list[str]] = field(default_factory=dict)
    project_id: str = "service"
    ahead: datetime.timedelta = datetime.timedelta()

    def now(self) -> datetime.datetime:
        """The current minute by its clock."""
        found = datetime.datetime.now(datetime.UTC).replace(tzinfo=None) + self.ahead
        return found.replace(second=0, microsecond=0)

    def error(self, problem: Problem) -> Any:
        code = problem.status
        return {"error_code": code, "error_message": str(problem), "error_name": code}

    def answer(self, call: Call) -> tuple[int, Any]:
        for method, pattern, action in ROUTES:
            match = re.fullmatch(pattern, call.path)
            if match and method == call.method:
                return action(self, call, *match.groups())
        raise Problem(404, f"Not found: {call}")

    def list_projects(self, call: Call) -> tuple[int, Any]:
        found = self.projects.get(call.query["name"], [])
        return 200, {"projects": [{"id": key, "name": call.query["name"]} for key in found]}

    def host(self, ident: str) -> dict[str, Any]:
        """A host, or 404."""
        if ident not in self.hosts:
            raise Problem(404, f"Object with {{'host_id': '{ident}'}} not found")
        return self.hosts[ident]

    def list_hosts(self, call: Call) -> tuple[int, Any]:
        return 200, {"hosts": list(self.hosts.values())}

    def get_host(self, call: Call, ident: str) -> tuple[int, Any]:
        return 200, {"host": self.host(ident)}

    def create_host(self, call: Call) -> tuple[int, Any]:
        values = dict(call.body)
        name = values.pop("name")
        if name not in self.hypervisors:
            raise Problem(404, f"Host '{name}' not found!")
        if self.hypervisors[name]:
            raise Problem(409, f"Servers [{self.hypervisors[name]}] found for host {name}")
        if any(host["hypervisor_hostname"] == name for host in self.hosts.values()):
            raise Problem(409, f"Conflict on creating resource provider blazar_{name} ")
        ident = str(len(self.hosts) + 1)
        assert all(isinstance(value, str) for value in values.values())
        self.hosts[ident] = {
            "id": ident,
            "hypervisor_hostname": name,
            "reservable": True,
            "created_at": "2026-11-20T10:00:00.000000",
            "updated_at": None,
            **values,
        }
        return 201, {"host": self.hosts[ident]}

    def update_host(self, call: Call, ident: str) -> tuple[int, Any]:
        host = self.host(ident)
        refused = []
        for key, value in call.body.items():
            assert value is not None
            if key in host and self._asked_for(ident, key):
                refused.append(key)
            else:
                host[key] = value
        if refused:
            raise Problem(409, f"Can't add extracapabilities {refused} to Host {ident}")
        return 200, {"host": host}

    def _asked_for(self, ident: str, key: str) -> bool:
        return any(
            f'"${key}"' in lease["reservations"][0]["resource_properties"]
            for lease in self._live()
            if lease["_host"] == ident
        )

    def _live(self) -> list[dict[str, Any]]:
        return [
            lease
            for lease in self.leases.values()
            if datetime.datetime.strptime(lease["end_date"], STORED) > self.now()
        ]

    def delete_host(self, call: Call, ident: str) -> tuple[int, Any]:
        host = self.host(ident)
        if any(lease["_host"] == ident for lease in self._live()):
            raise Problem(409, f"Can't delete host {ident}. The host is reserved.")
        if self.hypervisors.get(host["hypervisor_hostname"]):
            raise Problem(409, f"Servers [] found for host {host['hypervisor_hostname']}")
        del self.hosts[ident]
        return 204, None

    def allocation(self, call: Call, ident: str) -> tuple[int, Any]:
        self.host(ident)
        found = [
            {
                "id": lease["reservations"][0]["id"],
                "lease_id": lease["id"],
                "start_date": lease["start_date"],
                "end_date": lease["end_date"],
            }
            for lease in self._live()
            if lease["_host"] == ident
        ]
        return 200, {"allocation": {"resource_id": ident, "reservations": found}}

    def list_leases(self, call: Call) -> tuple[int, Any]:
        return 200, {"leases": [_shown(lease) for lease in self.leases.values()]}

    def create_lease(self, call: Call) -> tuple[int, Any]:
        return 201, {"lease": _shown(self.book(call.body, self.project_id))}

    def book(self, body: dict[str, Any], project_id: str) -> dict[str, Any]:
        """Make a lease, as anybody would."""
        start, end = self._date(body["start_date"]), self._date(body["end_date"])
        if start < self.now():
            raise Problem(400, "Start date must be later than current date")
        if end <= start:
            raise Problem(400, "End date must be later than start date.")
        (reservation,) = body["reservations"]
        host = self._place(json.loads(reservation["resource_properties"]), start, end, None)
        ident = str(uuid.uuid4())
        self.leases[ident] = {
            "id": ident,
            "name": body["name"],
            "project_id": project_id,
            "start_date": start.strftime(STORED),
            "end_date": end.strftime(STORED),
            "status": "PENDING",
            "reservations": [{"id": str(uuid.uuid4()), **reservation}],
            "events": [],
            "_host": host,
        }
        return self.leases[ident]

    def _date(self, text: str) -> datetime.datetime:
        if text == "now":
            return self.now()
        try:
            return datetime.datetime.strptime(text, FORMAT)
        except ValueError:
            raise Problem(400, f"{text} is an invalid date. Required format: {FORMAT}") from None

    def _place(
        self,
        constraint: list[str],
        start: datetime.datetime,
        end: datetime.datetime,
        besides: str | None,
    ) -> str:
        _, key, value = constraint
        for ident, host in self.hosts.items():
            if host.get(key[1:]) != value or not host["reservable"]:
                continue
            taken = any(
                lease["_host"] == ident
                and lease["id"] != besides
                and datetime.datetime.strptime(lease["start_date"], STORED) < end
                and start < datetime.datetime.strptime(lease["end_date"], STORED)
                for lease in self.leases.values()
            )
            if not taken:
                return ident
        raise Problem(500, "Not enough hosts available")

    def _lease(self, ident: str) -> dict[str, Any]:
        if ident not in self.leases:
            raise Problem(404, f"Object with {{'lease_id': '{ident}'}} not found")
        return self.leases[ident]

    def get_lease(self, call: Call, ident: str) -> tuple[int, Any]:
        return 200, {"lease": _shown(self._lease(ident))}

    def update_lease(self, call: Call, ident: str) -> tuple[int, Any]:
        lease, body = self._lease(ident), call.body
        if lease["status"] in ("STARTING", "TERMINATING"):
            raise Problem(500, "Invalid lease status.")
        was = datetime.datetime.strptime(lease["start_date"], STORED)
        ended = datetime.datetime.strptime(lease["end_date"], STORED)
        start = self._date(body["start_date"]) if "start_date" in body else was
        end = self._date(body["end_date"])
        if was < self.now() and start != was:
            raise Problem(400, "Cannot modify the start date of already started leases")
        if was > self.now() and start < self.now():
            raise Problem(400, "Start date must be later than current date")
        if ended < self.now():
            raise Problem(400, "Terminated leases can only be renamed")
        if end < self.now() or end < start:
            raise Problem(400, "End date must be later than current and start date")
        constraint = json.loads(lease["reservations"][0]["resource_properties"])
        self._place(constraint, start, end, ident)
        lease.update(
            name=body["name"], start_date=start.strftime(STORED), end_date=end.strftime(STORED)
        )
        return 200, {"lease": _shown(lease)}

    def delete_lease(self, call: Call, ident: str) -> tuple[int, Any]:
        lease = self._lease(ident)
        if lease["status"] == "DELETING":
            raise Problem(500, "Invalid lease status.")
        del self.leases[ident]
        return 204, None


ROUTES = (
    ("GET", "/v3/projects", BlazarDouble.list_projects),
    ("GET", "/v1/os-hosts", BlazarDouble.list_hosts),
    ("POST", "/v1/os-hosts", BlazarDouble.create_host),
    ("GET", "/v1/os-hosts/([^/]+)", BlazarDouble.get_host),
    ("PUT", "/v1/os-hosts/([^/]+)", BlazarDouble.update_host),
    ("DELETE", "/v1/os-hosts/([^/]+)", BlazarDouble.delete_host),
    ("GET", "/v1/os-hosts/([^/]+)/allocation", BlazarDouble.allocation),
    ("GET", "/v1/leases", BlazarDouble.list_leases),
    ("POST", "/v1/leases", BlazarDouble.create_lease),
    ("GET", "/v1/leases/([^/]+)", BlazarDouble.get_lease),
    ("PUT", "/v1/leases/([^/]+)", BlazarDouble.update_lease),
    ("DELETE", "/v1/leases/([^/]+)", BlazarDouble.delete_lease),
)


def _shown(lease: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in lease.items() if not key.startswith("_")}
