"""Every subnet that a site makes, in one form: of networks, shared networks and provisioning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from cc_ansible.errors import Origin
from cc_ansible.site.model.networks import Network, PublicNet, Subnet
from cc_ansible.site.model.read import Place, Typed
from cc_ansible.site.net import addresses, plan
from cc_ansible.site.net.refused import Refused
from cc_ansible.site.net.spans import Address, Block, Interface
from cc_ansible.site.subject import Subject
from cc_ansible.site.values import Unknown

PROVISIONING = "ironic_provisioning_network"
CIDR, GATEWAY = f"{PROVISIONING}_cidr", f"{PROVISIONING}_gateway"
POOL_START = "ironic_provisioning_allocation_pool_start"
POOL_END = "ironic_provisioning_allocation_pool_end"
DEFAULT_SHARED = "sharednet1"
KEYS = ("cidr", "gateway_ip", "allocation_pools")


@dataclass(frozen=True)
class Range:
    """A pool as it is written; its ends may be in the wrong order."""

    start: Address
    end: Address
    at: Place

    @property
    def block(self) -> Block | None:
        """Its addresses; None when its ends do not fit together."""
        return Block.between(self.start, self.end)

    def __str__(self) -> str:
        return f"{self.start}-{self.end}"


@dataclass(frozen=True)
class Sub:
    """One subnet. ``at`` finds ``cidr``, ``gateway_ip``, ``mtu`` and the subnet itself."""

    label: str
    at: Place
    cidr: Interface | None = None
    gateway: Address | None = None
    pools: list[Range] = field(default_factory=list)
    mtu: int | None = None
    public: bool = False
    shared: bool = False
    """Whether it is a network of users, apart from the site's own."""

    enabled: bool = True
    provisioning: bool = False
    unknown: frozenset[str] = frozenset()
    """Keys that are written, with a value that only a run knows."""

    @property
    def block(self) -> Block | None:
        """All of its addresses."""
        return Block.of(self.cidr) if self.cidr else None

    @property
    def router(self) -> Address | None:
        """Its gateway: what the site says, else what is taken when it says nothing."""
        if self.gateway or self.cidr is None or "gateway_ip" in self.unknown:
            return self.gateway
        inner = self.cidr.network
        # The external network has its router at the last usable address, Neutron's at the first.
        return inner[-2 if inner.version == 4 else -1] if self.public else inner[1]


def subnets(subject: Subject) -> list[Sub]:
    """The subnets of all hosts' networks and of the provisioning network."""
    return subject.once(_subnets)


def groups_of_subnets(subject: Subject) -> Iterator[list[Sub]]:
    """As :func:`subnets`, and apart from them those that groups and hosts have for themselves."""
    yield subnets(subject)
    for special in plan.networks(subject).special:
        yield [sub for typed in special for sub in _of_network(typed)]


def _subnets(subject: Subject) -> list[Sub]:
    found = [sub for typed in plan.networks(subject).common for sub in _of_network(typed)]
    return [*found, *_provisioning(subject)]


def _of_network(typed: Typed[Network]) -> Iterator[Sub]:
    network = typed.model
    external = network.name == "public"
    yield replace(_sub(network, f"network {network.name}", typed.at), public=external)
    if network.public:
        at = plan.below(typed.at, "public")
        label = f"the public network on {network.name}"
        yield replace(_sub(network.public, label, at), public=True)
    if shared := network.sharednet:
        at = plan.below(typed.at, "sharednet")
        label = f"shared network {shared.name or DEFAULT_SHARED}"
        apart = network.network_type != "flat"
        yield replace(_sub(shared, label, at), enabled=shared.enabled, shared=apart)


def _sub(said: Subnet, label: str, at: Place, *, public: bool = False, enabled: bool = True) -> Sub:
    pools = [
        Range(pool.start, pool.end, plan.below(at, "allocation_pools", index))
        for index, pool in enumerate(said.allocation_pools or [])
    ]
    unknown = frozenset(key for key in KEYS if getattr(said, key) is None and _written(at, key))
    gateway = said.gateway_ip
    if isinstance(said, PublicNet):
        gateway = gateway or said.gateway
        if said.ip_range_start and said.ip_range_end:
            keys = {"start": "ip_range_start", "end": "ip_range_end"}
            pools.append(Range(said.ip_range_start, said.ip_range_end, _renamed(at, keys)))
        at = _renamed(at, {} if said.gateway_ip else {"gateway_ip": "gateway"})
    return Sub(label, at, said.cidr, gateway, pools, said.mtu, unknown=unknown)


def _written(at: Place, key: str) -> bool:
    """Whether an entry has a key; the place of one that it has not is a place around it."""
    return at(key) != at("no such key")


def _renamed(at: Place, names: dict[str, str]) -> Place:
    """Places where a key has another name than the rules use."""

    def place(*path: str | int) -> Origin | None:
        first = (str(path[0]),) if path else ()
        return at(*(names.get(step, step) for step in first), *path[1:])

    return place


def _provisioning(subject: Subject) -> Iterator[Sub]:
    """The subnet of the provisioning network, unless that is one of the site's own."""
    name = subject.values.known_or(PROVISIONING, PROVISIONING)
    common = plan.networks(subject).common
    shared = {
        typed.model.sharednet.name or DEFAULT_SHARED for typed in common if typed.model.sharednet
    }
    cidr = _value(subject, CIDR, addresses.network)
    if cidr is None or name in shared or subject.values.enabled("enable_ironic") is False:
        return
    start, end = (_value(subject, key, addresses.address) for key in (POOL_START, POOL_END))
    at = _variables(
        subject, {"cidr": CIDR, "gateway_ip": GATEWAY, "start": POOL_START, "end": POOL_END}
    )
    pools = [Range(start, end, at)] if start and end else []
    gateway = _value(subject, GATEWAY, addresses.address)
    names = {"gateway_ip": (GATEWAY,), "allocation_pools": (POOL_START, POOL_END)}
    unknown = frozenset(key for key, of in names.items() if any(map(subject.values.raw, of)))
    label = "the provisioning network"
    yield Sub(label, at, cidr, gateway, pools, provisioning=True, unknown=unknown)


def _value(subject: Subject, name: str, parse: Any) -> Any:
    """A variable's value; None where it is not set, not known or not valid."""
    try:
        value = subject.values.get(name)
        return None if value is None else parse(value)
    except (Unknown, Refused):
        return None


def _variables(subject: Subject, names: dict[str, str]) -> Place:
    """Places where each key is a variable of its own."""

    def place(*path: str | int) -> Origin | None:
        name = names.get(str(path[0]), CIDR) if path else CIDR
        return subject.values.origin(name)

    return place
