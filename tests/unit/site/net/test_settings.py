"""What is known about variables of networks, and where a site says them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from cc_ansible.kolla import known
from cc_ansible.paths import PROJECT
from cc_ansible.site.net import drivers, machines, plan, settings
from cc_ansible.site.net.subnets import subnets
from cc_ansible.site.rules import of_networks
from cc_ansible.site.subject import Subject
from cc_ansible.site.survey import Survey

Make = Callable[..., Subject]


@pytest.fixture
def subject(tmp_path: Path) -> Make:
    """Makes a site of files and looks at it."""

    def make(defaults: str = "{}", inventory: str = "[control]\nnode1\n", **more: str) -> Subject:
        files = {"defaults.yml": defaults, "inventory/hosts": inventory}
        files |= {f"inventory/{name.replace('__', '/')}": text for name, text in more.items()}
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        return Subject(Survey(tmp_path), known)

    return make


def rules_found(subject: Subject) -> set[str]:
    return {finding.rule for rule in of_networks.RULES for finding in rule(subject)}


def test_interfaces_are_those_that_carry_addresses(subject: Make) -> None:
    found = settings.interfaces(subject())
    assert {"network_interface", "api_interface", "kolla_external_vip_interface"} <= found
    assert {"tunnel_interface", "ironic_http_interface", "octavia_network_interface"} <= found
    assert not {"openstack_interface", "neutron_external_interface"} & found


def test_the_drivers_are_those_of_the_version_in_the_image() -> None:
    profile = (PROJECT / "kolla/build/profile.yml").read_text()
    pinned = re.search(r"networking-generic-switch==(\d+\.\d+)", profile)
    assert pinned
    assert f"networking-generic-switch {pinned[1]} " in (drivers.__doc__ or "").replace(",", " ")


def test_physical_networks_come_from_wherever_they_are_said(subject: Make) -> None:
    assert plan.physical_networks(subject()) == {"physnet1"}
    kolla = "neutron_bridge_name: br-a,br-b"
    assert plan.physical_networks(subject(kolla)) == {"physnet1", "physnet2"}
    ours = "neutron_networks: [{name: public}, {name: datacentre}]"
    assert plan.physical_networks(subject(ours)) == {"public", "datacentre"}
    legacy = "neutron_ovs_bridge_mappings: physnet1:br-em1,public:br-ex"
    assert plan.physical_networks(subject(legacy)) == {"physnet1", "public"}


@pytest.mark.parametrize(
    "text",
    [
        "neutron_networks: '{{ networks_of_this_host }}'",
        "neutron_networks: [{name: '{{ nobody_knows }}'}]",
        "neutron_physical_networks: '{{ nobody_knows }}'",
    ],
)
def test_physical_networks_that_only_a_run_knows_are_not_guessed(subject: Make, text: str) -> None:
    made = subject(text + "\nironic_provisioning_network_vlan: 7\n")
    assert plan.physical_networks(made) is None
    assert not rules_found(made) & {"unknown-physical-network", "invalid-value"}


def test_a_group_may_have_networks_of_its_own(subject: Make) -> None:
    own = "neutron_networks: [{name: public, cidr: 10.0.0.0/24, gateway_ip: 10.0.1.1}]"
    made = subject("kolla_internal_vip_address: 10.20.0.250", group_vars__control=own)
    assert subnets(made) == []
    assert "gateway-outside" in rules_found(made)


def test_hosts_have_the_addresses_of_the_inventory(subject: Make) -> None:
    inventory = """
[control]
node1 ansible_host=10.0.0.1
10.0.0.2
node3 ansible_host=node3.example.org
node4 ansible_host=10.0.0.4 ansible_connection=local
node5 ansible_host=10.0.0.5 ansible_port=2222
[deployment]
node6 ansible_host=10.0.0.6
"""
    found = machines.hosts(subject("{}", inventory, host_vars__node3="ansible_host: 10.0.0.3"))
    assert {machine.owner: str(machine.address) for machine in found} == {
        "node1": "10.0.0.1",
        "10.0.0.2": "10.0.0.2",
        "node3": "10.0.0.3",
    }


def test_without_haproxy_there_is_no_virtual_address(subject: Make) -> None:
    text = "kolla_internal_vip_address: 10.20.0.250\nkolla_external_vip_address: 10.30.0.250\n"
    assert len(machines.vips(subject(text))) == 2
    assert machines.vips(subject(f"{text}enable_haproxy: 'no'\n")) == []
    assert machines.vips(subject(f"{text}enable_keepalived: false\n")) == []


UNKNOWN = """
neutron_networks:
  - name: public
    bridge_name: br-ex
    external_interface: "{{ interface_of_this_host }}"
    cidr: 10.0.0.0/24
    gateway_ip: "{{ gateway_of_this_host }}"
    allocation_pools: "{{ pools }}"
    on_demand_vlan_ranges: ["{{ vlans }}", "200:250"]
    mtu: "{{ mtu }}"
switch_configs:
  - name: tor1
    device_type: "{{ driver }}"
    address: "{{ address }}"
    auth:
      username: "{{ user }}"
      use_ssh_key: "{{ has_key }}"
  - name: tor2
    device_type: netmiko_dell_os10
    address: 10.30.0.2
    auth: {username: ngs, password: !vault "secret"}
kolla_internal_vip_address: 10.0.0.250
kolla_external_fqdn: "{{ name }}"
network_interface: "{{ interface_of_this_host }}"
glance_api_port: "{{ port }}"
"""


def test_what_only_a_run_knows_is_left_alone(subject: Make) -> None:
    assert rules_found(subject(UNKNOWN)) == set()
