"""What is said about the hosts themselves."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
from hosts_site import GIB, NOW, Site

from cc_ansible.online.rules import Check
from cc_ansible.site.findings import Severity

REFUSED = (
    "Failed to connect to the host via ssh: ssh: connect to host x port 22: Connection refused"
)


def test_a_site_that_is_well_has_no_findings(site: Site) -> None:
    assert site.judge() == []


# --- reach -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        (REFUSED, "nothing listens"),
        ("ssh: connect to host x port 22: Connection timed out", "does not answer"),
        ("Connection timed out during banner exchange", "does not answer"),
        ("root@x: Permission denied (publickey,password).", "does not let us in"),
        ("Host key verification failed.", "does not know its SSH host key"),
        ("@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @", "has changed"),
        ("ssh: Could not resolve hostname x: Name or service not known", "does not resolve"),
        ("something else", "gave up"),
    ],
)
def test_a_dead_host(site: Site, said: str, meaning: str) -> None:
    site.dead("compute1", said)
    found = site.only()
    assert found.finding.rule == "host-unreachable"
    assert (found.host, found.check) == ("compute1", Check.REACH)
    assert meaning in found.finding.summary
    assert found.finding.detail == said
    assert found.finding.origin is not None
    assert (found.finding.origin.file.name, found.finding.origin.line) == ("hosts", 9)
    assert "{" not in found.finding.fix


def test_the_fix_for_a_host_key_names_user_and_address(site: Site) -> None:
    hosts = site.path / "inventory" / "hosts"
    hosts.write_text(hosts.read_text().replace("compute1", "compute1 ansible_host=10.0.0.9"))
    site.dead("compute1", "Host key verification failed.")
    assert "`ssh 10.0.0.9`" in site.only().finding.fix


def test_the_fix_for_a_changed_key_names_the_entry_to_remove(site: Site) -> None:
    hosts = site.path / "inventory" / "hosts"
    line = "compute1 ansible_host=10.0.0.9 ansible_port=2222 ansible_user=ops"
    hosts.write_text(hosts.read_text().replace("compute1", line))
    said = "\n".join(["@@@ REMOTE HOST IDENTIFICATION HAS CHANGED! @@@", *"abcde"])
    site.dead("compute1", said)
    found = site.only().finding
    assert "`ssh-keygen -R '[10.0.0.9]:2222'`" in found.fix
    assert "`ssh -p 2222 ops@10.0.0.9`" in found.fix
    assert found.detail == "b\nc\nd\ne"


def test_a_dead_host_does_not_hide_the_others(site: Site, rule: Any) -> None:
    site.dead("node2", REFUSED)
    site.facts["node1"]["systemd"] = False
    assert rule() == {"host-unreachable": "node2", "host-systemd": "node1"}


def test_a_host_without_python(site: Site) -> None:
    site.hosts["compute1"] = {"facts": None, "trouble": "/bin/sh: 1: python3: not found"}
    found = site.only().finding
    assert found.rule == "host-unknown"
    assert "apt-get install python3" in found.fix


def test_no_root_is_said_and_what_only_root_sees_is_not_guessed(site: Site) -> None:
    site.hosts["node1"] = {"denied": "sudo: a password is required"}
    site.facts["node1"]["listeners"].append({"address": "0.0.0.0", "port": 3306})
    found = site.only().finding
    assert found.rule == "host-become"
    assert "NOPASSWD" in found.fix


def test_values_that_cannot_be_evaluated(site: Site) -> None:
    site.hosts["node1"] = {"unevaluated": "'nic' is undefined", "wanted": {}}
    assert site.only().finding.rule == "host-variables"


def test_a_host_that_cannot_be_asked_what_it_reaches(site: Site) -> None:
    site.hosts["compute1"] = {"answers": {}, "unasked": "timed out"}
    found = site.only().finding
    assert (found.rule, found.severity) == ("host-answers", Severity.WARNING)


# --- the machine -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "system",
    [
        {"id": "debian", "version": "12", "codename": "bookworm"},
        {"id": "ubuntu", "version": "24.04", "codename": "noble"},
        {"id": "rocky", "version": "10.1"},
        {"id": "centos", "version": "10"},
    ],
)
def test_a_supported_system(site: Site, system: dict[str, str]) -> None:
    site.facts["node1"]["os"] = system
    assert site.judge() == []


@pytest.mark.parametrize(
    "system",
    [
        {"id": "ubuntu", "version": "22.04", "codename": "jammy", "pretty": "Ubuntu 22.04.5 LTS"},
        {"id": "rocky", "version": "9.4", "pretty": "Rocky Linux 9.4"},
        {"id": "arch", "pretty": "Arch Linux"},
        {},
    ],
)
def test_a_system_that_is_not_supported(site: Site, system: dict[str, str]) -> None:
    site.facts["node1"]["os"] = system
    found = site.only().finding
    assert found.rule == "host-os"
    assert system.get("pretty", "unknown") in found.summary
    assert "trixie" in found.detail
    site.wanted["node1"]["check_system"] = False
    assert site.judge() == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"systemd": False}, "host-systemd"),
        ({"localtime": False}, "localtime-missing"),
        ({"daemons": ["nscd"]}, "nscd-running"),
        ({"missing_users": ["kolla"]}, "config-owner-missing"),
        ({"missing_groups": ["kolla"]}, "config-owner-missing"),
        ({"python": {"used": "/x", "there": True, "missing": ["docker"]}}, "python-modules"),
        ({"memory": {"total": 4 * GIB}}, "memory-small"),
    ],
)
def test_something_about_a_machine(site: Site, change: dict[str, Any], expected: str) -> None:
    site.facts["node1"].update(change)
    found = site.only()
    assert (found.finding.rule, found.host) == (expected, "node1")
    assert found.finding.fix


def test_compute_hosts_may_have_little_memory(site: Site) -> None:
    site.facts["compute1"]["memory"] = {"total": 2 * GIB}
    assert site.judge() == []


def test_a_python_that_bootstrap_servers_will_make_is_only_a_warning(site: Site) -> None:
    site.facts["node1"]["python"] = {"used": "/etc/ansible/venv/bin/python", "there": False}
    found = site.only().finding
    assert (found.rule, found.severity) == ("python-modules", Severity.WARNING)


def test_a_python_that_the_site_names_but_nobody_has(site: Site, rule: Any) -> None:
    with (site.path / "defaults.yml").open("a") as file:
        file.write("ansible_python_interpreter: /opt/python\n")
    site.facts["node1"]["python"] = {"used": "/opt/python", "there": False}
    assert "interpreter-missing" in rule()


@pytest.mark.parametrize(
    ("disk", "expected"),
    [
        ({"free": GIB}, "disk-full"),
        ({"free": 5 * GIB}, "disk-small"),
        ({"free": 80 * GIB, "inodes": 100_000, "inodes_free": 3}, "disk-full"),
    ],
)
def test_disks(site: Site, disk: dict[str, int], expected: str) -> None:
    paths = {"/": {"mount": "/", **disk}, "/var/lib/docker": {"mount": "/", **disk}}
    site.facts["node1"]["disks"] = paths
    assert site.only().finding.rule == expected


def test_a_disk_that_could_not_be_measured_is_not_judged(site: Site) -> None:
    site.facts["node1"]["disks"] = {"/": {"mount": "/", "type": "nfs"}}
    site.facts["node2"]["disks"] = {"/": {"mount": "/", "free": 90 * GIB, "inodes": 0}}
    assert site.judge() == []


# --- clocks ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "clock",
    [
        {"synchronised": False, "daemon": "chronyd"},
        {"synchronised": False, "daemon": "systemd-timesyncd"},
        {"synchronised": True, "daemon": None},
        {"synchronised": None, "daemon": None},
    ],
)
def test_a_clock_that_nobody_keeps(site: Site, clock: dict[str, Any]) -> None:
    site.facts["node1"]["clock"] = {"now": NOW.timestamp(), **clock}
    assert site.only().finding.rule == "clock-not-synchronised"
    site.wanted["node1"]["check_clock"] = False
    assert site.judge() == []


@pytest.mark.parametrize(
    ("skew", "text"), [(7300.0, "2 hours ahead"), (-30.0, "30 seconds behind")]
)
def test_a_clock_that_is_wrong(site: Site, skew: float, text: str) -> None:
    site.hosts["node1"] = {"skew": skew}
    found = site.only().finding
    assert found.rule == "clock-differs"
    assert text in found.summary


def test_a_small_difference_is_nothing(site: Site) -> None:
    site.hosts["node1"] = {"skew": 2.0}
    assert site.judge() == []


def test_a_certificate_that_is_not_valid_yet_by_a_hosts_clock(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "haproxy.pem"
    file.write_bytes(certificate(NOW - datetime.timedelta(days=1)))
    for wanted in site.wanted.values():
        wanted["kolla_external_fqdn_cert"] = str(file)
    assert site.judge() == []
    yesterday = NOW - datetime.timedelta(days=2)
    site.facts["node2"]["clock"]["now"] = yesterday.timestamp()
    found = site.only()
    assert (found.finding.rule, found.host) == ("certificate-not-in-time", "node2")
    assert "not valid yet" in found.finding.summary


def certificate(start: datetime.datetime) -> bytes:
    """A certificate that is valid for a week."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "chi.example.org")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=7))
        .sign(key, hashes.SHA256())
    )
    return built.public_bytes(serialization.Encoding.PEM)


# --- names -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("addresses", "text"),
    [
        (["127.0.1.1"], "resolves to 127.0.1.1"),
        (["10.20.0.250"], "resolves to 10.20.0.250"),
        (["10.20.0.11", "127.0.1.1"], "10.20.0.11 and 127.0.1.1"),
        ([], "does not resolve"),
    ],
)
def test_a_host_whose_own_name_is_wrong(site: Site, addresses: list[str], text: str) -> None:
    site.answers["node1"]["names"]["node1"] = {"ipv4": addresses}
    found = site.only().finding
    assert found.rule == "name-resolves-wrong"
    assert text in found.summary
    assert "10.20.0.11 node1" in found.fix


def test_a_peer_that_a_host_does_not_find(site: Site) -> None:
    site.answers["node1"]["names"]["node2"] = {"ipv4": []}
    found = site.only()
    assert (found.finding.rule, found.host) == ("name-resolves-wrong", "node1")
    assert "node2" in found.finding.summary


def test_other_hosts_may_be_known_under_another_address(site: Site) -> None:
    site.answers["compute1"]["names"]["compute1"] = {"ipv4": ["172.16.0.9"]}
    assert site.judge() == []
    site.answers["compute1"]["names"]["compute1"] = {"ipv4": ["127.0.1.1"]}
    assert site.only().finding.rule == "own-name-loopback"


def test_the_vip_is_not_taken_for_the_hosts_own_address(site: Site) -> None:
    interfaces = site.facts["node1"]["interfaces"]["eno1"]["addresses"]
    interfaces.reverse()
    assert site.judge() == []


def test_the_internal_name_must_be_the_vip(site: Site) -> None:
    site.answers["compute1"]["names"]["internal.example.org"] = {"ipv4": ["10.20.0.99"]}
    found = site.only()
    assert (found.finding.rule, found.host) == ("name-resolves-wrong", "compute1")
    assert "10.20.0.250 internal.example.org" in found.finding.fix


def test_the_external_name_may_be_an_address_before_a_firewall(site: Site) -> None:
    site.answers["node1"]["names"]["chi.example.org"] = {"ipv4": ["192.0.2.80"]}
    found = site.only().finding
    assert (found.rule, found.severity) == ("external-name-elsewhere", Severity.WARNING)
    site.answers["node1"]["names"]["chi.example.org"] = {"ipv4": []}
    assert site.only().finding.rule == "name-resolves-wrong"


def test_one_name_for_both_endpoints_is_one_finding(site: Site) -> None:
    for wanted in site.wanted.values():
        wanted["kolla_external_fqdn"] = "internal.example.org"
        wanted["kolla_external_vip_address"] = "10.20.0.250"
        wanted["external_vip"] = False
    site.answers["node1"]["names"]["internal.example.org"] = {"ipv4": []}
    assert site.only().finding.rule == "name-resolves-wrong"


def test_a_name_that_was_not_answered_in_time_is_not_judged(site: Site) -> None:
    site.answers["node1"]["names"]["internal.example.org"] = {"ipv4": None}
    assert site.judge() == []
