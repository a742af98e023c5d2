"""Rules about the virtual addresses on which a site answers, and their names."""

from __future__ import annotations

from collections.abc import Iterator

from cc_ansible.errors import Origin
from cc_ansible.site.findings import Finding, error, warning
from cc_ansible.site.net import addresses, machines, plan
from cc_ansible.site.net.addresses import ADDRESS_FAMILY, UNUSABLE_ADDRESS
from cc_ansible.site.net.refused import Refused
from cc_ansible.site.net.settings import API_INTERFACE, EXTERNAL_VIP, INTERNAL_VIP, VIP_INTERFACE
from cc_ansible.site.net.spans import Address, reserved
from cc_ansible.site.net.subnets import subnets
from cc_ansible.site.rules.addresses import ADDRESS_TAKEN
from cc_ansible.site.subject import Subject
from cc_ansible.site.values import Unknown

MISSING_VIP = error("missing-vip", "A site has an address on which its services answer")
INTERFACE_UNUSED = warning("vip-interface-unused", "An external interface has an external address")
VIP_FAR = warning("vip-far", "The internal address is in the network of the API")
VIP_OUTSIDE = warning("vip-outside", "The external address is in the external network")
FQDN_IS_ADDRESS = warning("fqdn-is-address", "Names of endpoints are names")
FQDN_ELSEWHERE = error("fqdn-elsewhere", "An address in place of a name is the one it stands for")

NAMED = {"kolla_internal_fqdn": INTERNAL_VIP, "kolla_external_fqdn": EXTERNAL_VIP}


def present(subject: Subject) -> Iterator[Finding]:
    """A site with HAProxy, and without an address for it."""
    if not subject.values.enabled("enable_haproxy") or not subject.survey.whole:
        return
    # An empty value in the site is another finding.
    said = plan.said_by_site(subject, INTERNAL_VIP)
    if not said and subject.values.known_or("", INTERNAL_VIP) == "":
        yield MISSING_VIP.broken(
            f"The site has no {INTERNAL_VIP}.",
            Origin(subject.survey.defaults),
            detail="It is the address on which all services answer.",
            fix=f"Set {INTERNAL_VIP} to a free address in the subnet of network_interface, "
            "or `enable_haproxy: false`.",
        )


def unused(subject: Subject) -> Iterator[Finding]:
    """An interface for an external address that is not there."""
    internal, external = (_address(subject, name) for name in (INTERNAL_VIP, EXTERNAL_VIP))
    raw = subject.survey.merged.get(VIP_INTERFACE)
    own = subject.values.known_or(None, API_INTERFACE)
    if raw is None or internal is None or internal != external:
        return
    if plan.is_of_site(subject, raw.origin) and raw.value != own and isinstance(raw.value, str):
        yield INTERFACE_UNUSED.broken(
            f"{VIP_INTERFACE} {raw.value} has no address to carry.",
            raw.origin,
            detail=f"{EXTERNAL_VIP} is the internal one, {internal}, on network_interface.",
            fix=f"Set {EXTERNAL_VIP}, or remove {VIP_INTERFACE}.",
        )


def far(subject: Subject) -> Iterator[Finding]:
    """An internal address that has nothing in common with the API addresses of the hosts."""
    vips = [machine for machine in machines.vips(subject) if machine.owner == INTERNAL_VIP]
    hosts = machines.hosts(subject)
    # Where no API address is declared, Ansible's address is most often the same one.
    api = [one for one in hosts if one.what.startswith(machines.API_ADDRESS)] or hosts
    for vip in vips:
        same = [one for one in api if one.address.version == vip.address.version]
        if _is_special(vip.address):
            continue  # other rules say so
        if same and not any(_near(vip.address, one.address) for one in same):
            yield VIP_FAR.broken(
                f"{INTERNAL_VIP} {vip.address} is far from the addresses of the hosts.",
                vip.origin,
                detail=f"{api[0].what} is {api[0].address}.",
                fix="Choose a free address in their subnet.",
            )


def _is_special(address: Address) -> bool:
    """Whether no host can have the address."""
    return (
        address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or address.is_reserved
    )


def _near(one: Address, other: Address) -> bool:
    """Whether two addresses may be in one subnet."""
    shift = 16 if one.version == 4 else 80
    return one.version == other.version and int(one) >> shift == int(other) >> shift


def placed(subject: Subject) -> Iterator[Finding]:
    """Virtual addresses that stand for something else in a network of the site."""
    for machine in machines.vips(subject):
        for sub in subnets(subject):
            if sub.cidr and machine.address in reserved(sub.cidr):
                yield UNUSABLE_ADDRESS.broken(
                    f"{machine.what} {machine.address} stands for a whole network.",
                    machine.origin,
                    detail=f"It is the first or last address of {sub.label}, {sub.cidr.network}.",
                    fix="Choose an address between them.",
                )
            elif machine.address == sub.gateway and not sub.provisioning:
                yield ADDRESS_TAKEN.broken(
                    f"{machine.what} {machine.address} is also the gateway of {sub.label}.",
                    machine.origin,
                    detail=f"The gateway is at {plan.place_of(sub.at('gateway_ip'))}.",
                    fix="Choose an address that no machine has.",
                )
    yield from _outside(subject)


def families(subject: Subject) -> Iterator[Finding]:
    """A virtual address of another IP version than the API's."""
    family = subject.values.known_or(None, "api_address_family")
    for machine in machines.vips(subject):
        mine = f"ipv{machine.address.version}"
        if machine.owner == INTERNAL_VIP and family in ("ipv4", "ipv6") and family != mine:
            yield ADDRESS_FAMILY.broken(
                f"{machine.what} is {mine}, api_address_family is {family}.",
                machine.origin,
                fix=f"Set `network_address_family: {mine}`, or correct the address.",
            )


def fqdns(subject: Subject) -> Iterator[Finding]:
    """Addresses in place of names."""
    for name, vip in NAMED.items():
        raw = subject.values.raw(name)
        if raw is None or not plan.said_by_site(subject, name) or not isinstance(raw.value, str):
            continue
        if not addresses.is_address(raw.value):
            continue
        address = _address(subject, vip)
        if address and str(address) != raw.value:
            yield FQDN_ELSEWHERE.broken(
                f"{name} is {raw.value}, but {vip} is {address}.",
                raw.origin,
                fix="Write the DNS name of that address, or remove the line.",
            )
        else:
            yield FQDN_IS_ADDRESS.broken(
                f"{name} is an address, for which certificates are hard to get.",
                raw.origin,
                fix="Write a DNS name; without one, remove the line.",
            )


def _address(subject: Subject, name: str) -> Address | None:
    try:
        return addresses.address(subject.values.get(name))
    except (Refused, Unknown):
        return None


def _outside(subject: Subject) -> Iterator[Finding]:
    """The external address, when the external network is known and it lies elsewhere."""
    address = _address(subject, EXTERNAL_VIP)
    if address is None or not plan.said_by_site(subject, EXTERNAL_VIP):
        return
    if address.is_unspecified or addresses.special(address):
        return
    others = [one for one in machines.everyone(subject) if one.owner != EXTERNAL_VIP]
    if any(one.address == address for one in others):
        return  # that is another finding
    publics = [sub for sub in subnets(subject) if sub.public and sub.cidr]
    comparable = [sub for sub in publics if sub.cidr and sub.cidr.version == address.version]
    if comparable and not any(sub.block and address in sub.block for sub in comparable):
        sub = comparable[0]
        assert sub.cidr
        yield VIP_OUTSIDE.broken(
            f"{EXTERNAL_VIP} {address} is not in {sub.cidr.network}, {sub.label}.",
            subject.values.origin(EXTERNAL_VIP),
            detail=f"The network is at {plan.place_of(sub.at('cidr'))}. "
            f"{VIP_INTERFACE} must then reach another subnet.",
            fix="Correct the address or the network, if they should be in one subnet.",
        )
