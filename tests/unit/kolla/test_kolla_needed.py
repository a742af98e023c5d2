"""A run stops before Kolla-Ansible does when a password is missing that a service needs."""

from __future__ import annotations

from pathlib import Path

import pytest
import small_site

from cc_ansible.errors import SiteInvalid
from cc_ansible.kolla import known, needed
from cc_ansible.site import passwords
from cc_ansible.site.load import Site, load

ALL = dict.fromkeys(known.passwords(), "x")


def without(*names: str) -> dict[str, object]:
    return {name: value for name, value in ALL.items() if name not in names}


def test_a_full_set_passes(tiny_site: Site) -> None:
    needed.require(tiny_site, "deploy", [], ALL)


@pytest.mark.parametrize("action", needed.ACTIONS)
def test_a_missing_one_is_named_with_the_command(action: str, tiny_site: Site) -> None:
    present = without("neutron_keystone_password", "metadata_secret")
    with pytest.raises(SiteInvalid, match="2 passwords of services that are switched on") as caught:
        needed.require(tiny_site, action, ["--tags", "nova"], present)
    assert caught.value.detail == "metadata_secret, neutron_keystone_password"
    assert f"cc-ansible -s {tiny_site.path} passwords generate" in caught.value.fix


@pytest.mark.parametrize("value", [None, ""])
def test_a_blank_one_is_as_good_as_missing(value: object, tiny_site: Site) -> None:
    with pytest.raises(SiteInvalid, match="1 password of services that are switched on is missing"):
        needed.require(tiny_site, "deploy", [], {**ALL, "nova_database_password": value})


def test_a_blank_key_pair_too(tiny_site: Site) -> None:
    blank = {"private_key": None, "public_key": None}
    assert "nova_ssh_key" in passwords.missing({**ALL, "nova_ssh_key": blank}, known.passwords())


def test_switched_off_services_need_none(tiny_site: Site, site_dir: Path) -> None:
    present = without("manila_keystone_password", "octavia_database_password")
    needed.require(tiny_site, "deploy", [], present)
    (site_dir / "defaults.yml").write_text(f"{small_site.DEFAULTS}enable_octavia: true\n")
    with pytest.raises(SiteInvalid) as caught:
        needed.require(load(site_dir, env={}), "deploy", [], present)
    assert caught.value.detail == "octavia_database_password"


def test_roles_that_no_deploy_applies_need_none(tiny_site: Site) -> None:
    absent = without("octavia_client_ca_password", "bifrost_ssh_key", "kolla_ssh_key")
    needed.require(tiny_site, "deploy", [], absent)


def test_a_registry_without_a_password_is_fine_but_the_name_must_be_there(tiny_site: Site) -> None:
    needed.require(tiny_site, "deploy", [], {**ALL, "docker_registry_password": None})
    with pytest.raises(SiteInvalid):
        needed.require(tiny_site, "deploy", [], without("docker_registry_password"))


@pytest.mark.parametrize("words", [["-p", "x.yml"], ["--playbook", "x.yml"], ["--playbook=x.yml"]])
def test_a_playbook_of_the_users_own_needs_what_it_needs(words: list[str], tiny_site: Site) -> None:
    needed.require(tiny_site, "deploy", words, {})


@pytest.mark.parametrize("action", ["stop", "destroy", "pull", "check", "gather-facts"])
def test_actions_that_write_no_configuration_need_none(action: str, tiny_site: Site) -> None:
    needed.require(tiny_site, action, [], {})
