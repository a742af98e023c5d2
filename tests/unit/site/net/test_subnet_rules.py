"""Subnets: what is found is what is wrong with the sets of addresses."""

from __future__ import annotations

import ipaddress
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from cc_ansible.errors import Origin
from cc_ansible.site.net.subnets import Range, Sub
from cc_ansible.site.rules import subnets

CIDR = ipaddress.IPv4Interface("10.0.1.0/26")
ADDRESSES = st.integers(0, 96).map(lambda n: ipaddress.IPv4Address("10.0.0.240") + n)
POOLS = st.lists(st.tuples(ADDRESSES, ADDRESSES), max_size=3)
GATEWAYS = st.one_of(st.none(), ADDRESSES)


def at(*path: str | int) -> Origin:
    return Origin(Path("/".join(map(str, path)) or "subnet"))


def found(pools: list[tuple[ipaddress.IPv4Address, ...]], gateway: object) -> set[str]:
    ranges = [Range(start, end, at) for start, end in pools]
    sub = Sub("network n", at, CIDR, gateway, ranges)  # type: ignore[arg-type]
    return {finding.rule for finding in subnets.within(sub)}


@given(POOLS, GATEWAYS)
def test_findings_are_those_of_the_sets(
    pools: list[tuple[ipaddress.IPv4Address, ...]], gateway: ipaddress.IPv4Address | None
) -> None:
    network, hosts = set(CIDR.network), set(CIDR.network.hosts())
    sets = [
        {ipaddress.IPv4Address(n) for n in range(int(start), int(end) + 1)}
        for start, end in pools
        if start <= end
    ]
    router = gateway or CIDR.network[1]
    expected = {
        "pool-order": any(start > end for start, end in pools),
        "pool-outside": any(not one <= hosts for one in sets),
        "pools-overlap": sum(map(len, sets)) > len(set().union(*sets)),
        "gateway-outside": gateway is not None and gateway not in hosts,
        "gateway-in-pool": any(router in one for one in sets if one <= network),
    }
    assert found(pools, gateway) == {rule for rule, broken in expected.items() if broken}


def test_a_network_without_pools_is_fine() -> None:
    assert found([], None) == set()


def test_addresses_without_a_network_are_not() -> None:
    sub = Sub("network n", at, gateway=ipaddress.IPv4Address("10.0.0.1"))
    assert [finding.rule for finding in subnets.within(sub)] == ["missing-key"]


def test_a_network_that_only_a_run_knows_is_left_alone() -> None:
    gateway = ipaddress.IPv4Address("10.0.0.1")
    sub = Sub("network n", at, gateway=gateway, unknown=frozenset({"cidr"}))
    assert list(subnets.within(sub)) == []
