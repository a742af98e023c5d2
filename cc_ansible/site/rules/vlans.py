"""Rules about VLANs: on one physical network each has one purpose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cc_ansible.errors import Origin
from cc_ansible.site.findings import Finding, error, warning
from cc_ansible.site.model.networks import Network
from cc_ansible.site.model.read import Typed
from cc_ansible.site.names import nearest
from cc_ansible.site.net import numbers, plan
from cc_ansible.site.net.refused import Refused
from cc_ansible.site.net.settings import PROVISIONING_VLAN
from cc_ansible.site.net.spans import Span, clashes
from cc_ansible.site.rules import misread
from cc_ansible.site.subject import Subject
from cc_ansible.site.values import Unknown

VLAN_TAKEN = error("vlan-taken", "A VLAN has one purpose on its physical network")
VLAN_AT_EDGE = warning("vlan-at-edge", "Ranges of VLANs do not share their first or last one")
UNKNOWN_NETWORK = error("unknown-physical-network", "Physical networks are those of the site")

PROVISIONING_NETWORK = "ironic_provisioning_physical_network"
DEFAULT_PROVISIONING = "physnet1"
ON_DEMAND, RESERVABLE, SINGLE = "on-demand", "reservable", "single"


@dataclass(frozen=True)
class Use:
    """VLANs of one physical network, and what for."""

    kind: str
    what: str
    vlans: Span
    origin: Origin | None

    def __str__(self) -> str:
        first, last = self.vlans.first, self.vlans.last
        return f"{self.what} {first}" if first == last else f"{self.what} {first}:{last}"


def disjoint(subject: Subject) -> Iterator[Finding]:
    """VLANs with two purposes."""
    for index, networks in enumerate(plan.networks(subject)):
        for typed in networks:
            uses = list(_uses(typed))
            if index == 0:
                uses += _provisioning(subject, typed.model.name)
            for first, second in clashes(uses, lambda a, b: a.vlans.common(b.vlans)):
                if found := _clash(typed.model.name, first, second):
                    yield found


def references(subject: Subject) -> Iterator[Finding]:
    """Names of physical networks that are none."""
    known = plan.physical_networks(subject)
    if known is None or not subject.survey.whole:
        return
    yield from _provisioning_exists(subject, known)
    for assigned in plan.legacy(subject, plan.LEGACY_RANGES):
        if plan.said_by_site(subject, plan.LEGACY_RANGES) and assigned.network not in known:
            yield _unknown(
                f"{plan.LEGACY_RANGES} names the physical network {assigned.network}",
                subject.values.origin(plan.LEGACY_RANGES),
                known,
            )


def _uses(typed: Typed[Network]) -> Iterator[Use]:
    network = typed.model
    lists = {ON_DEMAND: network.on_demand_vlan_ranges, RESERVABLE: network.reservable_vlan_ranges}
    for kind, ranges in lists.items():
        key = f"{kind.replace('-', '_')}_vlan_ranges"
        for index, vlans in enumerate(ranges):
            yield Use(kind, kind, vlans, typed.at(key, index))
    for key, part in (("sharednet", network.sharednet), ("public", network.public)):
        if part and part.vlan:
            yield Use(SINGLE, key, Span(part.vlan, part.vlan), typed.at(key, "vlan"))


def _provisioning(subject: Subject, network: str) -> Iterator[Use]:
    if network != _provisioning_on(subject) or not _provisions(subject):
        return
    try:
        vlan = numbers.vlan(subject.values.get(PROVISIONING_VLAN))
    except (Refused, Unknown):
        return
    origin = subject.values.origin(PROVISIONING_VLAN)
    if origin not in misread.places(subject):
        yield Use(SINGLE, "the provisioning VLAN", Span(vlan, vlan), origin)


def _clash(network: str, first: Use, second: Use) -> Finding | None:
    common = first.vlans.common(second.vlans)
    assert common
    lone = common.first == common.last
    shared = f"VLAN {common.first}" if lone else f"VLANs {common.first} to {common.last}"
    rule = VLAN_AT_EDGE if _touches(first, second, common) else VLAN_TAKEN
    return rule.broken(
        f"network {network}: {first} and {second} share {shared}.",
        second.origin,
        detail=f"The first is at {plan.place_of(first.origin)}.",
        fix=_way_out(first, second),
    )


def _touches(first: Use, second: Use, common: Span) -> bool:
    """Whether two uses share one VLAN where ranges meet, as in CHI-in-a-Box's own examples.

    Sites run with it: the VLAN is that of who comes first, and the other one is refused it.
    """
    ranges = [use.vlans for use in (first, second) if use.kind != SINGLE]
    alone = common.first == common.last
    edges = all(common.first in (span.first, span.last) for span in ranges)
    return alone and edges and first.kind == ON_DEMAND


def _way_out(first: Use, second: Use) -> str:
    one, other = first.vlans, second.vlans
    if SINGLE in (first.kind, second.kind) and first.kind != second.kind:
        return "Leave it out of the range, or choose another VLAN."
    if one.first < other.first and one.last < other.last:
        return f'End the first at {other.first - 1}: "{one.first}:{other.first - 1}".'
    if other.first < one.first and other.last < one.last:
        return f'End the second at {one.first - 1}: "{other.first}:{one.first - 1}".'
    return "Move one of the two."


def _provisions(subject: Subject) -> bool:
    return subject.values.enabled("enable_ironic") is not False and plan.said_by_site(
        subject, PROVISIONING_VLAN
    )


def _provisioning_on(subject: Subject) -> str:
    return str(subject.values.known_or(DEFAULT_PROVISIONING, PROVISIONING_NETWORK))


def _provisioning_exists(subject: Subject, known: frozenset[str]) -> Iterator[Finding]:
    name = _provisioning_on(subject)
    if _provisions(subject) and name not in known:
        said = plan.said_by_site(subject, PROVISIONING_NETWORK)
        origin = subject.values.origin(PROVISIONING_NETWORK if said else PROVISIONING_VLAN)
        fix = "" if said else f"Set {PROVISIONING_NETWORK} to the network with the machines."
        yield _unknown(f"The provisioning network is on {name}", origin, known, fix)


def _unknown(text: str, origin: Origin | None, known: frozenset[str], fix: str = "") -> Finding:
    name = text.rpartition(" ")[2]
    close = nearest(name, known)
    fix = f"Did you mean `{close}`?" if close else fix or "Correct the name."
    return UNKNOWN_NETWORK.broken(
        f"{text}, which is no network of the site.",
        origin,
        detail=f"There are: {', '.join(sorted(known))}.",
        fix=fix,
    )
