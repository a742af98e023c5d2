"""Rules about real hosts: a catalogue of its own, apart from that of the site config."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from cc_ansible.errors import Origin
from cc_ansible.site.findings import Finding, Rule, Severity


class Check(enum.StrEnum):
    """What is looked at, as the columns of the result name it."""

    REACH = "reach"
    SYSTEM = "system"
    CLOCK = "clock"
    NAMES = "names"
    NET = "net"
    VIP = "vip"
    PORTS = "ports"
    DISK = "disk"
    MEMORY = "memory"
    ENGINE = "engine"
    IMAGES = "images"
    HARDWARE = "hardware"


@dataclass(frozen=True)
class HostRule:
    """Something that holds for hosts that a site can run on."""

    rule: Rule
    check: Check

    def broken(
        self,
        host: str | None,
        summary: str,
        origin: Origin | None = None,
        *,
        detail: str = "",
        fix: str = "",
    ) -> HostFinding:
        """The finding that it does not hold; ``host`` is None for what is no host of the site."""
        found = self.rule.broken(summary, origin, detail=detail, fix=fix)
        return HostFinding(host, self.check, found)


@dataclass(frozen=True)
class HostFinding:
    """A finding, the host it is about, and the check that made it."""

    host: str | None
    check: Check
    finding: Finding

    @property
    def is_error(self) -> bool:
        """Whether it is more than a warning."""
        return self.finding.severity is Severity.ERROR


CATALOGUE: dict[str, HostRule] = {}
"""Every rule about hosts by its name, filled as the modules of the judges are imported."""


def error(check: Check, name: str, about: str) -> HostRule:
    """Make a rule without which a deploy fails, or what it makes does not work."""
    return _enter(check, Rule(name, Severity.ERROR, about))


def warning(check: Check, name: str, about: str) -> HostRule:
    """Make a rule without which a deploy does work."""
    return _enter(check, Rule(name, Severity.WARNING, about))


def _enter(check: Check, rule: Rule) -> HostRule:
    if rule.name in CATALOGUE:
        raise ValueError(f"two rules are called {rule.name}")
    CATALOGUE[rule.name] = HostRule(rule, check)
    return CATALOGUE[rule.name]
