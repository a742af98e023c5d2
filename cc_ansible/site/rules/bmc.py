"""Rules about the board management controllers of nodes."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from cc_ansible.site import hardware
from cc_ansible.site.findings import Finding, error
from cc_ansible.site.machines import Machine
from cc_ansible.site.model.read import INVALID_VALUE, MISSING_KEY, UNKNOWN_KEY
from cc_ansible.site.net.settings import VIPS
from cc_ansible.site.rules import fabric
from cc_ansible.site.rules.repeated import Claim, once_per_place, repeated
from cc_ansible.site.subject import Subject
from cc_ansible.site.survey import Layer

DUPLICATE_BMC = error("duplicate-bmc", "Each node has a management controller of its own")
DUPLICATE_TERMINAL_PORT = error(
    "duplicate-terminal-port", "Each node has a terminal port of its own"
)
ADDRESS_TAKEN = error("bmc-address-taken", "No management controller has the address of a host")

OF_REDFISH = ("system_id", "verify_ca", "auth_type")
USUAL_PORT = {"ipmi": 623, "redfish": 443}


@dataclass(frozen=True)
class Address:
    """Where a controller answers; ``system`` tells apart several systems of one controller."""

    host: str
    port: int | None
    system: str = ""


def controllers(subject: Subject) -> Iterator[Finding]:
    """Each controller for itself: what its protocol needs and does not have."""
    yield from once_per_place(_each(subject.once(hardware.read).machines))


def addresses(subject: Subject) -> Iterator[Finding]:
    """Controllers at one address, and at the address of something else."""
    found = [
        (address, Claim(machine.name, machine.at("bmc", "address")))
        for machine in subject.once(hardware.read).machines
        if machine.is_node and (address := address_of(machine))
    ]
    yield from _doubled(found)
    taken = _taken(subject) if found else {}
    for address, claim in found:
        if owner := taken.get(address.host):
            yield ADDRESS_TAKEN.broken(
                f"The BMC address of {claim.who}, {address.host}, is that of {owner}.",
                claim.origin,
                fix="Correct one of the two.",
            )


def terminal_ports(subject: Subject) -> Iterator[Finding]:
    """Serial consoles of two nodes on one port of the conductor."""
    claims = [
        (port, Claim(machine.name, machine.at("bmc", "terminal_port")))
        for machine in subject.once(hardware.read).machines
        if machine.is_node and (port := machine.text("bmc", "terminal_port"))
    ]
    used = {port for port, _ in claims}
    for port, first, second in repeated(claims):
        free = next(str(number) for number in range(int(port), 65536) if str(number) not in used)
        yield DUPLICATE_TERMINAL_PORT.broken(
            f"{second.who} and {first.who} have the same terminal port {port}.",
            second.origin,
            detail=f"The first is in {first.where}.",
            fix=f"Use a free one, such as {free}.",
        )


def address_of(machine: Machine) -> Address | None:
    """Where the controller of a node answers; None where that cannot be told."""
    text = machine.text("bmc", "address").lower()
    given = machine.get("bmc", "port")
    port = given if isinstance(given, int) else None
    host: str | None = text
    if "://" in text:
        try:
            parts = urlsplit(text)
            host, port = parts.hostname, parts.port or port
        except ValueError:
            return None
    if not host:
        return None
    if port == USUAL_PORT.get(machine.text("bmc", "protocol")):
        port = None
    return Address(_plain(host), port, machine.text("bmc", "system_id"))


def _each(machines: list[Machine]) -> Iterator[Finding]:
    for machine in machines:
        if machine.is_node and machine.whole and isinstance(machine.value.get("bmc"), dict):
            protocol = machine.get("bmc", "protocol")
            if protocol == "ipmi":
                yield from _ipmi(machine)
            elif protocol == "redfish":
                yield from _redfish(machine)


def _plain(host: str) -> str:
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return host


@functools.cache
def _keys() -> frozenset[str]:
    from cc_ansible.site.model.baremetal import Bmc

    return frozenset(Bmc.model_fields)


def _ipmi(machine: Machine) -> Iterator[Finding]:
    misspelt = set(machine.value["bmc"]) - _keys()
    for key in () if misspelt else ("username", "password"):
        if machine.value["bmc"].get(key) is None:
            yield MISSING_KEY.broken(
                f"hardware {machine.name} needs `bmc.{key}`: IPMI asks for it.",
                machine.at("bmc"),
                fix=f"Add `{key}:`.",
            )
    for key in OF_REDFISH:
        if key in machine.value["bmc"]:
            yield UNKNOWN_KEY.broken(
                f"hardware {machine.name}: IPMI has no `bmc.{key}`.",
                machine.at("bmc", key),
                fix="Remove it, or write `protocol: redfish`.",
            )
    if "://" in machine.text("bmc", "address"):
        yield INVALID_VALUE.broken(
            f"hardware {machine.name}: `bmc.address` is a URL, which IPMI has not.",
            machine.at("bmc", "address"),
            fix="Write the address alone, or `protocol: redfish`.",
        )


def _redfish(machine: Machine) -> Iterator[Finding]:
    bmc = machine.value["bmc"]
    given = [key for key in ("username", "password") if bmc.get(key) is not None]
    if len(given) == 1:
        other = "password" if given[0] == "username" else "username"
        yield MISSING_KEY.broken(
            f"hardware {machine.name} needs `bmc.{other}` too.",
            machine.at("bmc", given[0]),
            fix=f"Add `{other}:`.",
        )
    system = machine.text("bmc", "system_id")
    if system and not system.startswith("/"):
        yield INVALID_VALUE.broken(
            f"hardware {machine.name}: `bmc.system_id` must be a path.",
            machine.at("bmc", "system_id"),
            detail=f"It says {system!r}.",
            fix=f"Write `/redfish/v1/Systems/{system.rpartition('/')[2]}`.",
        )


def _doubled(found: list[tuple[Address, Claim]]) -> Iterator[Finding]:
    """Same host and port; different systems of one Redfish service are different nodes."""
    whole: dict[tuple[str, int | None], list[tuple[str, Claim]]] = {}
    for address, claim in found:
        before = whole.setdefault((address.host, address.port), [])
        for system, first in before:
            if not (system and address.system) or system == address.system:
                yield DUPLICATE_BMC.broken(
                    f"{claim.who} and {first.who} have the same BMC address {address.host}.",
                    claim.origin,
                    detail=f"The first is in {first.where}.",
                    fix="Correct one of the two; they would switch each other off.",
                )
                break
        before.append((address.system, claim))


def _taken(subject: Subject) -> dict[str, str]:
    """Addresses of the site's own machines, and whose they are."""
    taken: dict[str, str] = {}
    for switch in fabric.switches(subject).values():
        if switch.address:
            taken[_plain(switch.address)] = f"switch {switch.name}"
    for source in subject.survey.sources:
        if source.layer is Layer.HOST and "ansible_host" in source.document.value:
            taken[_plain(str(source.document.value["ansible_host"]))] = f"host {source.scope}"
    for name in subject.survey.inventory.hosts:
        taken.setdefault(_plain(name), f"host {name}")
    for variable in VIPS:
        if address := subject.values.known_or("", variable):
            taken[_plain(str(address))] = variable
    return taken
