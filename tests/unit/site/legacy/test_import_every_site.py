"""What holds for the import of every old site."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import old_sites
import pytest
from imports import decrypted, keep

from cc_ansible.kolla import known
from cc_ansible.site import check, inventory, load, passwords
from cc_ansible.site.legacy.report import Report
from cc_ansible.site.legacy.run import import_site

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


def fingerprint(tree: Path) -> Iterator[tuple[str, int, int, str]]:
    for file in [tree, *sorted(tree.rglob("*"))]:
        state = file.lstat()
        digest = hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""
        yield str(file), state.st_mtime_ns, state.st_mode, digest


def is_readable_in(file: Path) -> bool:
    content = file.read_bytes()
    return old_sites.CANARY.encode() in content or b"canary-private-key" in content


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
