"""A lease far in the future, when no calendar and no user can mind; and Doni's list."""

from __future__ import annotations

import datetime
import json
import re
from typing import TYPE_CHECKING, Any

from cc_ansible.hardware.doni import Doni
from cc_ansible.verify import cloud
from cc_ansible.verify.check import Failed, Skipped, Trouble
from cc_ansible.verify.experiment import logins
from cc_ansible.verify.standard.ground import Ground

if TYPE_CHECKING:
    from requests import Response

YEARS = (5, 7, 9)
"""How far ahead to ask: beyond what calendars hold; more than one, should one be taken."""
# NotEnoughHostsAvailable of Blazar is an answer of 500 with this text.
TAKEN = re.compile("not enough (hosts|resources)", re.IGNORECASE)
# MaxLeaseDurationException of Blazar, and what services that filter leases say.
LIMITED = re.compile("lease duration|lease is longer|too long|too far", re.IGNORECASE)
FIX = "See container blazar_manager and its log."


def lease(ground: Ground) -> str:
    """A host is reserved for an hour in years, and given back."""
    ground.require("reservation", "Blazar")
    blazar = cloud.adapter(ground.admin, "reservation")
    hosts = _answer(blazar.get("/os-hosts"))["hosts"]
    if not any(host.get("reservable", True) for host in hosts):
        raise Skipped("Blazar has no host that can be reserved")
    refusal = ""
    for years in YEARS:
        answer = blazar.post("/leases", json=_wish(f"{ground.name}-lease", years))
        if answer.ok:
            made = answer.json()["lease"]
            _answer(blazar.delete(f"/leases/{made['id']}"))
            return f"a host of {len(hosts)} reserved in {years} years, and given back"
        refusal = _said(answer)
        if not TAKEN.search(refusal):
            break
    if TAKEN.search(refusal):
        why = f"no host is free in {', '.join(map(str, YEARS))} years, as it is where all have "
        raise Skipped(f"{why}calendars, which end all lending some day. Blazar says: {refusal}")
    if LIMITED.search(refusal):
        raise Skipped(f"Blazar's limits do not let the admin have such a lease: {refusal}")
    raise Failed(Trouble(refusal, "Blazar does not make a lease.", FIX))


def _wish(name: str, years: int) -> dict[str, Any]:
    start = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=365 * years)
    end = start + datetime.timedelta(hours=1)
    return {
        "name": name,
        "start_date": f"{start:%Y-%m-%d %H:%M}",
        "end_date": f"{end:%Y-%m-%d %H:%M}",
        "events": [],
        "reservations": [
            {
                "resource_type": "physical:host",
                "min": 1,
                "max": 1,
                "hypervisor_properties": "",
                "resource_properties": "",
            }
        ],
    }


def hardware(ground: Ground) -> str:
    """Doni lists what is enrolled; what it could not do for it is told."""
    ground.require("inventory", "Doni")
    items = Doni(logins.cloud(ground.admin)).hardware()
    failed = [f"{item.name}: {task.worker}" for item in items for task in item.tasks if task.error]
    if failed:
        text = f"{len(failed)} tasks failed: {', '.join(failed[:5])}"
        cause = "Doni could not bring Ironic or Blazar to what its record of these items says."
        raise Failed(Trouble(text, cause, "`cc-ansible hardware show NAME` says why."))
    return f"{len(items)} items"


def _answer(answer: Response) -> dict[str, Any]:
    """The content of an answer.

    Raises:
        Failed: it is a refusal.
    """
    if not answer.ok:
        text = f"{answer.request.method} {answer.url} answers {_said(answer)}"
        if answer.status_code >= 500:
            raise Failed(cloud.answered(answer.status_code, text))
        raise Failed(Trouble(text, "The service refuses a request of the site's admin.", ""))
    return dict(answer.json()) if answer.content else {}


def _said(answer: Response) -> str:
    try:
        body = answer.json()
    except json.JSONDecodeError:
        body = answer.text
    if isinstance(body, dict):
        body = body.get("error_message") or body.get("error") or body.get("message") or body
    return f"{answer.status_code}: {' '.join(str(body).split())[:300]}"
