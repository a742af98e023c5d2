"""What the pinned Kolla-Ansible knows, read from its files."""

from __future__ import annotations

import pytest

from cc_ansible.kolla import known
from cc_ansible.site import removed


def test_variables_come_with_their_place_and_value() -> None:
    (definition,) = known.variables()["kolla_internal_vip_address"]
    assert definition.role is None
    line = definition.file.read_text().splitlines()[definition.line - 1]
    assert line.startswith("kolla_internal_vip_address:")
    assert known.variables()["nova_services"][0].role == "nova"
    assert isinstance(known.variables()["nova_services"][0].value(), dict)


def test_the_project_counts_after_kolla() -> None:
    *_, last = known.variables()["enable_blazar"]
    assert last.file.parts[-2:] == ("kolla", "defaults.yml")


@pytest.mark.parametrize("name", ["glance_policy_file", "kolla_serial", "nova_max_fail_percentage"])
def test_variables_without_a_default_are_mentioned(name: str) -> None:
    assert name not in known.variables()
    assert known.mentioned([name]) == {name}


@pytest.mark.parametrize("name", ["enable_irnoic", "kolla_internal_vip_adress", "vip_address"])
def test_misspelt_variables_are_not(name: str) -> None:
    assert known.mentioned([name]) == set()


def test_readers_are_found_through_other_variables() -> None:
    assert known.roles_using("keystone_database_password") == ["keystone"]
    # haproxy_user is read by nothing but templates; the address goes through other variables.
    assert {"nova", "keystone"} <= set(known.roles_using("kolla_internal_vip_address"))
    assert known.roles_using("no_such_variable") == []


def test_groups_passwords_and_variables_without_default() -> None:
    assert {"control", "ironic-dnsmasq", "loadbalancer"} <= known.groups()
    assert "keystone_admin_password" in known.passwords()
    assert {"ansible_host", "ansible_user", "ansible_become"} <= known.undefaulted()


def test_variables_of_the_collection_that_is_fetched_for_hosts() -> None:
    assert "docker_apt_url" in known.undefaulted()
    assert known.roles_using("docker_apt_url") == ["openstack.kolla.docker"]
    every = {name for names in known._collection().values() for name in names}
    assert not [name for name in every if removed.find(removed.VARIABLES, name)]
