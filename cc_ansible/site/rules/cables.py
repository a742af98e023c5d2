"""Rules about the network interfaces of nodes, and the switch ports they are plugged into."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cc_ansible.site import hardware
from cc_ansible.site.findings import Finding, error
from cc_ansible.site.machines import Machine
from cc_ansible.site.names import nearest
from cc_ansible.site.rules import fabric
from cc_ansible.site.rules.fabric import Fabric
from cc_ansible.site.rules.repeated import Claim, once_per_place, repeated
from cc_ansible.site.rules.vlans import UNKNOWN_NETWORK
from cc_ansible.site.subject import Subject
from cc_ansible.site.values import truth

DUPLICATE_MAC = error("duplicate-mac", "Each MAC address is that of one interface")
DUPLICATE_SWITCH_PORT = error("duplicate-switch-port", "One cable is plugged into a switch port")
DUPLICATE_INTERFACE = error("duplicate-interface", "Interfaces of a node have different names")
UNKNOWN_SWITCH = error("unknown-switch", "Switches that ports name are in switch_configs")
SWITCH_PORT_NAME = error("switch-port-name", "Switch ports are named as the switch names them")
INCOMPLETE_LINK = error("incomplete-link", "A cable ends at a switch and at a port of it")
NO_PXE_PORT = error("no-pxe-port", "Nodes boot from the network on at least one interface")

_OS10 = "os10"
_OS10_PORT = re.compile(r"(?:ethernet|port-channel) ?\d", re.IGNORECASE)
_NUMBERS = re.compile(r"\d+(?:/\d+)+(?::\d+)?$")


def interfaces(subject: Subject) -> Iterator[Finding]:
    """Each node's interfaces for themselves, and what they refer to."""
    machines = _nodes(subject)
    if machines:
        yield from once_per_place(_each(machines, subject.once(fabric.read)))


def unique(subject: Subject) -> Iterator[Finding]:
    """MAC addresses and switch ports that two interfaces have."""
    machines = _nodes(subject)
    for mac, first, second in repeated(_macs(machines)):
        yield DUPLICATE_MAC.broken(
            f"{second.who} and {first.who} have the same MAC address {mac}.",
            second.origin,
            detail=f"The first is in {first.where}.",
            fix="Correct one of the two.",
        )
    for (switch, port), first, second in repeated(_switch_ports(machines)):
        yield DUPLICATE_SWITCH_PORT.broken(
            f"{second.who} and {first.who} are both plugged into {port} of {switch}.",
            second.origin,
            detail=f"The first is in {first.where}.",
            fix="Correct one of the two.",
        )


def _nodes(subject: Subject) -> list[Machine]:
    return [machine for machine in subject.once(hardware.read).machines if machine.is_node]


def _each(machines: list[Machine], known: Fabric) -> Iterator[Finding]:
    for machine in machines:
        yield from _boots(machine)
        yield from _names(machine)
        for index, port in machine.ports():
            yield from _link(machine, index, port)
            yield from _switch(machine, index, known)
            yield from _network(machine, index, known)


def _boots(machine: Machine) -> Iterator[Finding]:
    ports = [port for _, port in machine.ports()]
    if ports and not any(_may_boot(port) for port in ports):
        yield NO_PXE_PORT.broken(
            f"hardware {machine.name} boots from the network on none of its interfaces.",
            machine.at("ports"),
            fix="Write `pxe: true` at one of them.",
        )


def _may_boot(port: Mapping[str, Any]) -> bool:
    return truth(port.get("pxe")) is not False and truth(port.get("enabled")) is not False


def _names(machine: Machine) -> Iterator[Finding]:
    names = (
        (str(port["name"]), Claim(machine.name, machine.at("ports", index, "name")))
        for index, port in machine.ports()
        if port.get("name") is not None
    )
    for name, first, second in repeated(names):
        yield DUPLICATE_INTERFACE.broken(
            f"hardware {machine.name} has two interfaces called {name}.",
            second.origin,
            detail=f"The first is in {first.where}.",
            fix="Rename one, or remove it.",
        )


def _link(machine: Machine, index: int, port: Mapping[str, Any]) -> Iterator[Finding]:
    given = [key for key in ("switch", "port") if port.get(key) is not None]
    if len(given) == 1 and machine.whole:
        other = "port" if given[0] == "switch" else "switch"
        yield INCOMPLETE_LINK.broken(
            f"{_called(machine, index)} has a `{given[0]}`, but no `{other}`.",
            machine.at("ports", index, given[0]),
            fix=f"Add `{other}:`, or remove `{given[0]}`.",
        )


def _switch(machine: Machine, index: int, known: Fabric) -> Iterator[Finding]:
    name = machine.text("ports", index, "switch")
    if not name or known.switches is None:
        return
    if switch := known.switches.get(name):
        yield from _port_name(machine, index, switch)
    else:
        yield UNKNOWN_SWITCH.broken(
            f"{_called(machine, index)} is plugged into {name}, which is not in switch_configs.",
            machine.at("ports", index, "switch"),
            detail=f"Known: {', '.join(known.switches) or 'none'}.",
            fix=_meant(name, known.switches) or "Correct it, or add the switch.",
        )


def _network(machine: Machine, index: int, known: Fabric) -> Iterator[Finding]:
    name = machine.text("ports", index, "physical_network")
    if name and known.networks is not None and name not in known.networks:
        yield UNKNOWN_NETWORK.broken(
            f"{_called(machine, index)} is on {name}, which is not in neutron_networks.",
            machine.at("ports", index, "physical_network"),
            detail=f"Known: {', '.join(sorted(known.networks))}.",
            fix=_meant(name, known.networks) or "Correct it, or add the network.",
        )


def _port_name(machine: Machine, index: int, switch: fabric.Switch) -> Iterator[Finding]:
    """Dell's OS10 takes ``ethernet1/1/1``; older Dell systems said ``Te 1/1/1`` or ``1/1/1``."""
    port = machine.text("ports", index, "port")
    if port and switch.device_type.endswith(_OS10) and not _OS10_PORT.match(port):
        numbers = _NUMBERS.search(port)
        yield SWITCH_PORT_NAME.broken(
            f"{_called(machine, index)}: {switch.name} runs OS10, which has no port `{port}`.",
            machine.at("ports", index, "port"),
            fix=f"Write `ethernet{numbers[0]}`." if numbers else "Write it like `ethernet1/1/1`.",
        )


def _macs(machines: list[Machine]) -> Iterator[tuple[str, Claim]]:
    for machine in machines:
        for index, _ in machine.ports():
            digits = re.sub(r"[^0-9a-f]", "", machine.text("ports", index, "mac").lower())
            if len(digits) == 12:
                mac = ":".join(digits[i : i + 2] for i in range(0, 12, 2))
                yield mac, _claim(machine, index, "mac")


def _switch_ports(machines: list[Machine]) -> Iterator[tuple[tuple[str, str], Claim]]:
    for machine in machines:
        for index, _ in machine.ports():
            switch = machine.text("ports", index, "switch")
            port = re.sub(r"\s+", "", machine.text("ports", index, "port").lower())
            if switch and port:
                yield (switch, port), _claim(machine, index, "port")


def _claim(machine: Machine, index: int, key: str) -> Claim:
    return Claim(_called(machine, index), machine.at("ports", index, key))


def _called(machine: Machine, index: int) -> str:
    return f"{machine.name} {machine.text('ports', index, 'name') or index + 1}"


def _meant(name: str, known: Mapping[str, Any] | frozenset[str]) -> str:
    close = nearest(name, known)
    return f"Did you mean `{close}`?" if close else ""
