"""Switches of a site become sections that networking-generic-switch reads."""

from __future__ import annotations

import configparser

import pytest

from cc_ansible.kolla import switch_keys
from cc_ansible.paths import PROJECT
from cc_ansible.site.net.drivers import DEVICE_TYPES

FILE = PROJECT / "kolla" / "node_custom_config" / "neutron" / "ml2_conf.ini"
COMMON = {
    "enable_etcd": False,
    "enable_ironic": True,
    "enable_ironic_neutron_agent": False,
    "neutron_mechanism_drivers": [{"name": "openvswitch"}],
    "neutron_network_vlan_ranges": "physnet1:200:249",
    "ngs_backend_url": "file:///tmp/ngs",
    "switch_configs": [],
}


def rendered(**variables: object) -> configparser.ConfigParser:
    """The file as Ansible renders it for the server."""
    from ansible.parsing.dataloader import DataLoader
    from ansible.template import Templar, trust_as_template

    templar = Templar(loader=DataLoader(), variables={**COMMON, **variables})
    text = templar.template(trust_as_template(FILE.read_text()), escape_backslashes=False)
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(str(text))
    return parser


@pytest.mark.parametrize("device_type", sorted(DEVICE_TYPES))
def test_every_device_type_becomes_a_section(device_type):
    auth = {"username": "ngs", "password": "p%s$a", "secret": "s"}
    switch = {"name": "tor1", "device_type": device_type, "address": "10.0.0.2", "auth": auth}
    section = rendered(switch_configs=[switch])["genericswitch:tor1"]
    assert dict(section) == {
        "device_type": device_type, "ip": "10.0.0.2", "username": "ngs", "password": "p%s$a",
        "secret": "s",
    }  # fmt: skip


def test_a_switch_without_options_is_not_lost():
    switches = [
        {"name": "a", "device_type": "netmiko_cisco_ios", "address": "10.0.0.2", "auth": {}},
        {
            "name": "b", "device_type": "netmiko_dell_os10", "address": "10.0.0.3", "auth": {},
            "ngs_config": {"ngs_port_default_vlan": 1, "fast_cli": False},
        },
    ]  # fmt: skip
    config = rendered(switch_configs=switches)
    assert "genericswitch:a" in config
    assert config["genericswitch:b"]["ngs_port_default_vlan"] == "1"
    assert config["genericswitch:b"]["fast_cli"] == "False"


def test_the_sites_key_and_a_key_of_its_own_are_files_in_the_container():
    switches = [
        {"name": "a", "device_type": "x", "address": "y", "auth": {"use_ssh_key": True}},
        {"name": "b", "device_type": "x", "address": "y", "auth": {"private_key": "KEY"}},
    ]
    config = rendered(switch_configs=switches)
    assert config["genericswitch:a"]["key_file"] == "/var/lib/neutron/.ssh/id_rsa"
    assert config["genericswitch:b"]["key_file"] == "/etc/neutron/plugins/ml2/switch-1.key"
    assert "KEY" not in str({name: dict(config[name]) for name in config})


def test_a_key_of_its_own_is_handed_over_as_a_template(tmp_path):
    class Site:
        @staticmethod
        def settings():
            auth = {"private_key": "{{ tor_key }}"}
            return {"switch_configs": [{"name": "a", "auth": {}}, {"name": "b", "auth": auth}]}

    switch_keys.write(Site(), tmp_path)
    (file,) = (tmp_path / "neutron" / "plugins").iterdir()
    assert file.name == "switch-1.key"
    assert file.read_text() == "{{ switch_configs[1].auth.private_key | trim }}\n"


def test_switches_of_the_older_form_keep_all_their_options():
    older = [{"name": "old", "device_type": "netmiko_juniper", "ip": "10.0.0.9", "port": 2222}]
    section = rendered(neutron_ml2_generic_switch_configs=older)["genericswitch:old"]
    assert dict(section) == {"device_type": "netmiko_juniper", "ip": "10.0.0.9", "port": "2222"}
