"""What judges of a running site look at: its hosts, what it runs on them, and when."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cc_ansible.verify.check import Trouble

if TYPE_CHECKING:
    from cc_ansible.kolla.images import Service
    from cc_ansible.online.facts import Host
    from cc_ansible.verify.allow import Allowed


@dataclass(frozen=True)
class View:
    """The argument of every judge. Facts of its hosts are what ``cc_service_health`` said."""

    hosts: Mapping[str, Host]
    services: Sequence[Service] = ()
    allowed: Sequence[Allowed] = ()
    now: datetime.datetime = field(default_factory=lambda: datetime.datetime.now(datetime.UTC))

    @property
    def seen(self) -> Iterator[Host]:
        """Hosts that could be looked at."""
        return (host for host in self.hosts.values() if host.facts)

    def expected(self, host: Host) -> list[Service]:
        """The containers that the site runs on a host."""
        return [service for service in self.services if host.name in service.hosts]

    def having(self, flag: str) -> list[Host]:
        """Hosts that run something, as the playbook's wants say; seen or not."""
        return [host for host in self.hosts.values() if host.flag(flag)]


def part(host: Host, name: str) -> Mapping[str, Any]:
    """A part of what a host said; empty where it said nothing."""
    found = host.facts.get(name) if host.facts else None
    return found if isinstance(found, Mapping) else {}


def untold(host: Host, name: str, what: str) -> list[Trouble]:
    """The trouble with a part of what a host said that could not be had; ``what`` it is."""
    problem = part(host, name).get("problem")
    if not problem:
        return []
    cause = f"{what} of {host.name} cannot be told: {problem}."
    return [Trouble(f"{what}: {problem}", cause, f"See `dmesg | tail` on {host.name}.")]


def containers(host: Host) -> Mapping[str, Mapping[str, Any]]:
    """The containers of a host by name."""
    return {each["name"]: each for each in part(host, "engine").get("containers") or ()}


def ago(seconds: float) -> str:
    """A span of time in the past: ``12 s ago``, ``5 min ago``."""
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit} ago"
    return f"{max(seconds, 0):.0f} s ago"
