"""What a site says about its networks, read once for all rules.

A variable may be set for all hosts, and again for a group or a host; every list of networks or
switches that somebody wrote is here, the one for all hosts first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pydantic import BaseModel

from cc_ansible.errors import Origin
from cc_ansible.site.findings import Finding
from cc_ansible.site.model.networks import Network
from cc_ansible.site.model.read import Place, Typed
from cc_ansible.site.model.switches import LegacySwitch, Switch
from cc_ansible.site.net import numbers
from cc_ansible.site.net.refused import Refused
from cc_ansible.site.net.spans import Span
from cc_ansible.site.subject import Subject
from cc_ansible.site.survey import Layer, Source
from cc_ansible.site.values import Unknown

M = TypeVar("M", bound=BaseModel)

NETWORKS, SWITCHES = "neutron_networks", "switch_configs"
LEGACY_SWITCHES = "neutron_ml2_generic_switch_configs"
LEGACY_RANGES, LEGACY_MAPPINGS = "neutron_network_vlan_ranges", "neutron_ovs_bridge_mappings"
KOLLA_NETWORKS = "neutron_physical_networks"


@dataclass(frozen=True)
class Lists(Generic[M]):
    """Every list that sets one variable, with valid entries only, and what is wrong with them.

    ``common`` is the one for all hosts, ``special`` those of groups and hosts.
    """

    common: list[Typed[M]]
    special: list[list[Typed[M]]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def __iter__(self) -> Iterator[list[Typed[M]]]:
        return iter([self.common, *self.special])


def networks(subject: Subject) -> Lists[Network]:
    """The networks of the site."""
    return subject.once(_networks)


def switches(subject: Subject) -> Lists[Switch]:
    """The switches of the site."""
    return subject.once(_switches)


def legacy_switches(subject: Subject) -> Lists[LegacySwitch]:
    """The switches of the site in the form of older releases."""
    return subject.once(_legacy_switches)


def _networks(subject: Subject) -> Lists[Network]:
    return _lists(subject, NETWORKS, Network, "network")


def _switches(subject: Subject) -> Lists[Switch]:
    return _lists(subject, SWITCHES, Switch, "switch")


def _legacy_switches(subject: Subject) -> Lists[LegacySwitch]:
    return _lists(subject, LEGACY_SWITCHES, LegacySwitch, "switch")


def _lists(subject: Subject, name: str, model: type[M], noun: str) -> Lists[M]:
    common, findings = subject.listed(name, model, noun)
    special = []
    for source in of_groups_and_hosts(subject, name):
        typed, wrong = subject.in_documents([source.document], name, model, noun)
        special.append(typed)
        findings = [*findings, *wrong]
    return Lists(common, special, findings)


def of_groups_and_hosts(subject: Subject, name: str) -> Iterator[Source]:
    """The groups and hosts that set a variable for themselves."""
    for source in subject.survey.said.get(name, ()):
        if source.layer >= Layer.GROUP:
            yield source


def said_by_site(subject: Subject, name: str) -> bool:
    """Whether the site sets a variable, for all hosts or for some."""
    return name in subject.survey.said


def is_of_site(subject: Subject, origin: Origin | None) -> bool:
    """Whether a place is in the site config, not in a file of the project or Kolla-Ansible."""
    return origin is not None and origin.file.is_relative_to(subject.survey.path)


@dataclass(frozen=True)
class Assigned:
    """One ``NETWORK:...`` of a legacy list, and the VLANs or bridge it names."""

    network: str
    rest: str

    def vlans(self) -> Span | None:
        """The range of VLANs; None where there is none, or none that can be read."""
        try:
            return numbers.vlan_range(self.rest) if self.rest else None
        except Refused:
            return None


def legacy(subject: Subject, name: str) -> list[Assigned]:
    """The parts of ``neutron_network_vlan_ranges`` or ``neutron_ovs_bridge_mappings``."""
    text = subject.values.known_or("", name)
    parts = text if isinstance(text, list) else str(text).split(",")
    pairs = (str(part).strip().partition(":") for part in parts)
    return [Assigned(network, rest) for network, _, rest in pairs if network]


def physical_networks(subject: Subject) -> frozenset[str] | None:
    """The names of the physical networks; None where they cannot all be told."""
    return subject.once(_physical_networks)


def _physical_networks(subject: Subject) -> frozenset[str] | None:
    common = subject.survey.merged.get(NETWORKS)
    special = (source.document.value[NETWORKS] for source in of_groups_and_hosts(subject, NETWORKS))
    names: set[str] = set()
    for entries in [*([common.value] if common else []), *special]:
        if not isinstance(entries, list):
            return None
        for entry in entries:
            try:
                names.add(str(subject.values.render(entry["name"])))
            except (Unknown, KeyError, TypeError):
                return None
    names |= {part.network for part in legacy(subject, LEGACY_MAPPINGS)}
    if not names or said_by_site(subject, KOLLA_NETWORKS):
        try:
            names |= set(str(subject.values.get(KOLLA_NETWORKS) or "").split(","))
        except Unknown:
            return None
    return frozenset(names)


def below(at: Place, *path: str | int) -> Place:
    """Places below a part of an entry."""
    return lambda *rest: at(*path, *rest)


def place_of(origin: Origin | None) -> str:
    """A place in words, for details."""
    if origin is None:
        return "elsewhere"
    shown = f"{origin.file.name}:{origin.line}" if origin.line else origin.file.name
    return f"{shown} of Kolla-Ansible" if "kolla-ansible" in origin.file.parts else shown


def sentence(text: str) -> str:
    """A text that starts a sentence; names of variables stay as they are."""
    return f"T{text[1:]}" if text.startswith("the ") else text
