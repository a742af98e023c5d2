"""Whatever stands in place of networks, rules find something or nothing; they never fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cc_ansible.kolla import known
from cc_ansible.site.rules import of_networks
from cc_ansible.site.subject import Subject
from cc_ansible.site.survey import Survey

WORDS = st.sampled_from(
    [
        "", "public", "physnet1", "10.0.0.0/24", "10.0.0.1", "10.0.0.1/24", "fd00::/64", "fd00::1",
        "200:250", "0.0.0.0", "eno1", "eno1,eno2", "br-ex", "{{ nobody_knows }}", "{{ 1 + 1 }}",
        "{{ network_interface }}", "{{", "true", "x.x.x.1", "netmiko_dell_os10", "flat", "vlan",
    ]
)  # fmt: skip
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 70000), st.floats(allow_nan=False), WORDS, st.text()
)
KEYS = st.sampled_from(
    [
        "name", "bridge_name", "external_interface", "cidr", "gateway_ip", "allocation_pools",
        "start", "end", "on_demand_vlan_ranges", "reservable_vlan_ranges", "network_type", "mtu",
        "public", "sharednet", "vlan", "enabled", "device_type", "address", "auth", "username",
        "password", "token", "snmp", "ngs_config", "ngs_allowed_vlans", "ngs_physical_networks",
        "ip", "range", "bip", "default-address-pools", "base", "ip_range_start", "ip_range_end",
    ]
)  # fmt: skip
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=25,
)
NAMES = st.sampled_from(
    [
        "neutron_networks", "switch_configs", "neutron_ml2_generic_switch_configs",
        "neutron_network_vlan_ranges", "neutron_ovs_bridge_mappings", "docker_custom_config",
        "kolla_internal_vip_address", "kolla_external_vip_address", "kolla_external_fqdn",
        "network_interface", "neutron_external_interface", "neutron_bridge_name",
        "neutron_physical_networks", "ironic_dnsmasq_dhcp_ranges", "neutron_type_drivers",
        "ironic_provisioning_network", "ironic_provisioning_network_cidr",
        "ironic_provisioning_network_vlan", "ironic_provisioning_physical_network",
        "ironic_provisioning_network_gateway", "ironic_provisioning_allocation_pool_start",
        "ironic_provisioning_allocation_pool_end", "api_interface_address", "ansible_host",
        "ansible_connection", "ansible_port", "glance_api_port", "neutron_server_port",
        "keepalived_virtual_router_id", "enable_haproxy", "network_address_family",
        "neutron_dnsmasq_dns_servers", "enable_octavia", "octavia_amp_network_cidr",
    ]
)  # fmt: skip
VARIABLES = st.dictionaries(NAMES, VALUES, max_size=6)
NETWORKS = st.fixed_dictionaries(
    {
        "neutron_networks": st.lists(st.dictionaries(KEYS, VALUES, max_size=8), max_size=3),
        "switch_configs": st.lists(st.dictionaries(KEYS, VALUES, max_size=8), max_size=2),
    }
)
ANYWHERE = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@ANYWHERE
@given(st.one_of(VARIABLES, NETWORKS), VARIABLES, VARIABLES)
def test_no_rule_fails(
    tmp_path: Path, common: dict[str, Any], group: dict[str, Any], host: dict[str, Any]
) -> None:
    site = tmp_path / "site"
    for name in ("inventory/group_vars", "inventory/host_vars"):
        (site / name).mkdir(parents=True, exist_ok=True)
    files = {
        "defaults.yml": common,
        "inventory/group_vars/control.yml": group,
        "inventory/host_vars/node1.yml": host,
    }
    for name, value in files.items():
        (site / name).write_text(yaml.safe_dump(value))
    (site / "inventory/hosts").write_text("[control]\nnode1\nnode2 ansible_host=10.0.0.2\n")
    subject = Subject(Survey(site), known)
    for rule in of_networks.RULES:
        for finding in rule(subject):
            assert finding.summary.endswith((".", "?"))
            assert "\n" not in finding.summary
