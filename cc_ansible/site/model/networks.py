"""``neutron_networks``: the physical networks of a site, and what is made on them.

.. code-block:: yaml

   neutron_networks:
     - name: public
       bridge_name: br-ex
       external_interface: eno3
       network_type: flat
       cidr: 203.0.113.0/24
       gateway_ip: 203.0.113.1
       allocation_pools:
         - {start: 203.0.113.100, end: 203.0.113.200}
     - name: physnet1
       bridge_name: br-tenant
       external_interface: eno4
       on_demand_vlan_ranges: ["200:250"]
       reservable_vlan_ranges: ["300:349"]
       sharednet: {cidr: 10.140.80.0/22}
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from cc_ansible.site.findings import error
from cc_ansible.site.model.forms import Strict
from cc_ansible.site.model.net_types import (
    Cidr,
    Flag,
    InterfaceName,
    IPAddress,
    IPAddresses,
    Mtu,
    VlanId,
    VlanRanges,
)

NETWORK_NAME = error("network-name", "Names of physical networks are one word")

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


def _name(value: Any) -> Any:
    if isinstance(value, str) and not _NAME.fullmatch(value):
        fix = "Use letters, digits, dashes and underscores; Neutron puts it into lists."
        raise PydanticCustomError("network_name", "is not one word", {"fix": fix})
    return value


def _pools(value: Any) -> Any:
    if isinstance(value, dict):
        fix = "Write `- start: ADDRESS` and, below it, `end: ADDRESS`."
        raise PydanticCustomError("invalid_value", "must be a list of pools", {"fix": fix})
    return value


def _pool(value: Any) -> Any:
    if isinstance(value, str) and "{{" not in value:
        fix = "Write `- start: ADDRESS` and, below it, `end: ADDRESS`."
        raise PydanticCustomError("invalid_value", "must have a start and an end", {"fix": fix})
    return value


NetworkType = Literal["flat", "vlan", "vxlan", "geneve", "gre", "local"]


class Pool(Strict):
    """Addresses that Neutron gives out."""

    start: IPAddress
    """The first address."""

    end: IPAddress
    """The last address."""


Pools = Annotated[
    list[Annotated[Pool, BeforeValidator(_pool)]] | None,
    BeforeValidator(_pools),
    Field(default=None),
]


class Further(Strict):
    """A further subnet of a network, such as one of IPv6."""

    cidr: Cidr
    """Its addresses."""

    name: str | None = None
    """Its name."""

    gateway_ip: IPAddress | None = None
    """The router that is there already."""

    allocation_pools: Pools = None
    """What Neutron gives out of it."""

    dns_nameservers: IPAddresses | None = None
    """Name servers for the machines in it."""

    enable_dhcp: Flag | None = None
    """Whether Neutron answers DHCP in it."""

    ipv6_mode: Literal["slaac", "dhcpv6-stateful", "dhcpv6-stateless"] | None = None
    """How machines get an IPv6 address; slaac when not given."""


class Subnet(Strict):
    """The addresses of one network."""

    cidr: Cidr | None = None
    """Its addresses, such as 203.0.113.0/24."""

    gateway_ip: IPAddress | None = None
    """The router that is there already."""

    allocation_pools: Pools = None
    """What Neutron gives out of it; without, everything but the gateway."""

    mtu: Mtu | None = None
    """The largest packet it carries."""

    dns_nameservers: IPAddresses | None = None
    """Name servers for the machines in it."""

    enable_dhcp: Flag | None = None
    """Whether Neutron answers DHCP in it."""

    subnets: list[Further] | None = None
    """Further subnets, such as those of IPv6."""


class PublicNet(Subnet):
    """The network with addresses that the outside reaches, on a physical network with others."""

    name: str | None = None
    """Its name; ``public`` when not given."""

    segment_type: NetworkType | None = None
    """How its packets are marked; flat when not given."""

    vlan: VlanId | None = None
    """Its VLAN, when its packets are tagged."""

    gateway: IPAddress | None = None
    """Another name of ``gateway_ip``."""

    ip_range_start: IPAddress | None = None
    """The first address that Neutron gives out, in place of ``allocation_pools``."""

    ip_range_end: IPAddress | None = None
    """The last one."""


class SharedNet(Subnet):
    """A network that every project may use, with a router to the public network."""

    name: str | None = None
    """Its name; ``sharednet1`` when not given."""

    enabled: Flag = True
    """Whether it gets a subnet."""

    vlan: VlanId | None = None
    """Its VLAN; without, one of the on-demand VLANs."""


class Network(Subnet):
    """One physical network: a bridge on the network hosts, and what is on it."""

    name: Annotated[str, BeforeValidator(_name)]
    """Its name in Neutron. The one called ``public`` is the external network."""

    bridge_name: InterfaceName | None = None
    """The Open vSwitch bridge of it, at most 15 characters."""

    external_interface: InterfaceName | None = None
    """The interface that the bridge takes for itself; it must not carry an address."""

    network_type: NetworkType | None = None
    """How packets of its networks are marked; without it flat for the external one, else vlan."""

    on_demand_vlan_ranges: VlanRanges = Field(default_factory=list)
    """VLANs that projects get when they make a network: ``["200:250"]``."""

    reservable_vlan_ranges: VlanRanges = Field(default_factory=list)
    """VLANs that are lent by reservation."""

    public: PublicNet | None = None
    """The external network, when it shares this physical network with others."""

    sharednet: SharedNet | None = None
    """A network for every project."""

    @property
    def is_public(self) -> bool:
        """Whether the external network is on it."""
        return self.name == "public" or self.public is not None
