"""What the hosts said, typed: the JSON of modules cc_host_facts and cc_reach."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Interface | ipaddress.IPv6Interface


@dataclass(frozen=True)
class Interface:
    """A network interface. ``addresses`` are those that other hosts can use."""

    name: str
    up: bool = True
    carrier: bool = True
    mtu: int | None = None
    mac: str = ""
    kind: str = ""
    master: str = ""
    ports: tuple[str, ...] = ()
    addresses: tuple[Network, ...] = ()
    """Without those of the link only."""
    automatic: tuple[Network, ...] = ()
    """Those of ``addresses`` that nobody configured: router advertisements, DHCP."""

    def of_family(self, family: str) -> list[Network]:
        """Its addresses of ``ipv4`` or ``ipv6``."""
        version = 6 if family == "ipv6" else 4
        return [address for address in self.addresses if address.version == version]


@dataclass(frozen=True)
class Port:
    """A listening TCP port; ``container`` is the id of the container that has it."""

    address: Address
    number: int
    process: str | None = None
    container: str | None = None


@dataclass(frozen=True)
class Container:
    """A container on a host; ``kolla`` when its image says that Kolla built it."""

    id: str
    name: str
    image: str
    state: str
    kolla: bool


@dataclass(frozen=True)
class Facts:
    """What a host is like. ``raw`` is what the module said."""

    raw: Mapping[str, Any] = field(repr=False)

    def get(self, *path: str) -> Any:
        """A part of it; None where the host could not tell."""
        found: Any = self.raw
        for step in path:
            found = found.get(step) if isinstance(found, Mapping) else None
        return found

    @cached_property
    def interfaces(self) -> dict[str, Interface] | None:
        """Interfaces by name; None when the host could not tell."""
        said = self.raw.get("interfaces")
        if not isinstance(said, Mapping):
            return None
        return {name: _interface(name, entry) for name, entry in said.items()}

    @cached_property
    def addresses(self) -> frozenset[Address]:
        """Every address the host has."""
        found = (self.interfaces or {}).values()
        return frozenset(each.ip for interface in found for each in interface.addresses)

    @cached_property
    def listeners(self) -> list[Port]:
        """Ports that something listens on."""
        return [
            Port(
                ipaddress.ip_address(each["address"]),
                int(each["port"]),
                each.get("process"),
                each.get("container"),
            )
            for each in self.raw.get("listeners") or []
        ]

    @property
    def has_engine(self) -> bool:
        """Whether its container engine answered, so that what it says of containers is all."""
        return bool(self.get("engine", "state") == "running")

    @cached_property
    def containers(self) -> list[Container]:
        """Containers of its engine, running or not."""
        keys = ("id", "name", "image", "state", "kolla")
        found = self.get("engine", "containers") or []
        return [Container(*(each[key] for key in keys)) for each in found]

    @cached_property
    def images(self) -> frozenset[str]:
        """References of the images it holds."""
        return frozenset(self.get("engine", "images") or ())


@dataclass(frozen=True)
class Host:
    """One host of the inventory and what came of looking at it.

    ``wanted`` are the site's values for it as Ansible evaluated them. ``facts`` is None where the
    host could not be looked at; ``unreachable`` and ``trouble`` say why. ``answers`` is what it
    reaches. ``skew`` is by how many seconds its clock is ahead, at least; None when unknown.
    """

    name: str
    groups: frozenset[str] = frozenset()
    wanted: Mapping[str, Any] = field(default_factory=dict)
    facts: Facts | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)
    unreachable: str = ""
    trouble: str = ""
    denied: str = ""
    """Why root's rights could not be had; what only root sees is then unknown."""
    unasked: str = ""
    """Why it could not be asked what it reaches."""
    unevaluated: str = ""
    """Why the site's values for it could not be evaluated."""
    skew: float | None = None

    def want(self, name: str) -> str:
        """A value of the site for this host, as text; empty when there is none."""
        value = self.wanted.get(name)
        return "" if value is None else str(value)

    def flag(self, name: str) -> bool:
        """A flag of the site for this host."""
        return self.wanted.get(name) is True

    def interface(self, variable: str) -> Interface | None:
        """The interface that a variable names; None when the host has none of that name."""
        found = (self.facts.interfaces if self.facts else None) or {}
        return found.get(self.want(variable))

    def answer(self, kind: str, asked: str) -> Mapping[str, Any]:
        """What it found out about something; empty when it was not asked."""
        found = self.answers.get(kind, {}).get(asked)
        return found if isinstance(found, Mapping) else {}


def address(text: str) -> Address | None:
    """A text as an address; None when it is none."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _interface(name: str, entry: Mapping[str, Any]) -> Interface:
    entries = [each for each in entry.get("addresses", ()) if each.get("scope") != "link"]
    addresses = {_network(each): bool(each.get("dynamic")) for each in entries}
    return Interface(
        name,
        up=bool(entry.get("up")),
        carrier=bool(entry.get("carrier")),
        mtu=entry.get("mtu"),
        mac=str(entry.get("mac", "")),
        kind=str(entry.get("kind", "")),
        master=str(entry.get("master", "")),
        ports=tuple(entry.get("ports", ())),
        addresses=tuple(addresses),
        automatic=tuple(one for one, dynamic in addresses.items() if dynamic),
    )


def _network(entry: Mapping[str, Any]) -> Network:
    return ipaddress.ip_interface(f"{entry['address']}/{entry['prefix']}")
