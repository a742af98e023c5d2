"""Addresses of subnets, where the site says nothing of them, and lists of single ones."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cc_cloud_plan.steps import Refused

MOST = 4096
"""Single addresses that one list may name."""


def network(cidr: Any) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """The network that a CIDR means, whatever address of it is written.

    :raises Refused: it is none.
    """
    try:
        return ipaddress.ip_interface(str(cidr)).network
    except ValueError:
        raise Refused(f"{cidr} is no network") from None


def same(address: Any) -> str | None:
    """An address in the one form that Neutron writes."""
    return str(ipaddress.ip_address(str(address))) if address else None


def public_gateway(cidr: Any) -> str:
    """Where the router of an external network is when the site names none: the last address."""
    inner = network(cidr)
    return str(inner[-2 if inner.version == 4 else -1])


def first(cidr: Any) -> str:
    """The first address of a network that a machine may have."""
    return str(network(cidr)[1])


def public_pools(cidr: Any, gateway: str) -> list[dict[str, str]]:
    """Pools of an external IPv4 network without any: all but the first, last and the gateway."""
    inner = network(cidr)
    low, high = int(inner[2]), int(inner[-3])
    out = int(ipaddress.ip_address(gateway))
    spans = [(low, out - 1), (out + 1, high)] if low <= out <= high else [(low, high)]
    address = type(inner[1])
    return [{"start": str(address(a)), "end": str(address(b))} for a, b in spans if a <= b]


def pools(said: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Pools in Neutron's form, in the order of their addresses."""
    plain = [{key: str(same(pool[key])) for key in ("start", "end")} for pool in said]
    return sorted(plain, key=lambda pool: int(ipaddress.ip_address(pool["start"])))


def listed(said: Any) -> Iterator[str]:
    """Single addresses of a list like ``[203.0.113.8, 203.0.113.20-203.0.113.29]``.

    :raises Refused: an entry is neither an address nor a range of less than 4096.
    """
    items = said.split(",") if isinstance(said, str) else said or []
    for item in items:
        start, dash, end = (part.strip() for part in str(item).partition("-"))
        try:
            low = ipaddress.ip_address(start)
            high = ipaddress.ip_address(end) if dash else low
        except ValueError:
            raise Refused(f"{item} is neither an address nor FIRST-LAST") from None
        if low.version != high.version or not 0 <= int(high) - int(low) < MOST:
            raise Refused(f"{item} is no range of at most {MOST} addresses")
        yield from (str(low + step) for step in range(int(high) - int(low) + 1))


def inside(address: str, allocation_pools: Iterable[Mapping[str, Any]]) -> bool:
    """Whether an address is in one of some pools."""
    wanted = ipaddress.ip_address(address)
    return any(
        int(ipaddress.ip_address(pool["start"]))
        <= int(wanted)
        <= int(ipaddress.ip_address(pool["end"]))
        for pool in allocation_pools
        if ipaddress.ip_address(pool["start"]).version == wanted.version
    )


def vlans(ranges: Any) -> list[int]:
    """VLANs of ranges like ``["300:349", 360]``, in their order.

    :raises Refused: an entry is neither a VLAN nor FIRST:LAST.
    """
    given = [ranges] if isinstance(ranges, int | str) else ranges or []
    items = [part for item in given for part in str(item).split(",") if part.strip()]
    found: dict[int, None] = {}
    for item in items:
        start, _, end = item.replace("-", ":").partition(":")
        try:
            low, high = int(start), int(end or start)
        except ValueError:
            raise Refused(f"{item} is neither a VLAN nor FIRST:LAST") from None
        if not 1 <= low <= high <= 4094:
            raise Refused(f"{item} is no range of VLANs")
        found |= dict.fromkeys(range(low, high + 1))
    return list(found)
