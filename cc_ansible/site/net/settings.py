"""Which variables hold which values of networks: addresses, interfaces, names, ports.

Those of Kolla-Ansible are found by what their defaults are made of, so that a new release brings
its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from cc_ansible.site.net import addresses, names, numbers
from cc_ansible.site.net.spans import Address
from cc_ansible.site.subject import Subject
from cc_ansible.site.values import is_template

Parse = Callable[[Any], Any]

INTERNAL_VIP, EXTERNAL_VIP = "kolla_internal_vip_address", "kolla_external_vip_address"
VIPS = (INTERNAL_VIP, EXTERNAL_VIP)
API_INTERFACE, VIP_INTERFACE = "network_interface", "kolla_external_vip_interface"
NEUTRON_INTERFACE, NEUTRON_BRIDGE = "neutron_external_interface", "neutron_bridge_name"
FQDNS = ("kolla_internal_fqdn", "kolla_external_fqdn")
PROVISIONING_VLAN = "ironic_provisioning_network_vlan"

_NAME = re.compile(r"[A-Za-z_]\w*")
_ADDRESS_NAMES = (*VIPS, "ironic_tftp_listen_address", "neutron_bgp_router_id")
_NETWORK_NAMES = ("octavia_amp_network_cidr", "k3s_cluster_cidr")
_INTERFACE_NAMES = ("dpdk_tunnel_interface",)


def parsers(subject: Subject) -> Mapping[str, Parse]:
    """The variables of Kolla-Ansible that hold one value of a network, and how to read it."""
    return subject.once(_parsers)


def interfaces(subject: Subject) -> frozenset[str]:
    """The variables that name an interface with an address of its own."""
    return subject.once(_interfaces)


def numeric(subject: Subject) -> frozenset[str]:
    """The variables that hold a number."""
    return subject.once(_numbers)


def _numbers(subject: Subject) -> frozenset[str]:
    kinds = (numbers.port, numbers.router_id)
    found = {name for name, parse in parsers(subject).items() if parse in kinds}
    return frozenset({*found, PROVISIONING_VLAN})


def _parsers(subject: Subject) -> Mapping[str, Parse]:
    known = subject.known.variables()
    found: dict[str, Parse] = dict.fromkeys(_ADDRESS_NAMES, addresses.usable)
    found |= dict.fromkeys(_NETWORK_NAMES, addresses.network)
    found |= dict.fromkeys((*_INTERFACE_NAMES, *interfaces(subject)), names.interface)
    found |= {name: addresses.usable for name in known if name.endswith("_interface_address")}
    found |= {name: names.fqdn for name in known if name.endswith("_fqdn")}
    found |= {name: numbers.port for name in known if name.endswith("_port")}
    found |= {name: addresses.family for name in known if name.endswith("_address_family")}
    found |= {NEUTRON_INTERFACE: names.interfaces, NEUTRON_BRIDGE: names.interfaces}
    found["ansible_port"] = numbers.port
    found["keepalived_virtual_router_id"] = numbers.router_id
    found["neutron_dnsmasq_dns_servers"] = _name_servers
    return found


def _interfaces(subject: Subject) -> frozenset[str]:
    """``network_interface`` and what defaults to it, directly or through others."""
    found = {API_INTERFACE}
    candidates = {
        name: {word for one in definitions for word in _words(one.value())}
        for name, definitions in subject.known.variables().items()
        if name.endswith("_interface") and name != NEUTRON_INTERFACE
    }
    while more := {name for name, words in candidates.items() if words & found} - found:
        found |= more
    return frozenset(found)


def _words(default: Any) -> set[str]:
    return set(_NAME.findall(default)) if is_template(default) else set()


def _name_servers(value: Any) -> list[Address]:
    parts = value if isinstance(value, list) else str(value).split(",")
    return [addresses.usable(part.strip() if isinstance(part, str) else part) for part in parts]
