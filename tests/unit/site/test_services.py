from __future__ import annotations

import typing

import pytest

from cc_ansible.kolla import known
from cc_ansible.site import services
from cc_ansible.site.load import SCENARIOS
from cc_ansible.site.model import chi, kolla
from cc_ansible.site.model.declared import DECLARED, SETTINGS
from cc_ansible.site.rules import customconfig, storage

FLAGS = {
    *services.SERVICES,
    *services.USES_BUS,
    *services.USES_DATABASE,
    *services.CLUSTERS.values(),
    *services.SHARED,
    *storage.CINDER_BACKENDS,
    *storage.MANILA_BACKENDS,
    *customconfig.CEPH_FILES,
    *(
        flag
        for service in services.SERVICES.values()
        for need in service.needs
        for flag in ([need] if isinstance(need, str) else need)
    ),
}
# Tables that sites bring along, not defaults of anybody.
OF_SITES = {"neutron_networks", "switch_configs"}


@pytest.mark.parametrize("flag", sorted(FLAGS - OF_SITES))
def test_somebody_defines_every_flag(flag: str) -> None:
    assert flag in known.variables() or flag in DECLARED


def test_the_release_has_every_group() -> None:
    groups = {group for service in services.SERVICES.values() for group in service.groups}
    assert groups | set(services.AGENTS) | set(services.CLUSTERS) <= known.groups()


def test_nothing_needs_itself() -> None:
    assert not [flag for flag, service in services.SERVICES.items() if flag in service.needs]


def test_the_release_has_every_setting_with_a_model_of_its_own() -> None:
    names = {name for model in kolla.MODELS for name in model.model_fields}
    assert names <= known.variables().keys()


def test_every_setting_is_described() -> None:
    fields = [(model, name) for model in (*SETTINGS, *kolla.MODELS) for name in model.model_fields]
    assert not [name for model, name in fields if not model.model_fields[name].description]


def test_defaults_of_the_release_pass_their_models() -> None:
    for model in kolla.MODELS:
        defaults = {name: known.variables()[name][0].value() for name in model.model_fields}
        model.model_validate({k: v for k, v in defaults.items() if "{{" not in str(v)})


def test_the_model_knows_every_scenario() -> None:
    assert typing.get_args(chi.Scenario) == SCENARIOS


def test_roles_read_what_the_rules_about_files_name() -> None:
    paths = known.config_paths()
    assert {"nova.conf", "nova/{{ inventory_hostname }}/nova.conf", "keystone/"} <= paths
    assert set(customconfig.VAGUE) <= paths
    roots = {path.partition("/")[0] for path in paths}
    assert {directory.partition("/")[0] for directory in customconfig.OPEN} <= roots
