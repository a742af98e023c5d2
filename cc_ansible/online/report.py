"""The result of looking at hosts, as commands show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from cc_ansible.online.facts import Host
from cc_ansible.online.judge import devices
from cc_ansible.online.rules import Check, HostFinding
from cc_ansible.online.view import MANAGED, View

Status = Literal["ok", "warning", "error", "none"]
"""``none`` is what could not be looked at, or is not asked of a host."""

OF_HOSTS = tuple(check for check in Check if check not in (Check.IMAGES, Check.HARDWARE))
"""The checks that each host has."""


@dataclass(frozen=True)
class Tally:
    """How many of some things are well; ``asked`` may be fewer than there are."""

    noun: str
    good: int
    asked: int
    total: int


@dataclass(frozen=True)
class Report:
    """What was found. ``hosts`` maps each host to the status of each check."""

    hosts: Mapping[str, Mapping[Check, Status]]
    findings: Sequence[HostFinding]
    tallies: Sequence[Tally] = field(default_factory=list)

    @property
    def errors(self) -> int:
        """How many findings are more than warnings."""
        return sum(found.is_error for found in self.findings)


def make(view: View, findings: Sequence[HostFinding]) -> Report:
    """Findings, laid out by host and check."""
    rows: dict[str, dict[Check, Status]] = {
        name: {check: _status(view, host, check, findings) for check in OF_HOSTS}
        for name, host in view.hosts.items()
    }
    return Report(rows, findings, _tallies(view))


def _status(view: View, host: Host, check: Check, findings: Sequence[HostFinding]) -> Status:
    mine = [found for found in findings if found.host == host.name and found.check is check]
    if mine:
        return "error" if any(found.is_error for found in mine) else "warning"
    return "ok" if _is_asked(view, host, check) else "none"


def _is_asked(view: View, host: Host, check: Check) -> bool:
    """Whether silence means that all is well."""
    if check is Check.REACH:
        return True
    if host.facts is None or MANAGED not in host.groups:
        return False
    seen = {
        Check.NAMES: bool(host.answers.get("names")) and bool(host.wanted),
        Check.NET: host.facts.interfaces is not None and bool(host.wanted),
        Check.VIP: "loadbalancer" in host.groups and host.flag("keepalived"),
        Check.PORTS: any(host.name in each.hosts for each in view.listeners) and not host.denied,
        Check.ENGINE: not host.denied,
        Check.MEMORY: "control" in host.groups,
    }
    return seen.get(check, True)


def _tallies(view: View) -> list[Tally]:
    found = []
    if view.registry:
        states = [answer.state for answer in view.registry.values()]
        asked = sum(state in ("present", "missing") for state in states)
        found.append(Tally("images", states.count("present"), asked, len(states)))
    for noun, plural in (("BMC", "BMCs"), ("switch", "switches")):
        mine = [device for device in view.devices if device.noun == noun]
        asked_of = [said for device in mine if (said := devices.answers(view, device))]
        good = sum(not any(said.values()) for said in asked_of)
        if mine:
            found.append(Tally(plural, good, len(asked_of), len(mine)))
    return found
