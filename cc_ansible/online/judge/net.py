"""Network interfaces: they exist, and carry what the site says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from cc_ansible.errors import Origin
from cc_ansible.online.facts import Host, Interface
from cc_ansible.online.rules import Check, HostFinding, error, warning
from cc_ansible.online.view import View
from cc_ansible.site.net import plan

MISSING = error(Check.NET, "interface-missing", "Interfaces that the site names exist")
DOWN = error(Check.NET, "interface-down", "Interfaces that the site names are up")
NO_ADDRESS = error(
    Check.NET, "interface-without-address", "Interfaces for services have an address"
)
HAS_ADDRESS = error(
    Check.NET, "interface-with-address", "Interfaces that Neutron takes have no address"
)
IN_USE = error(
    Check.NET, "interface-in-use", "Interfaces that Neutron takes are no part of another one"
)
NO_CARRIER = warning(Check.NET, "interface-no-carrier", "Cables are plugged in")
NO_PORTS = warning(Check.NET, "bridge-without-ports", "Bridges that the site names have ports")
MTU = warning(Check.NET, "mtu-differs", "An interface has the same MTU on all hosts")

OVS_BRIDGES = ("openvswitch_vswitchd", "ovn_controller")
OVS = "ovs-system"
"""What an interface belongs to once Open vSwitch has taken it."""


@dataclass(frozen=True)
class Role:
    """What a variable's interface is for: the containers that need it, and its address family.

    Without containers, every host needs it. Without a family, no address.
    """

    variable: str
    containers: tuple[str, ...] = ()
    family: str = ""


ROLES = (
    Role("api_interface", family="api_family"),
    Role("tunnel_interface", ("neutron_openvswitch_agent", "ovn_controller"), "tunnel_family"),
    Role("migration_interface", ("nova_libvirt",), "migration_family"),
    Role("dns_interface", ("designate_mdns", "designate_backend_bind9"), "dns_family"),
    Role("kolla_external_vip_interface", ("keepalived",)),
)


def interfaces(view: View) -> Iterator[HostFinding]:
    """Interfaces that services listen on or talk over."""
    for host in view.seen:
        if host.facts is None or host.facts.interfaces is None or not host.wanted:
            continue
        looked_at: set[str] = set()
        for role in ROLES:
            name = host.want(role.variable)
            if name and _needs(view, host, role):
                # Most of these are the same interface; its first role says what is wrong with it.
                yield from _interface(view, host, role, name, again=name in looked_at)
                looked_at.add(name)


def external(view: View) -> Iterator[HostFinding]:
    """Interfaces that bridges of Neutron take for themselves."""
    for host in view.seen:
        if host.facts is None or host.facts.interfaces is None:
            continue
        if not host.flag("external_bridges") or not view.runs(host, *OVS_BRIDGES):
            continue
        for name, variable, at in _external(view, host):
            found = host.facts.interfaces.get(name)
            if found is None:
                yield _missing(host, variable, name, at)
            else:
                yield from _taken_by_neutron(host, variable, found, at)


def mtus(view: View) -> Iterator[HostFinding]:
    """Hosts whose MTU is not that of the others."""
    for role in ROLES[:2]:
        found = {
            host.name: interface.mtu
            for host in view.seen
            if (interface := host.interface(role.variable)) and interface.mtu
            if not role.containers or view.runs(host, *role.containers)
        }
        if len(set(found.values())) < 2:
            continue
        usual, how_many = Counter(found.values()).most_common(1)[0]
        for name, mtu in found.items():
            if mtu != usual:
                interface_name = view.hosts[name].want(role.variable)
                yield MTU.broken(
                    name,
                    f"{interface_name} on {name} has MTU {mtu}, that of {how_many} others {usual}.",
                    detail="Large packets between them get lost.",
                    fix=f"Give all hosts the same: `ip link set {interface_name} mtu {usual}`, and "
                    "in the host's network configuration.",
                )


def _needs(view: View, host: Host, role: Role) -> bool:
    """Whether a host runs something that the role's interface is for."""
    if role.variable == "kolla_external_vip_interface" and not host.flag("external_vip"):
        return False
    return not role.containers or view.runs(host, *role.containers)


def _interface(
    view: View, host: Host, role: Role, name: str, *, again: bool
) -> Iterator[HostFinding]:
    assert host.facts and host.facts.interfaces is not None
    found, at = host.facts.interfaces.get(name), _origin(view, host, role.variable)
    family = host.want(role.family) if role.family else ""
    if found and family and not found.of_family(family):
        same = again and family == host.want(ROLES[0].family)
        if not same:
            yield NO_ADDRESS.broken(
                host.name,
                f"{name} on {host.name} has no {family} address ({role.variable}).",
                at,
                detail=_overview(host),
                fix=f"Give it one, or set {role.variable} to the interface that has it.",
            )
    if again:
        return
    if found is None:
        yield _missing(host, role.variable, name, at)
        return
    yield from _link(host, role.variable, found, at)
    if found.kind == "bridge" and not found.ports:
        yield NO_PORTS.broken(
            host.name,
            f"The bridge {name} on {host.name} has no ports ({role.variable}).",
            at,
            fix="Add a network card to it in the host's network configuration.",
        )


def _external(view: View, host: Host) -> Iterator[tuple[str, str, Origin | None]]:
    """Interfaces for Neutron: name, variable, and where it is said."""
    seen: set[str] = set()
    for name in host.want("neutron_external_interface").split(","):
        variable = "neutron_external_interface"
        if name.strip() and name.strip() not in seen:
            seen.add(name.strip())
            yield name.strip(), variable, view.origin(variable, host)
    for entry in plan.networks(view.subject).common:
        name = entry.model.external_interface or ""
        if name and name not in seen:
            seen.add(name)
            text = f"neutron_networks: {entry.model.name}"
            yield name, text, entry.at("external_interface")


def _taken_by_neutron(
    host: Host, variable: str, found: Interface, at: Origin | None
) -> Iterator[HostFinding]:
    yield from _link(host, variable, found, at)
    mine = [
        str(address)
        for address in found.addresses
        if address.version == 4 or address not in found.automatic
    ]
    if mine:
        yield HAS_ADDRESS.broken(
            host.name,
            f"{found.name} on {host.name} has the address {', '.join(mine)} ({variable}).",
            at,
            detail="Neutron takes the interface into a bridge; the address is then cut off, and "
            "who is logged in over it with it.",
            fix="Use an interface without address, or move the address to a bridge and give "
            "Neutron one end of a veth pair in it.",
        )
    if found.master and found.master != OVS:
        yield IN_USE.broken(
            host.name,
            f"{found.name} on {host.name} is a part of {found.master} ({variable}).",
            at,
            detail="An interface can be in one bridge or bond only.",
            fix=f"Use another one, or a veth pair with one end in {found.master}.",
        )


def _link(host: Host, variable: str, found: Interface, at: Origin | None) -> Iterator[HostFinding]:
    if not found.up:
        summary = f"{found.name} on {host.name} is down ({variable})."
        fix = f"`ip link set {found.name} up`, and in the host's network configuration."
        yield DOWN.broken(host.name, summary, at, fix=fix)
    elif not found.carrier:
        summary = f"{found.name} on {host.name} is up, but has no link ({variable})."
        fix = "Look at the cable and at the port of the switch."
        yield NO_CARRIER.broken(host.name, summary, at, fix=fix)


def _missing(host: Host, variable: str, name: str, at: Origin | None) -> HostFinding:
    return MISSING.broken(
        host.name,
        f"{host.name} has no interface {name} ({variable}).",
        at,
        detail=_overview(host),
        fix=f"Name one of these; for this host alone in inventory/host_vars/{host.name}.yml.",
    )


def _origin(view: View, host: Host, variable: str) -> Origin | None:
    """Where the interface is said; most follow network_interface."""
    return view.origin(variable, host) or view.origin("network_interface", host)


def _overview(host: Host) -> str:
    found = (host.facts.interfaces if host.facts else None) or {}
    # Most veth interfaces belong to containers; one with an address is the host's own.
    plain = [
        one for one in found.values() if one.name != "lo" and (one.kind != "veth" or one.addresses)
    ]
    words = (
        f"{one.name} ({', '.join(map(str, one.addresses))})" if one.addresses else one.name
        for one in plain
    )
    return f"It has {', '.join(words)}." if plain else "It has none."
