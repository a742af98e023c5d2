"""Which images a site needs, asked of small role trees and of Kolla-Ansible itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import small_site
from ansible.template import trust_as_template

from cc_ansible.errors import SiteInvalid
from cc_ansible.kolla import images, site_images
from cc_ansible.kolla.images import Service
from cc_ansible.site.load import Site, load

TOASTER = """
    toaster_services:
      toaster-api:
        group: toaster-api
        enabled: true
        image: "{{ toaster_image }}"
      toaster-timer:
        group: "{{ toaster_timer_group }}"
        enabled: "{{ toaster_with_timer | bool }}"
        image: "{{ docker_registry ~ '/' }}kolla/toaster-timer:{{ tag }}"
      toaster-vip:
        group: toaster-api
        enabled: true
        haproxy: {}
    enable_toaster: "no"
    toaster_with_timer: "{{ toaster_deluxe | default('no') }}"
    toaster_timer_group: toaster-timer
    toaster_image: "kolla/toaster-api:{{ tag }}"
"""
NAMES = {"tag": "1.0", "docker_registry": "registry.example:5000"}
GROUPS = {"all": ["a", "b"], "toaster-api": ["a"], "toaster-timer": ["b"]}

Ask = Callable[..., list[str]]


@pytest.fixture
def role(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write the defaults of a role; returns the tree it is in."""

    def write(name: str, defaults: str) -> Path:
        home = tmp_path / "tree" / "roles" / name / "defaults"
        home.mkdir(parents=True)
        (home / "main.yml").write_text(dedent(defaults))
        return tmp_path / "tree"

    return write


@pytest.fixture
def ask(role: Callable[[str, str], Path]) -> Ask:
    """Names of the services that run in a tree with the role toaster."""
    tree = role("toaster", TOASTER)

    def names(variables: Mapping[str, Any], groups: Mapping[str, list[str]] = GROUPS) -> list[str]:
        # Ansible's loader trusts what a site config says to be templates.
        trusted = {
            key: trust_as_template(value) if isinstance(value, str) else value
            for key, value in variables.items()
        }
        found = images.enabled_services({**NAMES, **trusted}, groups, tree)
        return [service.name for service in found]

    return names


def test_a_role_is_off_by_its_own_default(ask: Ask) -> None:
    assert ask({}) == []


@pytest.mark.parametrize("yes", [True, "yes", "{{ not false }}"])
def test_the_sites_flag_wins_in_every_form(ask: Ask, yes: object) -> None:
    assert ask({"enable_toaster": yes}) == ["toaster-api"]


def test_a_service_within_a_role_has_its_own_switch(ask: Ask) -> None:
    assert ask({"enable_toaster": True, "toaster_deluxe": "yes"}) == [
        "toaster-api",
        "toaster-timer",
    ]


def test_a_group_without_hosts_runs_nothing(ask: Ask) -> None:
    wanted = {"enable_toaster": True, "toaster_deluxe": "yes"}
    assert ask(wanted, {**GROUPS, "toaster-api": []}) == ["toaster-timer"]


def test_a_group_that_is_made_at_run_time_counts(ask: Ask) -> None:
    wanted = {"enable_toaster": True, "toaster_deluxe": "yes", "toaster_timer_group": "shard_0"}
    assert ask(wanted) == ["toaster-api", "toaster-timer"]


def test_an_entry_without_an_image_is_no_container(ask: Ask) -> None:
    assert "toaster-vip" not in ask({"enable_toaster": True})


def test_images_are_evaluated_and_named_without_registry_and_tag(
    role: Callable[[str, str], Path],
) -> None:
    tree = role("toaster", TOASTER)
    variables = {**NAMES, "enable_toaster": True, "toaster_deluxe": True}
    services = images.enabled_services(variables, GROUPS, tree)
    image = "registry.example:5000/kolla/toaster-timer:1.0"
    assert services[1] == Service(
        "toaster", "toaster-timer", "toaster-timer", image, "toaster-timer", ("b",)
    )
    assert images.image_names([*services, *services]) == ["toaster-api", "toaster-timer"]


@pytest.mark.parametrize(("wanted_on", "found"), [("b", ["lamp"]), ("nowhere", [])])
def test_a_service_may_choose_its_hosts_itself(
    role: Callable[[str, str], Path], wanted_on: str, found: list[str]
) -> None:
    tree = role(
        "lamp",
        """
        enable_lamp: true
        lamp_services:
          lamp:
            group: empty
            enabled: true
            host_in_groups: "{{ inventory_hostname in lamp_hosts }}"
            image: "kolla/lamp:1"
        """,
    )
    variables = {"lamp_hosts": [wanted_on]}
    services = images.enabled_services(variables, {"all": ["a", "b"], "empty": []}, tree)
    assert [service.name for service in services] == found


def test_a_role_without_a_flag_is_not_wanted(role: Callable[[str, str], Path]) -> None:
    tree = role("lamp", "lamp_services: {lamp: {group: g, enabled: true, image: lamp}}\n")
    assert images.enabled_services({}, {}, tree) == []


def test_a_dash_in_a_roles_name_is_an_underscore_in_its_variables(
    role: Callable[[str, str], Path],
) -> None:
    tree = role(
        "desk-lamp", "desk_lamp_services: {lamp: {group: g, enabled: true, image: 'k/lamp:1'}}\n"
    )
    services = images.enabled_services({"enable_desk_lamp": True}, {}, tree)
    assert images.image_names(services) == ["lamp"]


def test_a_role_without_containers_or_defaults_is_passed_over(
    role: Callable[[str, str], Path],
) -> None:
    role("empty", "---\n")
    tree = role("plain", "plain_setting: 1\n")
    assert images.enabled_services({"enable_plain": True}, {}, tree) == []


def test_an_undecidable_service_names_the_expression_and_the_role(ask: Ask) -> None:
    with pytest.raises(SiteInvalid, match="cannot tell whether toaster-timer is wanted") as caught:
        ask({"enable_toaster": True, "toaster_with_timer": "{{ no_such_variable }}"})
    assert "role toaster" in caught.value.detail


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], set[str]]:
    """Images that a small site with these settings and further hosts needs of the real tree."""
    home = tmp_path_factory.mktemp("sites")

    def needed(settings: str, hosts: str) -> set[str]:
        site = home / f"site{len(list(home.iterdir()))}"
        small_site.write(site, dedent(settings), dedent(hosts))
        return set(site_images.needed(load(site, env={})))

    return needed


def test_a_plain_site_needs_the_control_plane_and_no_hypervisor(
    real: Callable[[str, str], set[str]],
) -> None:
    found = real("enable_horizon: false\n", "[ironic-dnsmasq]\n")
    assert {
        "cron",
        "glance-api",
        "haproxy",
        "ironic-api",
        "ironic-conductor",
        "keepalived",
        "keystone",
        "kolla-toolbox",
        "mariadb-server",
        "memcached",
        "neutron-server",
        "nova-api",
        "nova-compute-ironic",
        "placement-api",
        "rabbitmq",
    } <= found
    assert not {name for name in found if name in ("nova-compute", "nova-libvirt", "horizon")}
    assert not {name for name in found if name.startswith(("cinder", "fluentd", "proxysql"))}


def test_flags_and_groups_of_the_site_change_what_it_needs(
    real: Callable[[str, str], set[str]],
) -> None:
    found = real(
        """
        enable_heat: true
        enable_ironic: false
        enable_nova_libvirt_container: true
        """,
        "[neutron-l3-agent]\n",
    )
    assert {"heat-api", "heat-engine", "horizon"} <= found
    assert not {name for name in found if name.startswith("ironic")}
    assert "neutron-l3-agent" not in found
    assert "neutron-metadata-agent" in found


def test_a_site_without_a_registry_cannot_push(tiny_site: Site) -> None:
    with pytest.raises(SiteInvalid, match="names no registry") as caught:
        site_images.push(tiny_site, None, print)  # type: ignore[arg-type]
    assert "docker_registry" in caught.value.fix
