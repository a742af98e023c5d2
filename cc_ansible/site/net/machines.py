"""Addresses that machines of a site have: hosts, virtual addresses, switches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cc_ansible.errors import Origin
from cc_ansible.site.net import addresses, plan, settings
from cc_ansible.site.net.refused import Refused
from cc_ansible.site.net.spans import Address
from cc_ansible.site.subject import Subject
from cc_ansible.site.values import Unknown

HOST_ADDRESS = "ansible_host"
API_ADDRESS = "api_interface_address"
SHOWN = 5
OUTSIDE = {"deployment", "bifrost", "all", "ungrouped"}
"""Groups whose hosts run nothing of the site."""


@dataclass(frozen=True)
class Machine:
    """An address that something has. ``owner`` is the machine, ``what`` names the address."""

    address: Address
    owner: str
    what: str
    origin: Origin | None


def listed(found: list[Machine]) -> str:
    """Some machines in words: the first, and how many others."""
    first, more = found[0], len(found) - 1
    others = f" and {more} other{'s' if more > 1 else ''}" if more else ""
    return f"{first.what} {first.address}{others}"


def places(found: list[Machine]) -> str:
    """Where their addresses are written, for details."""
    shown = [f"{machine.address} at {plan.place_of(machine.origin)}" for machine in found[:SHOWN]]
    return ", ".join([*shown, *(["..."] if len(found) > SHOWN else [])])


def hosts(subject: Subject) -> list[Machine]:
    """The hosts that run something, by the address Ansible and the services use."""
    return subject.once(_hosts)


def vips(subject: Subject) -> list[Machine]:
    """The virtual addresses that keepalived adds to hosts; none where it is off."""
    return subject.once(_vips)


def switches(subject: Subject) -> list[Machine]:
    """The switches that Neutron configures."""
    return subject.once(_switches)


def everyone(subject: Subject) -> list[Machine]:
    """All of these."""
    return [*vips(subject), *hosts(subject), *switches(subject)]


def _hosts(subject: Subject) -> list[Machine]:
    inventory = subject.survey.inventory
    found: list[Machine] = []
    for host in inventory.hosts:
        if not set(inventory.groups_of.get(host, [])) - OUTSIDE or _is_here(subject, host):
            continue
        for name in (HOST_ADDRESS, API_ADDRESS):
            if machine := _host(subject, host, name):
                found.append(machine)
    return found


def _is_here(subject: Subject, host: str) -> bool:
    """Whether a host is reached without a network, or through a port that leads elsewhere."""
    connection = subject.values.known_or("ssh", "ansible_connection", host)
    return connection == "local" or subject.values.raw("ansible_port", host) is not None


def _host(subject: Subject, host: str, name: str) -> Machine | None:
    raw = subject.values.raw(name, host)
    if raw is None:
        if name != HOST_ADDRESS or not addresses.is_address(host):
            return None
        origin = subject.survey.places.host(host)
        return Machine(addresses.address(host), host, f"the address of {host}", origin)
    address = _address(subject, raw.value, host)
    what = f"the address of {host}" if name == HOST_ADDRESS else f"{name} of {host}"
    return Machine(address, host, what, raw.origin) if address else None


def _address(subject: Subject, value: Any, host: str | None = None) -> Address | None:
    try:
        return addresses.address(subject.values.render(value, host))
    except (Refused, Unknown):
        return None


def _vips(subject: Subject) -> list[Machine]:
    if not all(subject.values.enabled(f"enable_{name}") for name in ("haproxy", "keepalived")):
        return []
    found: list[Machine] = []
    for name in settings.VIPS:
        raw = subject.values.raw(name)
        address = _address(subject, raw.value) if raw else None
        if raw and address and address not in [machine.address for machine in found]:
            found.append(Machine(address, name, name, raw.origin))
    return found


def _switches(subject: Subject) -> list[Machine]:
    return list(_of_switches(subject))


def _of_switches(subject: Subject) -> Iterator[Machine]:
    for group in plan.switches(subject):
        for typed in group:
            name, text = typed.model.name, typed.model.address
            if addresses.is_address(text):
                address = addresses.address(text)
                yield Machine(address, name, f"the address of switch {name}", typed.at("address"))
    for old in (typed for group in plan.legacy_switches(subject) for typed in group):
        text = old.model.ip or ""
        if addresses.is_address(text):
            what = f"the address of switch {old.model.name}"
            yield Machine(addresses.address(text), old.model.name, what, old.at("ip"))
