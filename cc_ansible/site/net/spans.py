"""Closed intervals of whole numbers: VLANs, and addresses of one IP version."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Interface = ipaddress.IPv4Interface | ipaddress.IPv6Interface
T = TypeVar("T")


@dataclass(frozen=True, order=True)
class Span:
    """The numbers from ``first`` to ``last``, both included.

    :raises ValueError: ``first`` is above ``last``.
    """

    first: int
    last: int

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise ValueError(f"{self.first} is above {self.last}")

    def __contains__(self, number: int) -> bool:
        return self.first <= number <= self.last

    def common(self, other: Span) -> Span | None:
        """The numbers that are in both; None when there are none."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return Span(first, last) if first <= last else None

    def within(self, other: Span) -> bool:
        """Whether every number is also in ``other``."""
        return other.first <= self.first and self.last <= other.last


@dataclass(frozen=True)
class Block:
    """Addresses of one IP version."""

    version: int
    span: Span

    @classmethod
    def of(cls, network: Interface) -> Block:
        """Every address of a network; bits right of the prefix length are ignored."""
        ends = network.network.network_address, network.network.broadcast_address
        return cls(network.version, Span(int(ends[0]), int(ends[1])))

    @classmethod
    def between(cls, start: Address, end: Address) -> Block | None:
        """The addresses from ``start`` to ``end``; None when these are no two ends."""
        if start.version != end.version or int(start) > int(end):
            return None
        return cls(start.version, Span(int(start), int(end)))

    def __contains__(self, address: Address) -> bool:
        return address.version == self.version and int(address) in self.span

    def common(self, other: Block) -> Block | None:
        """The addresses that are in both; None when there are none."""
        span = self.span.common(other.span) if self.version == other.version else None
        return Block(self.version, span) if span else None

    def within(self, other: Block) -> bool:
        """Whether every address is also in ``other``."""
        return self.version == other.version and self.span.within(other.span)

    def __str__(self) -> str:
        kind = ipaddress.IPv4Address if self.version == 4 else ipaddress.IPv6Address
        first, last = kind(self.span.first), kind(self.span.last)
        return str(first) if first == last else f"{first}-{last}"


def clashes(items: Iterable[T], common: Callable[[T, T], object]) -> Iterator[tuple[T, T]]:
    """Every pair that has something in common, the earlier one first."""
    seen: list[T] = []
    for item in items:
        for earlier in seen:
            if common(earlier, item):
                yield earlier, item
        seen.append(item)


def reserved(network: Interface) -> set[Address]:
    """The addresses of a network that no machine may have."""
    inner = network.network
    if inner.prefixlen >= inner.max_prefixlen - 1:
        return set()
    ends: set[Address] = {inner.network_address}
    return ends | {inner.broadcast_address} if network.version == 4 else ends
