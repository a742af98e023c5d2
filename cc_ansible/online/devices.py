"""What a site reaches beside its hosts: the BMCs of its hardware, and its switches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from cc_ansible.errors import Origin
from cc_ansible.site import hardware
from cc_ansible.site.net import plan

if TYPE_CHECKING:
    from cc_ansible.site.model.baremetal import Bmc
    from cc_ansible.site.model.switches import Switch
    from cc_ansible.site.subject import Subject

Kind = Literal["redfish", "ipmi", "tcp"]

IPMI_PORT = 623
SSH_PORT = 22


@dataclass(frozen=True)
class Device:
    """Something that must answer; ``asked`` is a URL for Redfish, else ``host:port``.

    ``container`` is what talks to it: only the hosts that run it need to reach it.
    """

    noun: Literal["BMC", "switch"]
    name: str
    kind: Kind
    asked: str
    container: str
    origin: Origin | None


def of_site(subject: Subject) -> list[Device]:
    """Every device that the site names, as far as what it says of it is valid."""
    return [*_bmcs(subject), *_switches(subject)]


def _bmcs(subject: Subject) -> Iterator[Device]:
    for machine in subject.once(hardware.read).machines:
        bmc: Bmc | None = getattr(machine.model, "bmc", None)
        if bmc is not None:
            asked = _redfish(bmc) if bmc.protocol == "redfish" else _ipmi(bmc)
            at = machine.at("bmc", "address")
            yield Device("BMC", machine.name, bmc.protocol, asked, "ironic_conductor", at)


def _redfish(bmc: Bmc) -> str:
    if "://" in bmc.address:
        return bmc.address.rstrip("/")
    port = f":{bmc.port}" if bmc.port else ""
    return f"https://{_bracketed(bmc.address)}{port}"


def _ipmi(bmc: Bmc) -> str:
    return f"{_bracketed(bmc.address)}:{bmc.port or IPMI_PORT}"


def _switches(subject: Subject) -> Iterator[Device]:
    for entry in plan.switches(subject).common:
        switch: Switch = entry.model
        if switch.device_type.startswith("netmiko_"):
            port = switch.ngs_config.get("port", SSH_PORT)
            asked = f"{_bracketed(switch.address)}:{port}"
            at = entry.at("address")
            yield Device("switch", switch.name, "tcp", asked, "neutron_server", at)


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address
