"""All judges on everything that was seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cc_ansible.online.judge import (
    clock,
    devices,
    engine,
    images,
    machine,
    names,
    net,
    ports,
    reach,
    vip,
)
from cc_ansible.online.rules import HostFinding
from cc_ansible.online.view import View

JUDGES: tuple[Callable[[View], Iterator[HostFinding]], ...] = (
    reach.unreachable,
    reach.rights,
    machine.system,
    machine.python,
    machine.disks,
    machine.memory,
    clock.synchronised,
    clock.differs,
    clock.certificates,
    names.hostnames,
    names.endpoints,
    net.interfaces,
    net.external,
    net.mtus,
    vip.taken,
    vip.network,
    ports.taken,
    engine.engine,
    engine.foreign,
    images.missing,
    images.allowed,
    devices.silent,
)


def judge(view: View) -> list[HostFinding]:
    """Everything that is wrong: errors first, then by host and check."""
    found = {finding for each in JUDGES for finding in each(view)}
    return sorted(found, key=_place)


def _place(found: HostFinding) -> tuple[bool, bool, str, str, str]:
    rule, summary = found.finding.rule, found.finding.summary
    return (not found.is_error, found.host is None, found.host or "", rule, summary)
