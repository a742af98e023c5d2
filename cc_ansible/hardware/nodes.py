"""What Ironic says of the machines behind items."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cc_ansible.hardware.rest import Service, moment

if TYPE_CHECKING:
    from cc_ansible.hardware.credentials import Cloud

SERVICE, VERSION = "baremetal", "1.78"
"""Its type in the catalogue, and the first version of its API that has histories."""
FIELDS = (
    "uuid", "name", "provision_state", "power_state", "maintenance", "maintenance_reason", "fault",
    "last_error",
)  # fmt: skip
FAILED = frozenset(
    {
        *("adopt failed", "clean failed", "deploy failed", "error", "inspect failed"),
        *("rescue failed", "service failed", "unrescue failed"),
    }
)
"""Provision states from which Ironic does not go on by itself."""
ERROR = "ERROR"
OF_DONI = "Doni: "
"""What the reasons of a maintenance begin with that was declared."""


@dataclass(frozen=True)
class Node:
    """A node of Ironic, in Ironic's words.

    Attributes:
        fault: why Ironic itself took it out of service; empty when it did not.
        reason: what Ironic, or whoever took it out of service, says about it.
    """

    uuid: str
    name: str
    state: str
    power: str
    maintenance: bool
    fault: str
    reason: str

    @property
    def trouble(self) -> str:
        """What keeps it from going on by itself, in a few words; empty when nothing does."""
        return self.fault or (self.state if self.state in FAILED else "")

    @property
    def declared(self) -> bool:
        """Whether whoever declared it knows that it is out of service."""
        return self.maintenance and self.reason.startswith(OF_DONI)

    @property
    def shown(self) -> str:
        """How it is, in a few words."""
        if self.fault and self.fault != self.state:
            return f"{self.state}, {self.fault}"
        return f"{self.state}, maintenance" if self.maintenance and not self.fault else self.state

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {**vars(self), "trouble": self.trouble or None}


@dataclass(frozen=True, order=True)
class Mishap:
    """Something that failed on a node: when, during what, and how Ironic puts it."""

    at: datetime.datetime
    during: str
    text: str

    def as_json(self) -> dict[str, str]:
        """Plain data."""
        return {"at": self.at.isoformat(), "during": self.during, "text": self.text}


def of(said: Mapping[str, Any]) -> Node:
    """A node as Ironic's API shows it, with at least these ``FIELDS``."""
    maintenance = bool(said.get("maintenance"))
    reasons = [said.get("maintenance_reason") if maintenance else None, said.get("last_error")]
    return Node(
        str(said["uuid"]),
        str(said.get("name") or said["uuid"]),
        str(said["provision_state"]),
        str(said.get("power_state") or "unknown"),
        maintenance,
        str(said.get("fault") or ""),
        next((str(each) for each in reasons if each), ""),
    )


def read(cloud: Cloud) -> list[Node]:
    """Every node; ``cloud`` is the admin of the whole system.

    :raises Missing: the site has no Ironic.
    :raises CcError: it cannot be asked.
    """
    return [of(each) for each in _pages(_service(cloud))]


def mishaps(cloud: Cloud, node: str) -> list[Mishap]:
    """What failed on a node, by its name or uuid, the latest last.

    Ironic remembers that when the node itself says nothing of it any more.

    :raises CcError: Ironic cannot be asked, or does not have the node.
    """
    asked = f"/v1/nodes/{node}/history?detail=true"
    return sorted(
        Mishap(moment(each["created_at"]), str(each["event_type"]), str(each["event"]))
        for each in _service(cloud).get(asked, "history")["history"]
        if each["severity"] == ERROR
    )


def _service(cloud: Cloud) -> Service:
    return Service(cloud, SERVICE, "Ironic", "enable_ironic", version=VERSION)


def _pages(service: Service) -> Iterable[Mapping[str, Any]]:
    asked, after = f"/v1/nodes?fields={','.join(FIELDS)}", ""
    while True:
        body = service.get(f"{asked}&marker={after}" if after else asked, "nodes")
        yield from body["nodes"]
        if not body.get("next") or not body["nodes"]:
            return
        after = str(body["nodes"][-1]["uuid"])
