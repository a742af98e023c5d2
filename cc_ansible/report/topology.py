"""What a site is made of, as its config says: addresses, hosts, networks, switches.

Only what is named here leaves the site config: no credentials, no free settings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cc_ansible.online.look import hosts_of
from cc_ansible.site import hardware
from cc_ansible.site.model.networks import Network
from cc_ansible.site.net import machines, plan
from cc_ansible.site.net.spans import Span
from cc_ansible.site.subject import Subject

ROLES = ("control", "network", "compute", "storage", "monitoring")
"""Groups of Kolla-Ansible that say what a host is for."""
PROVISIONING = "ironic_provisioning_network"
UNKNOWN = ""


@dataclass(frozen=True)
class Host:
    """A host of the inventory."""

    name: str
    address: str
    roles: tuple[str, ...]
    interface: str = UNKNOWN
    """Its interface in the API network."""


@dataclass(frozen=True)
class Vip:
    """An address that moves between control hosts. ``what`` is ``internal`` or ``external``."""

    what: str
    address: str
    name: str = ""


@dataclass(frozen=True)
class Physical:
    """A physical network. ``inside`` are networks on it, such as ``sharednet1 VLAN 12``."""

    name: str
    bridge: str = UNKNOWN
    interface: str = UNKNOWN
    kind: str = "vlan"
    cidr: str = ""
    on_demand: str = ""
    reservable: str = ""
    inside: tuple[str, ...] = ()

    @property
    def vlans(self) -> str:
        """Its ranges of VLANs in words."""
        said = [f"{self.on_demand} on demand"] if self.on_demand else []
        said += [f"{self.reservable} reservable"] if self.reservable else []
        return ", ".join(said)


@dataclass(frozen=True)
class Switch:
    """A switch that Neutron configures; ``ports`` of it lead to hardware on ``networks``."""

    name: str
    kind: str
    address: str
    ports: int = 0
    networks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Topology:
    """All of it. ``uplinks`` are the hosts on physical networks."""

    hosts: Sequence[Host] = ()
    vips: Sequence[Vip] = ()
    networks: Sequence[Physical] = ()
    switches: Sequence[Switch] = ()
    uplinks: frozenset[str] = frozenset()
    tunnel: str = ""
    """The interface of tunnels between hosts, where it is another than that of the API."""


def of(subject: Subject) -> Topology:
    """What the site config says, as far as it can be told without a run."""
    hosts = [_host(subject, name) for name in hosts_of(subject)]
    tunnel = _text(subject, "tunnel_interface")
    in_group = subject.survey.inventory.hosts_of
    networks = list(_networks(subject))
    return Topology(
        hosts,
        list(_vips(subject)),
        networks,
        list(_switches(subject, tuple(each.name for each in networks if each.kind == "vlan"))),
        frozenset(in_group.get("network", ())) or frozenset(host.name for host in hosts),
        tunnel if tunnel != _text(subject, "network_interface") else "",
    )


def _host(subject: Subject, name: str) -> Host:
    groups = set(subject.survey.inventory.groups_of.get(name, ()))
    found = [one for one in machines.hosts(subject) if one.owner == name]
    address = str(found[0].address) if found else _text(subject, "ansible_host", name)
    interface = _text(subject, "api_interface", name) or _text(subject, "network_interface", name)
    return Host(name, address, tuple(role for role in ROLES if role in groups), interface)


def _vips(subject: Subject) -> Iterator[Vip]:
    internal = _text(subject, "kolla_internal_vip_address")
    external = _text(subject, "kolla_external_vip_address")
    for what, address in (("internal", internal), ("external", external)):
        name = _text(subject, f"kolla_{what}_fqdn")
        own = what == "internal" or address != internal or name != address
        if address and own:
            yield Vip(what, address, name if name != address else "")


def _networks(subject: Subject) -> Iterator[Physical]:
    found = [each.model for each in plan.networks(subject).common]
    provisioning = _provisioning(subject)
    # The role for machines' networks takes the first VLAN network where the site does not say.
    home = _text(subject, "ironic_provisioning_physical_network") or "physnet1"
    for network in found:
        inside = [*_inside(network), *([provisioning] if network.name == home else [])]
        yield Physical(
            network.name,
            network.bridge_name or UNKNOWN,
            network.external_interface or UNKNOWN,
            network.network_type or "vlan",
            _cidr(network.cidr),
            _ranges(network.on_demand_vlan_ranges),
            _ranges(network.reservable_vlan_ranges),
            tuple(filter(None, inside)),
        )
    if not found:
        yield from _legacy(subject, provisioning, home)


def _inside(network: Network) -> Iterator[str]:
    public, shared = network.public, network.sharednet
    if public:
        yield _named(public.name or "public", public.vlan, _cidr(public.cidr))
    if shared and shared.enabled:
        yield _named(shared.name or "sharednet1", shared.vlan, _cidr(shared.cidr))


def _provisioning(subject: Subject) -> str:
    vlan = _text(subject, f"{PROVISIONING}_vlan")
    name = _text(subject, PROVISIONING) or "provisioning"
    return _named(name, vlan, _text(subject, f"{PROVISIONING}_cidr")) if vlan else ""


def _legacy(subject: Subject, provisioning: str, home: str) -> Iterator[Physical]:
    """Networks in the form of older releases, or the one that Kolla-Ansible makes by itself."""
    ranges: dict[str, list[Span]] = {}
    for part in plan.legacy(subject, plan.LEGACY_RANGES):
        ranges.setdefault(part.network, []).extend(filter(None, [part.vlans()]))
    bridges = {part.network: part.rest for part in plan.legacy(subject, plan.LEGACY_MAPPINGS)}
    interfaces = _text(subject, "neutron_external_interface")
    names = {**bridges, **dict.fromkeys(ranges, "")} or {
        "physnet1": _text(subject, "neutron_bridge_name")
    }
    for name in names:
        yield Physical(
            name,
            bridges.get(name) or names[name],
            interfaces if len(names) == 1 else UNKNOWN,
            on_demand=_ranges(ranges.get(name, ())),
            inside=(provisioning,) if provisioning and name == home else (),
        )


def _switches(subject: Subject, with_vlans: tuple[str, ...]) -> Iterator[Switch]:
    """Switches; one that no hardware names is on every network whose VLANs Neutron sets."""
    ports: Counter[str] = Counter()
    networks: dict[str, set[str]] = {}
    for machine in subject.once(hardware.read).machines:
        for _, port in machine.ports():
            name = str(port.get("switch") or "")
            ports[name] += 1
            networks.setdefault(name, set()).add(str(port.get("physical_network") or "physnet1"))

    def made(name: str, kind: str, address: str) -> Switch:
        return Switch(
            name, kind, address, ports[name], tuple(sorted(networks.get(name, with_vlans)))
        )

    for typed in plan.switches(subject).common:
        yield made(typed.model.name, typed.model.device_type, typed.model.address)
    for old in plan.legacy_switches(subject).common:
        yield made(old.model.name, old.model.device_type, old.model.ip or UNKNOWN)


def _named(name: str, vlan: Any, cidr: str) -> str:
    return " ".join(filter(None, (name, f"VLAN {vlan}" if vlan else "", cidr)))


def _ranges(spans: Sequence[Span]) -> str:
    return ", ".join(
        str(span.first) if span.first == span.last else f"{span.first}–{span.last}"
        for span in spans
    )


def _cidr(value: Any) -> str:
    return str(value.network) if value is not None else ""


def _text(subject: Subject, name: str, host: str | None = None) -> str:
    found = subject.values.known_or("", name, host)
    return str(found) if isinstance(found, str | int) else ""
