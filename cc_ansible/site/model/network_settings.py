"""Settings of the networks that sites make for machines; see also :mod:`.networks`."""

from __future__ import annotations

from cc_ansible.site.model.forms import Strict, Text
from cc_ansible.site.model.net_types import (
    Cidr,
    DhcpRange,
    Flag,
    InterfaceName,
    UsableAddress,
    VlanId,
)


class Provisioning(Strict):
    """The network in which machines are deployed."""

    ironic_provisioning_network: Text | None = None
    """Its name; that of a shared network when machines are deployed there."""

    ironic_provisioning_physical_network: Text | None = None
    """The entry of neutron_networks it is on; physnet1 when not set."""

    ironic_provisioning_network_vlan: VlanId | None = None
    """Its VLAN. Without one no network is made."""

    ironic_provisioning_network_cidr: Cidr | None = None
    """Its addresses."""

    ironic_provisioning_network_gateway: UsableAddress | None = None
    """Its router, from which the internal VIP must be reached; the first address when not set."""

    ironic_provisioning_allocation_pool_start: UsableAddress | None = None
    """The first address that machines get."""

    ironic_provisioning_allocation_pool_end: UsableAddress | None = None
    """The last address that machines get."""

    manage_ironic_gateway_interface: Flag | None = None
    """Whether a network host has the gateway's address on an interface of its own."""

    ironic_gateway_interface: InterfaceName | None = None
    """That interface; the VLAN on network_interface when not set."""


class Switching(Strict):
    """How Neutron's servers take turns at switches."""

    ngs_backend_url: Text | None = None
    """Where they coordinate: a URL of etcd, Valkey, memcached or a directory."""


MODELS = (Provisioning, Switching)


class Dhcp(Strict):
    """An entry of ``ironic_dnsmasq_dhcp_ranges``."""

    range: DhcpRange
    """FIRST,LAST or FIRST,LAST,NETMASK."""

    tag: Text | None = None
    """The name of the range in dnsmasq."""

    lease_time: Text | None = None
    """How long an address is lent, such as 10m."""

    routers: Text | None = None
    """The gateway."""

    ntp_server: Text | None = None
    """The time server."""

    dns_servers: Text | None = None
    """The name servers, with commas between them."""


LISTS = {
    "neutron_networks": "Physical networks, and the networks that are made on them",
    "switch_configs": "Switches whose ports Neutron configures",
    "docker_custom_config": "Further settings of Docker, as in its daemon.json",
    "neutron_network_vlan_ranges": "NETWORK:FIRST:LAST, ...; older than neutron_networks",
    "neutron_ovs_bridge_mappings": "NETWORK:BRIDGE, ...; older than neutron_networks",
    "neutron_ml2_generic_switch_configs": "Options of drivers; older than switch_configs",
}
"""Variables that are more than one value; rules and models of their own read them."""
