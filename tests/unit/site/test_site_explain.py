"""explain: the effective value, its origin, what it overrides, and who reads it."""

from __future__ import annotations

from pathlib import Path

import pytest
import small_site

from cc_ansible.errors import UsageError
from cc_ansible.kolla import known
from cc_ansible.site.explain import Explanation, changed, explain
from cc_ansible.site.subject import Subject
from cc_ansible.site.survey import Survey


def subject(path: Path) -> Subject:
    return Subject(Survey(path), known)


def chain(found: Explanation) -> list[tuple[str, object]]:
    return [(setting.layer, setting.value) for setting in found.settings]


def test_a_value_of_the_site_overrides_the_project_and_kolla(tmp_path: Path) -> None:
    site = small_site.write(tmp_path / "site", "enable_heat: true\n")
    found = explain(subject(site), "enable_heat")
    assert found.value is True
    assert [layer for layer, _ in chain(found)] == ["site", "CHI-in-a-Box", "Kolla-Ansible"]
    assert found.settings[0].origin.line == 3
    assert "heat" in found.roles


def test_a_host_sees_its_own_value_then_its_groups(tmp_path: Path) -> None:
    site = small_site.write(tmp_path / "site")
    (site / "inventory/group_vars").mkdir()
    (site / "inventory/group_vars/control.yml").write_text("network_interface: bond0\n")
    (site / "inventory/host_vars").mkdir()
    (site / "inventory/host_vars/node1").write_text("---\nnetwork_interface: bond1\n")
    found = explain(subject(site), "network_interface", "node1")
    assert found.value == "bond1"
    assert chain(found)[:3] == [
        ("host node1", "bond1"),
        ("group control", "bond0"),
        ("site", "eth0"),
    ]
    for_all = explain(subject(site), "network_interface")
    assert for_all.value == "eth0"
    assert [setting.layer for setting in for_all.elsewhere] == ["host node1", "group control"]


def test_variables_written_in_the_inventory_have_their_line(tmp_path: Path) -> None:
    site = small_site.write(tmp_path / "site", hosts="[control:vars]\nansible_user=admin\n")
    found = explain(subject(site), "ansible_user", "node1")
    hosts = site / "inventory/hosts"
    line = hosts.read_text().splitlines().index("ansible_user=admin") + 1
    assert (found.settings[0].origin.file, found.settings[0].origin.line) == (hosts, line)


def test_templates_are_evaluated_as_far_as_the_site_says(tmp_path: Path) -> None:
    settings = 'a_name: x\nkolla_external_fqdn: "{{ a_name }}.example.org"\n'
    site = small_site.write(tmp_path / "site", settings)
    found = explain(subject(site), "kolla_external_fqdn")
    assert (found.value, found.evaluated) == ("x.example.org", True)
    unknown = explain(subject(site), "api_interface_address")
    assert not unknown.evaluated


@pytest.mark.parametrize("secret", ["mysecret_password", "neutron_ssh_key"])
def test_secrets_are_masked_at_every_depth(tmp_path: Path, secret: str) -> None:
    text = f"{secret}: hunter22\nouter:\n  list:\n    - {{password: hunter22}}\n"
    site = small_site.write(tmp_path / "site", text + "inline: !vault |\n  $ANSIBLE_VAULT;1.1\n")
    for name in (secret, "outer", "inline"):
        assert "hunter22" not in str(explain(subject(site), name))
    assert "hunter22" not in str(changed(subject(site)))
    assert "$ANSIBLE" not in str(explain(subject(site), "inline"))


def test_a_name_nobody_knows_is_answered_with_the_nearest(tmp_path: Path) -> None:
    site = small_site.write(tmp_path / "site")
    with pytest.raises(UsageError) as refused:
        explain(subject(site), "enable_irnoic")
    assert "enable_ironic" in refused.value.fix
    with pytest.raises(UsageError, match="no host nod1"):
        explain(subject(site), "enable_ironic", "nod1")


def test_changed_lists_what_differs_from_the_project_and_nothing_else(tmp_path: Path) -> None:
    settings = "enable_octavia: true\nenable_ironic: true\nenable_magnum: false\n"
    site = small_site.write(tmp_path / "site", settings)
    names = [setting.layer for setting in changed(subject(site))]
    # enable_ironic is on in the project; enable_magnum and eth0 are Kolla-Ansible's defaults.
    assert names == ["enable_octavia", "kolla_internal_vip_address"]
