"""Rules about each subnet alone: its gateway and pools lie in it and do not collide."""

from __future__ import annotations

from collections.abc import Iterator

from cc_ansible.site.findings import Finding, error, warning
from cc_ansible.site.model.read import MISSING_KEY
from cc_ansible.site.net import plan
from cc_ansible.site.net.addresses import ADDRESS_FAMILY
from cc_ansible.site.net.numbers import INVALID_MTU
from cc_ansible.site.net.spans import Block, clashes, reserved
from cc_ansible.site.net.subnets import Range, Sub, groups_of_subnets
from cc_ansible.site.subject import Subject

HOST_BITS = warning("cidr-host-bits", "Networks are written with their first address")
GATEWAY_OUTSIDE = error("gateway-outside", "Gateways are machines of their network")
POOL_ORDER = error("pool-order", "Pools start before they end")
POOL_OUTSIDE = error("pool-outside", "Pools lie in their network, without its first and last")
POOLS_OVERLAP = error("pools-overlap", "An address is in one pool only")
GATEWAY_IN_POOL = error("gateway-in-pool", "Gateways are not given out")

LOWEST_MTU_V6 = 1280


def alone(subject: Subject) -> Iterator[Finding]:
    """What is wrong within each subnet."""
    for group in groups_of_subnets(subject):
        for sub in group:
            yield from within(sub)


def within(sub: Sub) -> Iterator[Finding]:
    """What is wrong within a subnet."""
    yield from _complete(sub)
    if sub.cidr is not None:
        yield from _network(sub)
        yield from _gateway(sub)
    yield from _pools(sub)


def label(sub: Sub) -> str:
    """How findings that start with a subnet call it."""
    return plan.sentence(sub.label)


def _complete(sub: Sub) -> Iterator[Finding]:
    """A gateway or pools without the network they are in."""
    if sub.cidr is None and "cidr" not in sub.unknown and (sub.gateway or sub.pools):
        given = "gateway_ip" if sub.gateway else "allocation_pools"
        yield MISSING_KEY.broken(
            f"{label(sub)} needs `cidr`.",
            sub.at(),
            detail=f"It has `{given}`; without `cidr` no subnet is made of it.",
            fix="Add `cidr:`.",
        )


def _network(sub: Sub) -> Iterator[Finding]:
    assert sub.cidr
    inner = sub.cidr.network
    if sub.cidr.ip != inner.network_address:
        yield HOST_BITS.broken(
            f"{label(sub)}: {sub.cidr} means {inner}.",
            sub.at("cidr"),
            detail=f"That network goes from {inner[0]} to {inner[-1]}.",
            fix=f"Write {inner}, or correct the prefix length.",
        )
    if inner.version == 6 and sub.mtu is not None and sub.mtu < LOWEST_MTU_V6:
        yield INVALID_MTU.broken(
            f"{label(sub)}: IPv6 needs an MTU of at least {LOWEST_MTU_V6}, not {sub.mtu}.",
            sub.at("mtu"),
            fix=f"Write {LOWEST_MTU_V6} or more.",
        )


def _gateway(sub: Sub) -> Iterator[Finding]:
    assert sub.cidr and sub.block
    gateway = sub.gateway
    if gateway is None:
        return
    if gateway not in sub.block:
        yield GATEWAY_OUTSIDE.broken(
            f"{label(sub)}: the gateway {gateway} is not in {sub.cidr.network}.",
            sub.at("gateway_ip"),
            fix="Correct the gateway or `cidr`.",
        )
    elif gateway in reserved(sub.cidr):
        which = "first" if gateway == sub.cidr.network.network_address else "last"
        yield GATEWAY_OUTSIDE.broken(
            f"{label(sub)}: the gateway {gateway} is the {which} address of {sub.cidr.network}.",
            sub.at("gateway_ip"),
            detail="It stands for the network itself."
            if which == "first"
            else "It reaches every machine.",
            fix="Write the address of the router.",
        )


def _pools(sub: Sub) -> Iterator[Finding]:
    whole: list[tuple[Range, Block]] = []
    for pool in sub.pools:
        if block := pool.block:
            whole.append((pool, block))
            yield from _pool(sub, pool, block)
        else:
            yield _crooked(sub, pool)
    for (first, one), (second, other) in clashes(whole, lambda a, b: a[1].common(b[1])):
        yield POOLS_OVERLAP.broken(
            f"{label(sub)}: the pools {first} and {second} share {one.common(other)}.",
            second.at("start"),
            fix="Make one pool of them, or move one.",
        )


def _crooked(sub: Sub, pool: Range) -> Finding:
    if pool.start.version != pool.end.version:
        text = f"{label(sub)}: the pool {pool} starts in IPv{pool.start.version} "
        text += f"and ends in IPv{pool.end.version}."
        return ADDRESS_FAMILY.broken(text, pool.at("end"), fix="Correct one of the two.")
    return POOL_ORDER.broken(
        f"{label(sub)}: the pool starts at {pool.start}, after its end {pool.end}.",
        pool.at("start"),
        fix="Exchange the two, or correct one.",
    )


def _pool(sub: Sub, pool: Range, block: Block) -> Iterator[Finding]:
    if sub.cidr is None or sub.block is None:
        return
    inner = sub.cidr.network
    if not block.within(sub.block):
        start_fits = pool.start in sub.block
        yield POOL_OUTSIDE.broken(
            f"{label(sub)}: the pool {pool} is not in {inner}.",
            pool.at("end" if start_fits else "start"),
            detail=f"That network goes from {inner[0]} to {inner[-1]}.",
            fix="Correct the pool or `cidr`.",
        )
        return
    for address in sorted(reserved(sub.cidr) & {pool.start, pool.end}, key=int):
        key = "start" if address == pool.start else "end"
        yield POOL_OUTSIDE.broken(
            f"{label(sub)}: the pool holds {address}, which no machine may have.",
            pool.at(key),
            fix=f"Write {address + 1 if key == 'start' else address - 1}.",
        )
    yield from _router_in_pool(sub, pool, block)


def _router_in_pool(sub: Sub, pool: Range, block: Block) -> Iterator[Finding]:
    router = sub.router
    if router is None or router not in block:
        return
    if sub.gateway:
        text, fix = f"its gateway {router}", "Start or end the pool beside it."
    else:
        text = f"{router}, the gateway where the site names none"
        fix = "Set `gateway_ip`, or start or end the pool beside it."
    yield GATEWAY_IN_POOL.broken(
        f"{label(sub)}: the pool {pool} holds {text}.", pool.at("start"), fix=fix
    )
