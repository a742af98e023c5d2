"""Names of older releases, held against the installed one."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from cc_ansible.kolla import known, release
from cc_ansible.site import removed
from cc_ansible.site.legacy import translate
from cc_ansible.site.model.declared import DECLARED

# Where Kolla-Ansible still writes a name that does nothing: it refuses the two flags, and hands
# the type of installation to a variable that nobody reads.
REFUSED = {
    "enable_ceph": {"service_checks.yml"},
    "enable_redis": {"service_checks.yml"},
    "kolla_install_type": {"main.yml"},
}
KNOWN = {
    removed.VARIABLES: frozenset({*known.variables(), *DECLARED}),
    removed.GROUPS: known.groups(),
    removed.PASSWORDS: frozenset(known.passwords()),
}
KINDS = tuple(KNOWN)


def entries() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for kind, names in removed.table().items():
        yield from ((kind, name, fields) for name, fields in names.items())


@functools.cache
def words() -> Mapping[str, set[str]]:
    """Every word of the installed files, with the names of the files."""
    found: dict[str, set[str]] = {}
    for file in release.ANSIBLE_TREE.rglob("*"):
        if file.suffix in (".yml", ".j2", ".yaml", ".json") and "releasenotes" not in file.parts:
            text = file.read_text(encoding="utf-8", errors="replace")
            # A word after a dash is part of another one: prometheus-ceph-mgr-exporter.
            for word in set(re.findall(r"(?<![\w.\-/'\"])[A-Za-z_]\w*", text)):
                found.setdefault(word, set()).add(file.name)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_that_is_defined_counts_as_removed(kind: str) -> None:
    assert [name for name in KNOWN[kind] if removed.find(kind, name)] == []


def test_nothing_that_templates_use_counts_as_removed() -> None:
    used = {
        word: files - REFUSED.get(word, set())
        for word, files in words().items()
        if removed.find(removed.VARIABLES, word)
    }
    # Jobs and containers, not variables.
    jobs = {"ceph_mgr_exporter"}
    assert {word: files for word, files in used.items() if files and word not in jobs} == {}


def test_every_exception_is_still_used() -> None:
    text = "\n".join(
        file.read_text(errors="replace")
        for file in release.ANSIBLE_TREE.rglob("*")
        if file.is_file() and "releasenotes" not in file.parts
    )
    for _, name, fields in entries():
        exceptions = set(fields.get("except", ())) - set(DECLARED)
        assert [each for each in exceptions if each not in text] == [], name


def test_successors_exist() -> None:
    for kind, name, fields in entries():
        successor = fields["successor"]
        if kind == removed.SERVICES:
            exists = successor is None or f"enable_{successor}" in KNOWN[removed.VARIABLES]
        else:
            exists = successor is None or "*" in successor or successor in KNOWN[kind]
        assert exists, (kind, name)


def test_every_entry_is_complete() -> None:
    fields = {"since", "successor", "reason", "translate", "except"}
    releases = ["rocky", "stein", "train", "ussuri", "victoria", "wallaby", "xena", "yoga", "zed"]
    for kind, name, entry in entries():
        assert set(entry) <= fields, name
        assert re.fullmatch(r"20\d\d\.[12]", str(entry["since"])) or entry["since"] in releases
        assert re.fullmatch(r"(?:[A-Z`]|iPXE).{5,110}[.]", entry["reason"]), name
        assert entry["successor"] or "translate" not in entry, (kind, name)
        assert entry.get("translate", "rename") in translate.KINDS, name


@pytest.mark.parametrize(
    ("name", "successor"),
    [
        ("enable_ironic_ipxe", None),
        ("ironic_dnsmasq_dhcp_range", "ironic_dnsmasq_dhcp_ranges"),
        ("ironic_inspector_port", None),
        ("enable_ironic_inspector", None),
        ("enable_elasticsearch", "enable_opensearch"),
        ("elasticsearch_datadir_volume", "opensearch_datadir_volume"),
        ("enable_kibana", "enable_opensearch_dashboards"),
        ("kibana_server_port", "opensearch_dashboards_port"),
        ("es_heap_size", "opensearch_heap_size"),
        ("enable_redis", "enable_valkey"),
        ("enable_zun", None),
        ("enable_horizon_zun", None),
        ("zun_api_port", None),
        ("docker_configure_for_zun", None),
        ("enable_monasca", None),
        ("enable_sahara", None),
        ("enable_congress", None),
        ("enable_chrony", None),
        ("enable_swift", None),
        ("swift_proxy_server_port", None),
        ("enable_venus", None),
        ("telegraf_enable_docker_input", None),
        ("keystone_admin_url", "keystone_internal_url"),
        ("nova_admin_endpoint", "nova_internal_endpoint"),
        ("sahara_admin_endpoint", None),
        ("admin_protocol", "internal_protocol"),
        ("kolla_install_type", None),
        ("nova_install_type", None),
        ("om_enable_rabbitmq_quorum_queues", None),
        ("ceph_nova_keyring", "ceph_nova_user"),
        ("vmware_vcenter_host_ip", None),
        ("nova_wsgi_provider", None),
        ("mariadb_clustercheck_port", None),
    ],
)
def test_well_known_variables(name: str, successor: str | None) -> None:
    found = removed.find(removed.VARIABLES, name, KNOWN[removed.VARIABLES])
    assert found is not None
    assert found.successor == successor


@pytest.mark.parametrize(
    "name",
    [
        "enable_fluentd",
        "glance_backends",
        "node_config_directory",
        "docker_registry",
        "kolla_enable_tls_external",
        "redis_master_password",
        "elasticsearch_address",
        "virtualenv",
        "docker_custom_config",
        "a_name_of_a_site",
    ],
)
def test_what_is_not_removed(name: str) -> None:
    assert removed.find(removed.VARIABLES, name) is None


@pytest.mark.parametrize(
    ("kind", "name", "successor"),
    [
        (removed.GROUPS, "haproxy", "loadbalancer"),
        (removed.GROUPS, "kibana", "opensearch-dashboards"),
        (removed.GROUPS, "zun-compute", None),
        (removed.GROUPS, "outward-rabbitmq", None),
        (removed.PASSWORDS, "kibana_password", "opensearch_dashboards_password"),
        (removed.PASSWORDS, "zun_keystone_password", None),
        (removed.PASSWORDS, "ironic_inspector_database_password", None),
    ],
)
def test_groups_and_passwords(kind: str, name: str, successor: str | None) -> None:
    found = removed.find(kind, name, KNOWN[kind])
    assert found is not None
    assert found.successor == successor


def test_the_mapping_knows_names_behind_patterns() -> None:
    names = removed.Names(removed.VARIABLES, KNOWN[removed.VARIABLES])
    assert "neutron_tls_proxy_threads" in names
    assert "nova_api_port" not in names
    assert names["enable_redis"].successor == "enable_valkey"
    assert {"enable_redis", "enable_nova"} - names.keys() == {"enable_nova"}
    assert len(names) == len(list(names))


def test_reasons_name_what_exists() -> None:
    everything = {*words(), *KNOWN[removed.VARIABLES], *KNOWN[removed.GROUPS]}
    for kind, name, entry in entries():
        mentioned = set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", entry["reason"]))
        settings = {"notification_format"}  # of Keystone itself
        assert mentioned <= everything | settings, (kind, name)
