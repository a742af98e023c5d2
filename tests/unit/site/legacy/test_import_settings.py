"""What an import makes of settings and secrets of a small site."""

from __future__ import annotations

from pathlib import Path

import old_sites
import yaml
from imports import Import, Names, Write, decrypted

from cc_ansible.kolla import known
from cc_ansible.site import check, legacy, load
from cc_ansible.site.findings import Severity
from cc_ansible.site.legacy.report import Kind
from cc_ansible.site.values import truth


def test_a_valid_site_stays_valid(old: Write, imported: Import, new: Path) -> None:
    report = imported(old("minimal"))
    found = check.check(new, known)
    assert [each.summary for each in found if each.severity is Severity.ERROR] == []
    assert {item.name for item in report.of(Kind.DECISION)} >= {"kolla_enable_tls_external"}


def test_comments_survive(old: Write, imported: Import, new: Path) -> None:
    imported(old("minimal"))
    text = (new / "defaults.yml").read_text()
    assert "# Our first site. Ask Dana before you change anything." in text
    assert "kolla_internal_vip_address: 10.20.0.254   # keep in step with DNS" in text
    assert "  # what users reach the world through\n" in text
    assert text.startswith("---\n# Which built-in scenario the site is.\nchi_scenario: independent")
    assert "\n\n\n" not in text


def test_values_that_only_repeat_the_scenario_are_dropped(
    old: Write, imported: Import, new: Path, names: Names
) -> None:
    report = imported(old("minimal"))
    assert {"enable_ironic", "enable_cinder"} <= names(report, Kind.DROPPED)
    settings = load.load(new, env={}).settings()
    assert truth(settings["enable_ironic"]) is True
    assert truth(settings["enable_cinder"]) is False


def test_a_vault_password_from_outside_goes_on_to_be_used(
    old: Write, imported: Import, new: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.write_text(f"{old_sites.VAULT_PASSWORD}\n")
    source = old("minimal", {"vault_password": None, ".env": None})
    imported(source, env={load.VAULT_VARIABLE: str(outside)})
    assert not (new / "vault_password").exists()
    from ansible.parsing.vault import VaultLib, VaultSecret

    secret = VaultSecret(old_sites.VAULT_PASSWORD.encode())
    VaultLib([("default", secret)]).decrypt((new / "passwords.yml").read_bytes().strip())


def test_credentials_behind_an_anchor(old: Write, imported: Import, new: Path) -> None:
    text = """\
kolla_internal_vip_address: 10.0.0.9
network_interface: eth0
logins: &login {user: ngs, pass: canary}
others: {login: *login, password: canary}
switch_configs:
- {name: s1, device_type: netmiko_dell_os10, address: 10.0.0.1, auth: *login, ngs_config: {}}
"""
    imported(old("minimal", {"defaults.yml": text}))
    said = (new / "defaults.yml").read_text()
    assert "canary" not in said
    [switch] = yaml.safe_load(said)["switch_configs"]
    reference = "{{ switch_configs_s1_auth_password }}"
    assert switch["auth"] == {"username": "ngs", "password": reference}
    assert decrypted(new)["switch_configs_s1_auth_password"] == "canary"


def test_switches_in_the_oldest_form(old: Write, imported: Import, new: Path) -> None:
    text = """\
kolla_internal_vip_address: 10.0.0.9
network_interface: eth0
neutron_ml2_generic_switch_configs:
  - name: s1
    device_type: netmiko_dell_force10
    ip: 10.0.0.1
    username: ngs
    password: "{{ dell_switch_password }}"
    ngs_port_default_vlan: 1
"""
    imported(old("minimal", {"defaults.yml": text}))
    [switch] = yaml.safe_load((new / "defaults.yml").read_text())["switch_configs"]
    assert switch == {
        "name": "s1",
        "device_type": "netmiko_dell_force10",
        "address": "10.0.0.1",
        "auth": {"username": "ngs", "password": "{{ dell_switch_password }}"},
        "ngs_config": {"ngs_port_default_vlan": 1},
    }


def test_the_package_says_what_it_is_for() -> None:
    assert legacy.__doc__
