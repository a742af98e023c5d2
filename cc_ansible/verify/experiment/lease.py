"""The user's lease of the node."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from typing import Any

from cc_ansible.hardware.rest import Refused, Service
from cc_ansible.verify.experiment.step import Step
from cc_ansible.verify.experiment.trial import Site, Trial, blazar
from cc_ansible.verify.experiment.trouble import Trouble
from cc_ansible.verify.experiment.wait import SERVICES, NotYet

MARGIN = datetime.timedelta(minutes=5)
LOG = "Look at the log of blazar_manager: /var/log/kolla/blazar"


class Lease(Step):
    name = "lease active"
    undone = "lease ended"

    def run(self, trial: Trial) -> str:
        service = blazar(trial.user)
        end = ends_at(trial.options.limit)
        made = service.call("POST", "/leases", body(trial.name, trial.properties, end))["lease"]
        trial.lease = str(made["id"])
        trial.reservation = str(made["reservations"][0]["id"])
        trial.watch.until("active lease", lambda: _active(service, trial.lease), SERVICES, LOG)
        return f"lease {trial.lease} until {end:%Y-%m-%d %H:%M} UTC"

    def clean_up(self, trial: Trial) -> str:
        remove(trial.site, trial.name)
        return "Blazar has no lease of it"


def body(name: str, properties: str, end: datetime.datetime) -> dict[str, Any]:
    """A request for a lease of one node from now on, as Blazar's API version 1 takes it."""
    reservation = {
        "resource_type": "physical:host",
        "min": 1,
        "max": 1,
        "hypervisor_properties": "",
        "resource_properties": properties,
    }
    return {
        "name": name,
        "start_date": "now",
        "end_date": f"{end:%Y-%m-%d %H:%M}",
        "reservations": [reservation],
        "events": [],
    }


def pinned(host: Mapping[str, Any]) -> str:
    """The properties that only one host has. ``uid`` is Doni's, and what users ask for."""
    key = "uid" if host.get("uid") else "hypervisor_hostname"
    return json.dumps(["==", f"${key}", str(host[key])])


def ends_at(limit: float) -> datetime.datetime:
    """The end of a lease from now on: after an experiment of so many seconds, cleaned up or not."""
    end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=2 * limit) + MARGIN
    return end.replace(second=0, microsecond=0)


def remove(site: Site, name: str) -> None:
    """End the leases of an experiment, and wait until Blazar has none.

    Raises:
        Trouble: one is still there.
    """
    site.watch.until("end of the lease", lambda: _ended(site, name), SERVICES, LOG)


def remaining(site: Site, name: str) -> list[dict[str, Any]]:
    """The leases of an experiment."""
    leases = site.blazar.get("/leases", "leases")["leases"]
    return [lease for lease in leases if lease["name"] == name]


def _active(service: Service, lease_id: str) -> bool | NotYet:
    lease = service.call("GET", f"/leases/{lease_id}")["lease"]
    status = str(lease.get("status"))
    if status == "ACTIVE":
        return True
    if status in ("ERROR", "TERMINATED"):
        events = [f"{event['event_type']}: {event['status']}" for event in lease.get("events", [])]
        raise Trouble(
            f"the lease is {status}",
            cause="Blazar could not start the lease.",
            fix=LOG,
            log=tuple(events),
        )
    return NotYet(f"it is {status}")


def _ended(site: Site, name: str) -> bool | NotYet:
    """Blazar refuses while it does something with the lease: so it is asked each time."""
    leases = remaining(site, name)
    for lease in leases:
        try:
            site.blazar.call("DELETE", f"/leases/{lease['id']}")
        except Refused as problem:
            if problem.status != 404:
                return NotYet(f"it is {lease.get('status')}: {problem.summary}")
    return NotYet("Blazar still has it") if leases else True
