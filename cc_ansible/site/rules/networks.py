"""Rules about the physical networks of a site: their entries, bridges, interfaces and types."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from cc_ansible.site.findings import Finding, error, warning
from cc_ansible.site.model.networks import Network
from cc_ansible.site.model.read import MISSING_KEY, Typed
from cc_ansible.site.net import plan
from cc_ansible.site.net.settings import NEUTRON_BRIDGE, NEUTRON_INTERFACE
from cc_ansible.site.net.subnets import DEFAULT_SHARED
from cc_ansible.site.rules import misread
from cc_ansible.site.subject import Subject

DUPLICATE_NETWORK = error("duplicate-network", "Each physical network has a name of its own")
DUPLICATE_PUBLIC = error("duplicate-public", "One network is the external one")
INTERFACE_TAKEN = error("interface-taken", "A bridge or interface belongs to one network")
RESERVED_BRIDGE = error("reserved-bridge", "Bridges have other names than Neutron's own")
NETWORK_TYPE_OFF = error("network-type-off", "Types of networks are among those Neutron may use")
PUBLIC_WITHOUT_CIDR = warning("public-without-cidr", "The external network has addresses")
NO_VLANS = warning("no-on-demand-vlans", "Projects that get VLANs have VLANs to get")
CIDR_IGNORED = warning("cidr-ignored", "Subnets are those of the external or a shared network")

NEUTRONS_OWN = ("br-int", "br-tun")


def entries(subject: Subject) -> Iterator[Finding]:
    """Entries of ``neutron_networks`` that cannot be read as networks."""
    elsewhere = misread.places(subject)
    for finding in plan.networks(subject).findings:
        if finding.origin not in elsewhere:
            yield finding


def structure(subject: Subject) -> Iterator[Finding]:
    """Networks that are there twice, or lack or share what each must have."""
    for networks in plan.networks(subject):
        yield from _twice(networks)
        yield from _publics(networks)
        yield from _shared_names(networks)
        yield from _shared(networks, "bridge_name")
        yield from _shared(networks, "external_interface")
        for typed in networks:
            yield from _complete(subject, typed, alone=len(networks) == 1)
            yield from _bridge(typed)
            yield from _ignored(typed)


def kinds(subject: Subject) -> Iterator[Finding]:
    """Types of networks that Neutron is not told to use."""
    types = _words(subject, "neutron_type_drivers")
    if types is None:
        return
    for networks in plan.networks(subject):
        for typed in networks:
            yield from _kind(typed, types)


def on_demand(subject: Subject) -> Iterator[Finding]:
    """Networks of projects on VLANs, and no VLAN for them."""
    variable, key = "neutron_tenant_network_types", "on_demand_vlan_ranges"
    if not plan.said_by_site(subject, variable) or plan.said_by_site(subject, plan.LEGACY_RANGES):
        return
    lists = plan.networks(subject)
    networks = [typed for group in lists for typed in group]
    written = any(typed.at(key) != typed.at("no such key") for typed in networks)
    if networks and not lists.findings and not written and _words(subject, variable) == ["vlan"]:
        yield NO_VLANS.broken(
            f"Projects get VLANs, but no network has `{key}`.",
            subject.values.origin(variable),
            fix=f'Add `{key}: ["FIRST:LAST"]` to a network of neutron_networks.',
        )


def _words(subject: Subject, name: str) -> list[str] | None:
    value = subject.values.known_or(None, name)
    if value is None:
        return None
    parts = value if isinstance(value, list) else str(value).split(",")
    return [str(part).strip() for part in parts if str(part).strip()]


def _kind(typed: Typed[Network], types: list[str]) -> Iterator[Finding]:
    network = typed.model
    paths: dict[tuple[str, ...], str | None] = {("network_type",): network.network_type}
    if network.public:
        paths[("public", "segment_type")] = network.public.segment_type
    for path, kind in paths.items():
        if kind and kind not in types:
            yield NETWORK_TYPE_OFF.broken(
                f"network {network.name} is {kind}, which neutron_type_drivers does not have.",
                typed.at(*path),
                detail=f"neutron_type_drivers is {','.join(types)}.",
                fix=f"Add {kind} to neutron_type_drivers, or correct the type.",
            )


def _twice(networks: list[Typed[Network]]) -> Iterator[Finding]:
    seen: dict[str, Typed[Network]] = {}
    for typed in networks:
        name = typed.model.name
        if before := seen.get(name):
            yield DUPLICATE_NETWORK.broken(
                f"Two networks are called {name}.",
                typed.at("name"),
                detail=f"The other one is at {plan.place_of(before.at('name'))}.",
                fix="Make one entry of them, or rename one.",
            )
        seen.setdefault(name, typed)


def _publics(networks: list[Typed[Network]]) -> Iterator[Finding]:
    publics = [typed for typed in networks if typed.model.is_public]
    for typed in publics[1:]:
        name, first = typed.model.name, publics[0].model.name
        if name != first:
            yield DUPLICATE_PUBLIC.broken(
                f"The external network is on {first} already; that on {name} would be ignored.",
                typed.at("public" if typed.model.public else "name"),
                fix="Keep one of the two.",
            )
    for typed in publics[:1]:
        network = typed.model
        said = network.public or network
        at = plan.below(typed.at, "public") if network.public else typed.at
        # With a gateway or pools, the missing key is another finding.
        alone = said.gateway_ip is None and not said.allocation_pools
        if alone and said.cidr is None and at("cidr") == at("no such key"):
            yield PUBLIC_WITHOUT_CIDR.broken(
                f"network {network.name} has no `cidr`, so there are no floating IPs.",
                at(),
                fix="Add `cidr:` with the site's public addresses.",
            )


def _shared(networks: list[Typed[Network]], key: str) -> Iterator[Finding]:
    users: dict[str, list[Typed[Network]]] = defaultdict(list)
    for typed in networks:
        if value := getattr(typed.model, key):
            users[value].append(typed)
    noun = "bridge" if key == "bridge_name" else "interface"
    for value, (first, *others) in users.items():
        for typed in others:
            yield INTERFACE_TAKEN.broken(
                f"The networks {first.model.name} and {typed.model.name} "
                f"have the same {noun} {value}.",
                typed.at(key),
                detail=f"The first is at {plan.place_of(first.at(key))}.",
                fix=f"Give each network {'a bridge' if noun == 'bridge' else 'an interface'} "
                "of its own, or describe both in one entry.",
            )


def _complete(subject: Subject, typed: Typed[Network], *, alone: bool) -> Iterator[Finding]:
    """Keys that every network needs; where it is the only one, Kolla's variables will do."""
    by_kolla = {"bridge_name": NEUTRON_BRIDGE, "external_interface": NEUTRON_INTERFACE}
    for key, variable in by_kolla.items():
        elsewhere = alone and plan.said_by_site(subject, variable)
        if key == "bridge_name" and plan.said_by_site(subject, plan.LEGACY_MAPPINGS):
            continue
        missing = getattr(typed.model, key) is None and typed.at(key) == typed.at("no such key")
        if missing and not elsewhere:
            yield MISSING_KEY.broken(
                f"network {typed.model.name} needs `{key}`.", typed.at(), fix=f"Add `{key}:`."
            )


def _ignored(typed: Typed[Network]) -> Iterator[Finding]:
    """Addresses of a physical network that is not the external one."""
    network = typed.model
    if network.name != "public" and network.cidr is not None:
        yield CIDR_IGNORED.broken(
            f"network {network.name}: no subnet is made of `cidr`.",
            typed.at("cidr"),
            detail="Only the network called `public` gets one that way.",
            fix="Move it below `sharednet:` or `public:`.",
        )


def _shared_names(networks: list[Typed[Network]]) -> Iterator[Finding]:
    seen: dict[str, Typed[Network]] = {}
    for typed in networks:
        if (shared := typed.model.sharednet) is None:
            continue
        name = shared.name or DEFAULT_SHARED
        if before := seen.get(name):
            said = "" if shared.name else ", as no name is given"
            yield DUPLICATE_NETWORK.broken(
                f"Two shared networks are called {name}{said}.",
                typed.at("sharednet", "name") if shared.name else typed.at("sharednet"),
                detail=f"The other one is at {plan.place_of(before.at('sharednet'))}.",
                fix="Give each a `name:` of its own.",
            )
        seen.setdefault(name, typed)


def _bridge(typed: Typed[Network]) -> Iterator[Finding]:
    bridge, interface = typed.model.bridge_name, typed.model.external_interface
    if bridge in NEUTRONS_OWN:
        yield RESERVED_BRIDGE.broken(
            f"network {typed.model.name}: {bridge} is a bridge of Neutron's own.",
            typed.at("bridge_name"),
            fix="Choose another name, such as br-ex.",
        )
    if bridge and bridge == interface:
        yield INTERFACE_TAKEN.broken(
            f"network {typed.model.name}: {bridge} cannot be a bridge and the interface in it.",
            typed.at("external_interface"),
            fix="Name the network card, and give the bridge another name.",
        )
