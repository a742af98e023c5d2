"""The virtual addresses: free, or held by one of our own load balancers."""

from __future__ import annotations

from collections.abc import Iterator

from cc_ansible.online.facts import Address, Host, address
from cc_ansible.online.rules import Check, HostFinding, error, warning
from cc_ansible.online.view import VIPS, View, container

TAKEN = error(Check.VIP, "vip-taken", "Nobody else has a virtual address")
BY_ITSELF = warning(Check.VIP, "vip-on-host", "Only keepalived gives a virtual address to a host")
UNCERTAIN = warning(Check.VIP, "vip-uncertain", "The owner of a virtual address is known")
OUTSIDE = error(Check.VIP, "vip-not-in-network", "The VIP is in the network of api_interface")

BALANCERS = "loadbalancer"


def taken(view: View) -> Iterator[HostFinding]:
    """Virtual addresses that something else has."""
    done: set[Address] = set()
    for balancer in view.seen_in(BALANCERS):
        for variable in VIPS:
            vip = address(balancer.want(variable))
            if vip is None or not balancer.flag("keepalived") or vip in done:
                continue
            done.add(vip)
            holders = [host for host in view.hosts.values() if _holds(host, vip)]
            for holder in holders:
                yield from _held(view, holder, variable, vip)
            if not holders:
                yield from _foreign(view, variable, vip)


def network(view: View) -> Iterator[HostFinding]:
    """Load balancers whose network does not have the VIP."""
    for host in view.seen_in(BALANCERS):
        vip = address(host.want(VIPS[0]))
        interface = host.interface("api_interface")
        if vip is None or interface is None or not host.flag("keepalived"):
            continue
        networks = [
            each.network
            for each in interface.addresses
            if each.version == vip.version and each.network.num_addresses > 1
        ]
        if networks and not any(vip in each for each in networks):
            yield OUTSIDE.broken(
                host.name,
                f"The VIP {vip} is not in the network of {interface.name} on {host.name}.",
                view.origin(VIPS[0], host),
                detail=f"That is {', '.join(map(str, networks))}.",
                fix="Choose a free address there, or correct api_interface.",
            )


def _holds(host: Host, vip: Address) -> bool:
    return host.facts is not None and vip in host.facts.addresses


def _held(view: View, host: Host, variable: str, vip: Address) -> Iterator[HostFinding]:
    at = view.origin(variable, host)
    if BALANCERS not in host.groups:
        yield TAKEN.broken(
            host.name,
            f"{host.name} has the address {vip} ({variable}), and is no load balancer.",
            at,
            fix="Choose another address, or remove it from that host.",
        )
    elif host.facts and host.facts.has_engine and container(host, "keepalived") is None:
        yield BY_ITSELF.broken(
            host.name,
            f"{host.name} has the VIP {vip} already, but keepalived does not run there.",
            at,
            detail="An address in the host's own network configuration stays when the VIP moves.",
            fix="Remove it from the host's network configuration; keepalived adds it.",
        )


def _foreign(view: View, variable: str, vip: Address) -> Iterator[HostFinding]:
    """Something answers at the VIP that none of the hosts we saw has."""
    unseen = [
        host.name
        for host in view.hosts.values()
        if host.facts is None or host.facts.interfaces is None
    ]
    for host in view.seen_in(BALANCERS):
        answer = host.answer("neighbours", str(vip))
        if not answer.get("taken"):
            continue
        mac = f" with the network card {answer['mac']}" if answer.get("mac") else ""
        at = view.origin(variable, host)
        if unseen:
            yield UNCERTAIN.broken(
                host.name,
                f"Something{mac} answers at the VIP {vip}.",
                at,
                detail=f"It may be {' or '.join(unseen)}, which could not be looked at.",
                fix="Bring these hosts up, and look again.",
            )
        else:
            yield TAKEN.broken(
                host.name,
                f"Another machine{mac} has the address {vip} ({variable}).",
                at,
                fix=f"Choose a free address, or free it: `arping {vip}` on {host.name} shows "
                "who answers.",
            )
        return
