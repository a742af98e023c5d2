"""Whole imports of old sites."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import old_sites
import pytest
import yaml

from cc_ansible.kolla import known
from cc_ansible.site import check, inventory, legacy, load, passwords, yamlfile
from cc_ansible.site.findings import Severity
from cc_ansible.site.legacy.report import Kind, Report
from cc_ansible.site.legacy.run import import_site
from cc_ansible.site.values import truth

Write = Callable[..., Path]
Import = Callable[..., Report]
Names = Callable[[Report, Kind], set[str]]


def keep(project: Path, kept: Mapping[str, Any] | None = None) -> str:
    """Passwords without the hundred that take seconds to make."""
    return yamlfile.dump(dict(kept or {}))


def fingerprint(tree: Path) -> Iterator[tuple[str, int, int, str]]:
    for file in [tree, *sorted(tree.rglob("*"))]:
        state = file.lstat()
        digest = hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""
        yield str(file), state.st_mtime_ns, state.st_mode, digest


def decrypted(new: Path) -> dict[str, Any]:
    """The passwords of a new site, opened with its own vault password."""
    from ansible.parsing.vault import VaultLib, VaultSecret

    secret = VaultSecret((new / "vault_password").read_bytes().strip())
    text = VaultLib([("default", secret)]).decrypt((new / "passwords.yml").read_bytes().strip())
    passwords: dict[str, Any] = yaml.safe_load(text)
    return passwords


# What an import must not leave behind, whatever else is wrong with a site.
OURS = {
    "unreadable",
    "unknown-variable",
    "removed-variable",
    "removed-group",
    "unknown-group",
    "wrong-type",
    "unknown-key",
    "missing-key",
    "invalid-value",
}


@dataclass(frozen=True)
class Done:
    """One import: where from, where to, and how the old directory looked before and after."""

    name: str
    source: Path
    new: Path
    report: Report
    before: list[tuple[str, int, int, str]]
    after: list[tuple[str, int, int, str]]


@pytest.fixture(scope="module", params=sorted(old_sites.SITES))
def done(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Done:
    name = str(request.param)
    base = tmp_path_factory.mktemp(name)
    source = old_sites.write(base / "old", old_sites.SITES[name]())
    before = list(fingerprint(source))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "generate", keep)
        patch.setenv("CC_ANSIBLE_STATE_DIR", str(base / "state"))
        import_site(source, base / "dry", known, dry_run=True, env={})
        report = import_site(source, base / "new", known, env={})
    return Done(name, source, base / "new", report, before, list(fingerprint(source)))


class TestEverySite:
    def test_it_loads_and_says_what_it_said(self, done: Done) -> None:
        site = load.load(done.new, env={})
        assert site.scenario == done.report.scenario
        settings = site.settings()
        assert settings["kolla_internal_vip_address"].startswith("10.")
        for key, value in EXPECTED[done.name].items():
            assert settings.get(key) == value, key
        assert (done.new / "IMPORT.md").read_text() == done.report.markdown()

    def test_the_old_directory_is_untouched(self, done: Done) -> None:
        assert done.after == done.before

    def test_a_dry_run_writes_nothing(self, done: Done) -> None:
        left = {entry.name for entry in done.new.parent.iterdir()}
        assert left - {"state"} == {"old", "new"}

    def test_no_secret_is_readable_anywhere(self, done: Done) -> None:
        report = done.report
        assert "canary" not in report.text() + report.markdown() + str(report.as_dict())
        readable = [
            file
            for place in (done.new.parent, *Path("/dev/shm").glob(f"cc-ansible-{os.getpid()}-*"))
            for file in place.rglob("*")
            if file.is_file() and not file.is_relative_to(done.source) and is_readable_in(file)
        ]
        # A proxy needs its key as a file; git does not see it, and only its owner does.
        keys = [file for file in readable if file.parent.name == "certificates"]
        assert sorted(readable) == sorted(keys)
        assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in keys)

    def test_the_secrets_are_all_there(self, done: Done) -> None:
        made = decrypted(done.new)
        assert made["database_password"] == f"{old_sites.CANARY}-db"
        assert made["opensearch_dashboards_password"] == f"{old_sites.CANARY}-kibana"
        assert made["hammers_mysql_password"] == f"{old_sites.CANARY}-hammers"
        assert made["redis_master_password"] == f"{old_sites.CANARY}-redis"
        assert made["kolla_ssh_key"]["private_key"] == f"{old_sites.CANARY}-ssh\n"
        assert "zun_keystone_password" not in made
        assert old_sites.VAULT_PASSWORD not in (done.new / "vault_password").read_text()

    def test_every_name_in_it_is_known(self, done: Done) -> None:
        found = check.check(done.new, known)
        assert [each.summary for each in found if each.rule in OURS] == []

    def test_the_inventory_has_the_same_hosts(self, done: Done) -> None:
        before = inventory.parse(inventory.sources(done.source / "inventory"))
        after = inventory.parse(inventory.sources(done.new / "inventory"))
        gone = {"lonely1", "gpu2"}  # no play runs on them
        assert set(after.hosts) == set(before.hosts) - gone
        for host in after.hosts:
            base = {"control", "compute", "network", "storage"}
            assert base & set(after.groups_of[host]) == base & set(before.groups_of[host])

    def test_git_sees_no_secret(self, done: Done) -> None:
        command = ["git", "-C", str(done.new), "ls-files"]
        shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        tracked = shown.splitlines()
        for file in tracked:
            assert "PRIVATE KEY" not in (done.new / file).read_text(), file
        assert "vault_password" not in tracked
        assert {"defaults.yml", "IMPORT.md", "passwords.yml"} <= set(tracked)


def is_readable_in(file: Path) -> bool:
    content = file.read_bytes()
    return old_sites.CANARY.encode() in content or b"canary-private-key" in content


EXPECTED: dict[str, dict[str, Any]] = {
    "minimal": {
        "chi_scenario": "independent",
        "openstack_region_name": "CHI@Tiny",
        "openstack_release": "2026.1",
        "kolla_base_distro": "debian",
        "network_interface": "eno1",
        "enable_heat": False,
        "enable_blazar": True,
        "enable_ironic": True,
        "keystone_admin_project": "openstack",
        "glance_file_datadir_volume": "/var/lib/glance",
        "opensearch_heap_size": "2g",
        "ironic_dnsmasq_dhcp_ranges": [
            {"range": "10.51.0.10,10.51.0.200,255.255.255.0", "routers": "10.51.0.1"}
        ],
        "ironic_dnsmasq_default_gateway": None,
        "es_heap_size": None,
        "enable_ironic_ipxe": None,
    },
    "associate": {
        "chi_scenario": "associate",
        "kolla_external_fqdn": "chi.example.edu",
        "kolla_enable_tls_external": True,
        "docker_registry": "",
        "docker_namespace": "kolla",
        "blazar_tag": None,
        "rack_label": "row1",
        "site_variables": ["greeting", "rack_label"],
        "osg_pool": None,
        "unused_thing": None,
        "enable_heat": True,
    },
    "edge": {
        "chi_scenario": "edge",
        "enable_ironic": False,
        "enable_nova": False,
        "enable_valkey": True,
        "enable_zun": None,
        "enable_redis": None,
        "glance_file_datadir_volume": None,
    },
    "odd": {
        "chi_scenario": "independent",
        "internal_protocol": "https",
        "my_url": "{{ internal_protocol }}://{{ kolla_internal_fqdn }}/x",
        "ceph_rgw_port": 7480,
        "glance_backend_file": True,
        "enable_haproxy": False,
        "enable_prometheus": None,
        "openstack_region_name": None,
        "haproxy_max_connections": 100,
        "ops_password": None,
        "neutron_plugin_agnet": None,
        "my_unused": None,
        "neutron_networks": [
            {
                "name": "physnet1",
                "bridge_name": "br1",
                "external_interface": "em1",
                "on_demand_vlan_ranges": ["200:250"],
            },
            {
                "name": "physnet2",
                "bridge_name": "br2",
                "external_interface": "em2",
                "on_demand_vlan_ranges": ["300:350"],
            },
        ],
    },
    "kvm": {
        "nova_compute_virt_type": "kvm",
        "enable_cinder": "yes",
        "ceph_glance_user": "glance-site",
        "others": ["stor1"],
        "storage_nodes": None,
        "enable_ceph": None,
    },
}


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


def test_the_sample_inventory_shrinks_to_what_the_site_says(
    old: Write, imported: Import, new: Path
) -> None:
    imported(old("minimal"))
    text = (new / "inventory" / "hosts").read_text()
    heads = [line for line in text.splitlines() if line.startswith("[")]
    base = ["control", "network", "compute", "monitoring", "storage", "deployment"]
    assert heads == [f"[{group}]" for group in [*base, "ironic-dnsmasq"]]
    assert "# These initial groups are the only groups required to be modified." in text


def test_host_variables_that_were_defeated_are_listed(old: Write, imported: Import) -> None:
    report = imported(old("minimal"))
    [item] = report.of(Kind.EFFECT)
    assert item.place == "inventory/host_vars/tiny-ctl:2"
    assert item.new == "network_interface: 'eno7'"
    assert "'eno1'" in item.why


class TestAssociate:
    def test_switches_get_one_spelling_and_no_plain_secret(
        self, old: Write, imported: Import, new: Path
    ) -> None:
        imported(old("associate"))
        text = (new / "defaults.yml").read_text()
        leaf1, leaf2, corsa = yaml.safe_load(text)["switch_configs"]
        assert leaf1["auth"] == {
            "username": "chameleon",
            "password": "{{ switch_configs_leaf_1_auth_password }}",
            "secret": "{{ dell_switch_password }}",
        }
        assert leaf2["auth"]["use_ssh_key"] is True
        assert corsa["auth"]["token"] == "{{ corsa_token }}"
        assert "  # top of rack, row 1\n" in text
        made = decrypted(new)
        assert made["switch_configs_leaf_1_auth_password"] == f"{old_sites.CANARY}-leaf1"
        assert made["switch_configs_leaf_1_snmp_community_string"] == f"{old_sites.CANARY}-snmp"
        assert made["dell_switch_password"] == f"{old_sites.CANARY}-dell"

    def test_what_upstream_skipped_silently_is_named(
        self, old: Write, imported: Import, names: Names
    ) -> None:
        effects = names(imported(old("associate")), Kind.EFFECT)
        assert "switch_configs.leaf-2" in effects
        assert "neutron_networks.physnet1.reservable_vlan_ranges" in effects
        assert not any("leaf-1" in name or "corsa" in name for name in effects)

    def test_images_of_the_old_site_are_no_ids_any_more(
        self, old: Write, imported: Import, new: Path
    ) -> None:
        report = imported(old("associate"))
        text = (new / "defaults.yml").read_text()
        assert "1bb0fc0a" not in text
        assert "ironic_deploy_kernel: pxe_deploy_kernel" in text
        assert "ironic_deploy_kernel" in {item.name for item in report.items}

    def test_overrides_keep_what_only_the_site_says(
        self, old: Write, imported: Import, new: Path, names: Names
    ) -> None:
        report = imported(old("associate"))
        text = (new / "node_custom_config/nova.conf").read_text()
        assert text == (
            "# ours\n[DEFAULT]\ncpu_allocation_ratio = 2\nrack = {{ rack_label }}\n"
            "endpoint = {{ internal_protocol }}://x\n\n"
            "[plugin]\npassword = {{ nova_plugin_password }}\n"
        )
        assert decrypted(new)["nova_plugin_password"] == f"{old_sites.CANARY}-nova-plugin"
        assert not (new / "node_custom_config/zun.conf").exists()
        dropped = names(report, Kind.DROPPED)
        assert {"zun.conf", "[scheduler] discover_hosts_in_cells_interval"} <= dropped
        keyring = new / "node_custom_config/glance/ceph.client.glance.keyring"
        assert keyring.read_text().startswith("$ANSIBLE_VAULT")

    def test_the_hook_waits_for_somebody_to_read_it(
        self, old: Write, imported: Import, new: Path
    ) -> None:
        report = imported(old("associate"))
        assert yaml.safe_load((new / "post_deploy.yml").read_text())[0]["tasks"] == []
        assert "Say hello" in (new / "post_deploy.imported.yml").read_text()
        [item] = [each for each in report.of(Kind.DECISION) if each.name == "post_deploy.yml"]
        assert "role local.banner, Say hello" in item.why

    def test_a_lock_and_credentials_of_the_old_site_stay_there(
        self, old: Write, imported: Import, new: Path, names: Names
    ) -> None:
        report = imported(old("associate"))
        assert {".lock", "admin-openrc.sh"} <= names(report, Kind.DROPPED)
        assert not (new / "admin-openrc.sh").exists()

    def test_pins_and_unread_variables_become_comments(
        self, old: Write, imported: Import, new: Path, names: Names
    ) -> None:
        report = imported(old("associate"))
        asked = {"blazar_tag", "nova_compute_tag", "osg_pool", "unused_thing"}
        assert asked <= names(report, Kind.DECISION)
        text = (new / "defaults.yml").read_text()
        for name in asked:
            assert f"# {name}: " in text

    def test_federation_without_a_provider_needs_a_decision(
        self, old: Write, imported: Import, new: Path, names: Names
    ) -> None:
        report = imported(old("associate"))
        assert "enable_keystone_federation" in names(report, Kind.DECISION)
        assert "\n# enable_keystone_federation: true\n" in (new / "defaults.yml").read_text()

    def test_federation_with_a_provider_of_its_own(
        self, old: Write, imported: Import, new: Path
    ) -> None:
        text = (
            "network_interface: eth0\nkolla_internal_vip_address: 10.0.0.9\n"
            "keystone_idp_client_id: x\nenable_keystone_federation: yes\n"
            "keystone_identity_providers: [{name: idp, protocol: openid}]\n"
        )
        imported(old("associate", {"defaults.yml": text, "node_custom_config/nova.conf": None}))
        said = yaml.safe_load((new / "defaults.yml").read_text())
        assert said["enable_keystone_federation"] is True


class TestEdge:
    def test_groups_with_hosts_become_comments(
        self, old: Write, imported: Import, new: Path, names: Names
    ) -> None:
        report = imported(old("edge"))
        assert "# [k3s]\n# edge1\n" in (new / "inventory/hosts").read_text()
        assert "[k3s]" in names(report, Kind.DECISION)
        assert "[tunelo:children]" in names(report, Kind.DROPPED)

    def test_nested_public_fields_take_effect(
        self, old: Write, imported: Import, names: Names
    ) -> None:
        assert "neutron_networks.public.public" in names(imported(old("edge")), Kind.EFFECT)

    def test_skipped_tags_are_offered_as_flags(self, old: Write, imported: Import) -> None:
        items = imported(old("edge")).of(Kind.DECISION)
        assert [item.new for item in items if item.place == "kolla-skip-tags"] == [
            "enable_horizon: false"
        ]

    def test_another_scenario_may_be_chosen(self, old: Write, imported: Import, new: Path) -> None:
        imported(old("edge"), scenario="part-time")
        assert load.load(new, env={}).scenario == "part-time"


class TestOdd:
    def test_the_environment_is_data(self, old: Write, imported: Import, new: Path) -> None:
        report = imported(old("odd"))
        assert load.load(new, env={}).environment == {
            "ANSIBLE_FORKS": "10",
            "BASE": "/srv/site",
            "LOGS": "/srv/site/logs",
            "GREETING": "hello  there",
        }
        assert stat.S_IMODE((new / ".env").stat().st_mode) == 0o600
        refused = [item for item in report.of(Kind.DECISION) if item.place.startswith(".env")]
        assert [item.place for item in refused] == [".env:5", ".env:7", ".env:8", ".env"]
        assert refused[-1].name == "OS_TOKEN"

    def test_globals_yml_is_offered_not_applied(
        self, old: Write, imported: Import, new: Path
    ) -> None:
        report = imported(old("odd"))
        assert not (new / "globals.yml").exists()
        offered = [item for item in report.items if item.place.startswith("globals.yml")]
        assert {(item.kind, item.name, item.new) for item in offered} == {
            (Kind.DECISION, "openstack_region_name", "openstack_region_name: Ignored"),
            (Kind.DECISION, "api_secret", ""),
            (Kind.DROPPED, "enable_prometheus", ""),
            (Kind.DROPPED, "kolla_install_type", ""),
        }

    def test_globals_d_stays_a_layer(self, old: Write, imported: Import, new: Path) -> None:
        imported(old("odd"))
        text = (new / "globals.d/20-more.yml").read_text()
        assert text == "haproxy_max_connections: 100\n"

    def test_secrets_on_inventory_lines_move_to_the_hosts(
        self, old: Write, imported: Import, new: Path
    ) -> None:
        from ansible.parsing.vault import VaultLib, VaultSecret

        imported(old("odd"))
        assert "become" not in (new / "inventory/hosts").read_text()
        assert "odd[1:2] ansible_user=ops\n" in (new / "inventory/hosts").read_text()
        secret = VaultSecret((new / "vault_password").read_bytes().strip())
        for host in ("odd1", "odd2"):
            text = (new / f"inventory/host_vars/{host}.yml").read_text()
            block = text.partition("ansible_become_password: !vault |\n")[2]
            lines = "\n".join(line.strip() for line in block.splitlines())
            plain = VaultLib([("default", secret)]).decrypt(lines.encode())
            assert plain.decode() == f"{old_sites.CANARY}-become"

    def test_groups_of_the_site_and_groups_that_are_gone(
        self, old: Write, imported: Import, new: Path, names: Names
    ) -> None:
        report = imported(old("odd"))
        text = (new / "inventory/hosts").read_text()
        assert "\n[gpu_nodes]\ngpu1\n" in text
        assert "# [telegraf]\n# odd1\n" in text
        assert "# [freezer]\n# lonely1\n" in text
        assert "# [gpu_idle]\n# gpu2\n" in text
        assert "[all:vars]\nansible_python_interpreter=/usr/bin/python3\n" in text
        asked = {"[telegraf]", "[freezer]", "[gpu_idle]", "my_slot", "freezer"}
        assert asked <= names(report, Kind.DECISION)
        loadbalancer = new / "inventory/group_vars/loadbalancer"
        assert loadbalancer.read_text() == "haproxy_max_connections: 7\n"
        assert not (new / "inventory/group_vars/freezer.yml").exists()

    def test_a_typo_is_recognised(self, old: Write, imported: Import) -> None:
        report = imported(old("odd"))
        [item] = [each for each in report.items if each.name == "neutron_plugin_agnet"]
        assert "Did you mean neutron_plugin_agent?" in item.why

    def test_files_of_unknown_purpose_are_left_to_the_admin(
        self, old: Write, imported: Import, new: Path, names: Names
    ) -> None:
        assert "notes" in names(imported(old("odd")), Kind.DECISION)
        assert not (new / "notes").exists()
        assert (new / "README.md").read_text() == "# Odd\n"


class TestKvm:
    def test_encrypted_parts_are_encrypted_again(
        self, old: Write, imported: Import, new: Path
    ) -> None:
        from ansible.parsing.vault import VaultLib, VaultSecret

        imported(old("kvm"))
        password = (new / "vault_password").read_bytes().strip()
        vault = VaultLib([("default", VaultSecret(password))])
        whole = (new / "inventory/host_vars/cmp1/secret.yml").read_bytes()
        assert f"# bmc_pass: {old_sites.CANARY}-bmc\n" in vault.decrypt(whole.strip()).decode()
        banner = yamlfile.load(new / "defaults.yml").value["ssh_banner"]
        assert vault.decrypt(banner.value.strip()).decode() == f"{old_sites.CANARY}-inline"

    def test_anchors_cost_comments_only(self, old: Write, imported: Import, names: Names) -> None:
        assert "defaults.yml" in names(imported(old("kvm")), Kind.DECISION)

    def test_variables_of_hosts_keep_their_files(
        self, old: Write, imported: Import, new: Path
    ) -> None:
        imported(old("kvm"))
        hosts = new / "inventory/host_vars"
        assert (hosts / "cmp1/main.yml").read_text() == "network_interface: ens3\n"
        assert (hosts / "ctl2.example.org").read_text() == "api_interface: ens9\n"


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


def test_a_lone_inventory_file(old: Write, imported: Import, new: Path) -> None:
    files = {
        "inventory/hosts": None,
        "inventory/group_vars/README.md": None,
        "inventory/host_vars/tiny-ctl": None,
        "inventory": old_sites.inventory("tiny-ctl"),
        "host_vars/tiny-ctl.yml": "network_interface: eno7\n",
    }
    imported(old("minimal", files))
    assert "[control]\ntiny-ctl\n" in (new / "inventory/hosts").read_text()
    assert (new / "inventory/host_vars/tiny-ctl.yml").read_text() == "network_interface: eno7\n"


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


def test_hosts_of_a_renamed_group_go_with_it(old: Write, imported: Import, new: Path) -> None:
    hosts = (
        "[control]\nctl\n\n[haproxy]\nbalancer\n\n"
        "[haproxy:vars]\nansible_password=canary\n\n"
        "[balancers:children]\nhaproxy\nzun\n\n[zun]\n"
    )
    imported(old("minimal", {"inventory/hosts": hosts}))
    text = (new / "inventory/hosts").read_text()
    assert "[loadbalancer]\nbalancer\n" in text
    assert "canary" not in text
    secret = (new / "inventory/group_vars/loadbalancer.yml").read_text()
    assert secret.startswith("---\nansible_password: !vault |\n")
    assert "[balancers:children]\nloadbalancer\n" in text
    assert "zun" not in text


def test_an_inventory_in_yaml(old: Write, imported: Import, new: Path) -> None:
    text = """\
control: {hosts: {tiny-ctl: {ansible_password: canary, ansible_user: root}}}
network: {hosts: {tiny-ctl: {}}}
"""
    files = {"inventory/hosts": None, "inventory/hosts.yml": text}
    imported(old("minimal", files))
    said = yamlfile.load(new / "inventory/hosts.yml").value["control"]["hosts"]["tiny-ctl"]
    assert said["ansible_user"] == "root"
    assert said["ansible_password"].tag == "!vault"
    assert "canary" not in (new / "inventory/hosts.yml").read_text()


def test_an_executable_inventory_that_is_no_program(
    old: Write, imported: Import, new: Path
) -> None:
    source = old("minimal")
    (source / "inventory/hosts").chmod(0o755)
    imported(source)
    assert "[mariadb" not in (new / "inventory/hosts").read_text()


def test_inventory_programs_are_not_run(old: Write, imported: Import, new: Path) -> None:
    source = old("minimal", {"inventory/20-dynamic": "#!/bin/sh\ntouch ran; echo '{}'\n"})
    (source / "inventory/20-dynamic").chmod(0o755)
    imported(source)
    assert (new / "inventory/20-dynamic").stat().st_mode & 0o100
    assert not list(source.rglob("ran"))


def test_values_that_only_repeat_the_scenario_are_dropped(
    old: Write, imported: Import, new: Path, names: Names
) -> None:
    report = imported(old("minimal"))
    assert {"enable_ironic", "enable_cinder"} <= names(report, Kind.DROPPED)
    settings = load.load(new, env={}).settings()
    assert truth(settings["enable_ironic"]) is True
    assert truth(settings["enable_cinder"]) is False


def test_the_package_says_what_it_is_for() -> None:
    assert legacy.__doc__
