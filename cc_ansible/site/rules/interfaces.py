"""Rules about interfaces of hosts: which of them may have which roles together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from cc_ansible.errors import Origin
from cc_ansible.site.findings import Finding, error, warning
from cc_ansible.site.model.networks import Network
from cc_ansible.site.model.read import Typed
from cc_ansible.site.net import names, plan, settings
from cc_ansible.site.net.refused import Refused
from cc_ansible.site.net.settings import NEUTRON_BRIDGE, NEUTRON_INTERFACE
from cc_ansible.site.rules.networks import INTERFACE_TAKEN, NEUTRONS_OWN, RESERVED_BRIDGE
from cc_ansible.site.subject import Subject
from cc_ansible.site.survey import Layer
from cc_ansible.site.values import Unknown

LOCKED_OUT = error("interface-shared", "Neutron's interface carries no address of the host")
LOOKALIKE = error("interface-lookalike", "An interface has the same name everywhere")
INTERFACE_ELSEWHERE = warning("interface-elsewhere", "Interfaces of Neutron are told once")
UNEVEN_LISTS = error("uneven-lists", "Each bridge of Kolla-Ansible has an interface and a network")

BRIDGED = {"openvswitch", "ovn-controller"}
"""Groups whose hosts have Neutron's bridges."""


@dataclass(frozen=True)
class Named:
    """An interface that something names, where, and as what."""

    interface: str
    what: str
    origin: Origin | None
    host: str = ""
    """The one host it is about; empty where it is about several."""

    def may_meet(self, other: Named) -> bool:
        """Whether both may be about one host."""
        return not self.host or not other.host or self.host == other.host


def shared(subject: Subject) -> Iterator[Finding]:
    """An interface that Neutron takes for itself, with an address of the host on it."""
    if subject.values.enabled("enable_neutron") is False:
        return
    seen: set[tuple[Origin | None, str]] = set()
    for host in _with_agents(subject):
        taken = {named.interface: named for named in _of_neutron(subject, host)}
        for own in _of_host(subject, host):
            if own.interface in taken and (own.origin, own.interface) not in seen:
                seen.add((own.origin, own.interface))
                yield _locked_out(own, taken[own.interface], host)


def lookalikes(subject: Subject) -> Iterator[Finding]:
    """Names that differ in dashes and underscores only: Ansible's facts take them for one."""
    seen: dict[str, list[Named]] = defaultdict(list)
    for named in sorted(_written(subject), key=lambda one: "_" in one.interface):
        alike = seen[named.interface.replace("-", "_")]
        others = (one for one in alike if one.interface != named.interface)
        if other := next(filter(named.may_meet, others), None):
            yield LOOKALIKE.broken(
                f"{named.what} says {named.interface}, {other.what} says {other.interface}.",
                named.origin,
                detail=f"The other one is at {plan.place_of(other.origin)}. Kolla-Ansible wants "
                "the name that `ip link` shows; Ansible cannot tell the two apart.",
                fix=f"Write {other.interface} in both places, if that is its name.",
            )
        alike.append(named)


def lists(subject: Subject) -> Iterator[Finding]:
    """Kolla-Ansible's lists of bridges, interfaces and networks, which belong together."""
    keys = (NEUTRON_BRIDGE, NEUTRON_INTERFACE, plan.KOLLA_NETWORKS)
    yield from _repeated(subject, keys)
    yield from _elsewhere(subject)
    by_networks = plan.said_by_site(subject, plan.NETWORKS)
    if by_networks and not plan.said_by_site(subject, NEUTRON_BRIDGE):
        return
    found = {key: parts for key in keys if (parts := _parts(subject, key)) is not None}
    said = [key for key in keys if key in found and plan.said_by_site(subject, key)]
    if NEUTRON_BRIDGE not in found or not said:
        return
    bridges = len(found[NEUTRON_BRIDGE])
    for key in (NEUTRON_INTERFACE, plan.KOLLA_NETWORKS):
        if key in found and len(found[key]) != bridges and {key, NEUTRON_BRIDGE} & set(said):
            where = key if key in said else NEUTRON_BRIDGE
            yield UNEVEN_LISTS.broken(
                f"{NEUTRON_BRIDGE} names {bridges}, {key} {len(found[key])}.",
                subject.values.origin(where),
                detail=f"They are {','.join(found[NEUTRON_BRIDGE])} and {','.join(found[key])}.",
                fix="Name as many in one as in the other, in the same order.",
            )


def _with_agents(subject: Subject) -> list[str | None]:
    """The hosts with Neutron's bridges; None stands for one with no settings of its own."""
    inventory = subject.survey.inventory
    if not inventory.hosts:
        return [None]
    groups = inventory.groups_of
    return [host for host in inventory.hosts if set(groups.get(host, [])) & BRIDGED]


def _of_neutron(subject: Subject, host: str | None) -> Iterator[Named]:
    """The interfaces that go into a bridge on a host."""
    networks = _networks_of(subject, host)
    for typed in networks:
        if interface := typed.model.external_interface:
            what = f"`external_interface` of network {typed.model.name}"
            yield Named(interface, what, typed.at("external_interface"))
    if not networks or plan.said_by_site(subject, NEUTRON_INTERFACE):
        found = subject.values.raw(NEUTRON_INTERFACE, host)
        for interface in _parts(subject, NEUTRON_INTERFACE, host) or []:
            yield Named(interface, NEUTRON_INTERFACE, found.origin if found else None)


def _networks_of(subject: Subject, host: str | None) -> list[Typed[Network]]:
    """The networks of a host: its own list or a group's, else that of all hosts."""
    groups = subject.survey.inventory.groups_of.get(host, []) if host else []
    found = plan.networks(subject)
    sources = plan.of_groups_and_hosts(subject, plan.NETWORKS)
    result = found.common
    for source, networks in zip(sources, found.special, strict=True):
        if source.scope == host or source.scope in groups:
            result = networks
    return result


def _of_host(subject: Subject, host: str | None) -> Iterator[Named]:
    """The interfaces of a host that carry an address, as far as the site names them."""
    for name in sorted(settings.interfaces(subject)):
        found = subject.values.raw(name, host)
        if found is None or not plan.said_by_site(subject, name):
            continue
        try:
            value = subject.values.render(found.value, host)
        except Unknown:
            continue
        if isinstance(value, str):
            yield Named(value, name, found.origin)


def _locked_out(own: Named, taken: Named, host: str | None) -> Finding:
    on = f" on {host}" if host else ""
    return LOCKED_OUT.broken(
        f"{own.interface} is {own.what} and {taken.what}{on}.",
        own.origin,
        detail=f"The other one is at {plan.place_of(taken.origin)}. Once in Neutron's bridge, "
        "the interface loses its address, and you lose the host.",
        fix="Give Neutron an interface of its own; with one card, the end of a veth pair.",
    )


def _written(subject: Subject) -> Iterator[Named]:
    """Every interface and bridge that the site names."""
    for networks in plan.networks(subject):
        for typed in networks:
            for key in ("bridge_name", "external_interface"):
                if value := getattr(typed.model, key):
                    what = f"`{key}` of network {typed.model.name}"
                    yield Named(value, what, typed.at(key))
    variables = {*settings.interfaces(subject), NEUTRON_INTERFACE, NEUTRON_BRIDGE}
    for source in subject.survey.sources:
        for name in variables & set(source.document.value) if source.of_site else ():
            value = source.document.value[name]
            try:
                host = source.scope if source.layer is Layer.HOST else ""
                for part in names.interfaces(value):
                    yield Named(part, name, source.document.origin(name), host)
            except Refused:
                continue


def _repeated(subject: Subject, keys: tuple[str, ...]) -> Iterator[Finding]:
    for key in keys:
        parts = _parts(subject, key) or []
        twice = next((part for part in parts if parts.count(part) > 1), None)
        if twice and plan.said_by_site(subject, key):
            yield INTERFACE_TAKEN.broken(
                f"{key} names {twice} twice.", subject.values.origin(key), fix="Remove one."
            )


def _elsewhere(subject: Subject) -> Iterator[Finding]:
    """Kolla's variables that name what no network of the site has."""
    common = plan.networks(subject)
    for name, key in ((NEUTRON_BRIDGE, "bridge_name"), (NEUTRON_INTERFACE, "external_interface")):
        raw = subject.survey.merged.get(name)
        if raw is None or not plan.is_of_site(subject, raw.origin) or common.findings:
            continue
        parts = _parts(subject, name) or []
        for part in set(parts) & set(NEUTRONS_OWN):
            text = f"{name}: {part} is a bridge of Neutron's own."
            yield RESERVED_BRIDGE.broken(text, raw.origin, fix="Choose another, such as br-ex.")
        used = {getattr(typed.model, key) for typed in common.common} - {None}
        if used and (strange := [part for part in parts if part not in used]):
            yield INTERFACE_ELSEWHERE.broken(
                f"{name} names {strange[0]}, which no network of neutron_networks has.",
                raw.origin,
                detail=f"Their `{key}` are: {', '.join(sorted(used))}.",
                fix=f"Remove {name}, or correct one of the two.",
            )


def _parts(subject: Subject, name: str, host: str | None = None) -> list[str] | None:
    value = subject.values.known_or(None, name, host)
    return value.split(",") if isinstance(value, str) and value else None
