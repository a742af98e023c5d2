"""What is said about engines, containers, images, BMCs and switches."""

from __future__ import annotations

from typing import Any

import pytest
from hosts_site import IMAGE, Site, container

from cc_ansible.kolla.images import Service
from cc_ansible.online import report
from cc_ansible.online.devices import Device
from cc_ansible.online.judging import judge
from cc_ansible.online.registry import Answer
from cc_ansible.online.rules import Check
from cc_ansible.site.findings import Severity

REGISTRY = "registry.example.org"
NEW = IMAGE.format("keystone").replace("2026.1", "2026.2")


def engine(site: Site, host: str = "node1") -> dict[str, Any]:
    found: dict[str, Any] = site.facts[host]["engine"]
    return found


# --- the engine ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "expected", "severity"),
    [
        ({"state": "missing"}, "engine-missing", Severity.WARNING),
        ({"state": "stopped"}, "engine-stopped", Severity.ERROR),
        ({"state": "silent", "problem": "timed out"}, "engine-silent", Severity.ERROR),
        ({"state": "running", "version": "17.12.1-ce"}, "engine-old", Severity.ERROR),
    ],
)
def test_an_engine(site: Site, said: dict[str, str], expected: str, severity: Severity) -> None:
    site.facts["compute1"]["engine"] = said
    found = site.only().finding
    assert (found.rule, found.severity) == (expected, severity)


@pytest.mark.parametrize("version", ["18.09.0", "20.10.24+dfsg1", "26.1.5", "29.0.0-rc.1", ""])
def test_a_version_that_will_do(site: Site, version: str) -> None:
    engine(site)["version"] = version
    assert site.judge() == []


def test_what_may_not_be_asked_is_not_judged(site: Site) -> None:
    site.hosts["compute1"] = {"denied": "sudo: a password is required"}
    site.facts["compute1"]["engine"] = {"state": "denied"}
    assert site.only().finding.rule == "host-become"


def test_containers_that_nothing_of_the_site_runs_here(site: Site) -> None:
    engine(site)["containers"] += [container("mariadb"), container("nova_api", state="exited")]
    found = site.only()
    assert (found.finding.rule, found.host) == ("foreign-container", "node1")
    assert "mariadb, nova_api" in found.finding.summary


def test_containers_of_another_install(site: Site) -> None:
    image = "quay.io/openstack.kolla/keystone:2024.1-ubuntu-jammy"
    engine(site, "node2")["containers"][0]["image"] = image
    found = site.only().finding
    assert found.rule == "foreign-container"
    assert "quay.io/openstack.kolla" in found.detail


@pytest.mark.parametrize("image", [NEW, "sha256:" + "0" * 64, "0123456789ab"])
def test_other_tags_of_our_images_and_bare_ids_are_ours(site: Site, image: str) -> None:
    engine(site)["containers"][0]["image"] = image
    assert site.judge() == []


def test_containers_of_the_hosts_owner_are_none_of_our_business(site: Site) -> None:
    engine(site)["containers"] += [container("grafana-of-mine", image="grafana/grafana")]
    assert site.judge() == []


# --- images ----------------------------------------------------------------------------------


def says(site: Site, state: str, *images: str, why: str = "", plain: bool = False) -> None:
    images = images or (IMAGE.format("keystone"), IMAGE.format("keepalived"))
    answers = {image: Answer(REGISTRY, state, why, plain) for image in images}  # type: ignore[arg-type]
    site.view["registry"] = answers


def not_pulled(site: Site) -> None:
    for facts in site.facts.values():
        facts["engine"]["images"] = []


def test_images_that_are_there(site: Site) -> None:
    not_pulled(site)
    says(site, "present")
    assert site.judge() == []


def test_images_that_are_missing(site: Site) -> None:
    not_pulled(site)
    says(site, "missing")
    found = site.only()
    assert (found.finding.rule, found.host) == ("image-missing", None)
    assert "2 of 2 images" in found.finding.summary
    assert "keepalived:2026.1, keystone:2026.1" in found.finding.detail
    assert "build --push" in found.finding.fix


def test_images_that_every_host_has_need_no_registry(site: Site) -> None:
    says(site, "missing")
    assert site.judge() == []
    site.facts["node2"]["engine"]["images"].remove(IMAGE.format("keystone"))
    assert "1 of 2 images" in site.only().finding.summary


def test_a_site_without_registry(site: Site) -> None:
    not_pulled(site)
    image = "kolla/keystone:2026.1"
    site.services.append(Service("keystone", "x", "x", image, "x", ("node1",)))
    site.view["registry"] = {image: Answer("docker.io", "missing")}
    found = site.only().finding
    assert found.rule == "image-missing"
    assert "docker_registry" in found.fix


def test_a_registry_that_does_not_answer(site: Site) -> None:
    not_pulled(site)
    for answers in site.answers.values():
        answers["tcp"] = {f"{REGISTRY}:443": {"state": "refused", "why": "Connection refused"}}
    says(site, "unreachable", why="Connection refused")
    rules = [each.finding.rule for each in site.judge()]
    assert rules.count("registry-unreachable") == 1
    assert rules.count("registry-out-of-reach") == 3


def test_a_registry_that_only_the_hosts_reach(site: Site) -> None:
    not_pulled(site)
    says(site, "unreachable", why="Network is unreachable")
    found = site.only().finding
    assert (found.rule, found.severity) == ("images-unchecked", Severity.WARNING)


def test_a_registry_that_does_not_let_us_in(site: Site) -> None:
    not_pulled(site)
    says(site, "refused", why="HTTP 401")
    found = site.only().finding
    assert found.rule == "registry-refuses"
    assert "docker_registry_password" in found.fix


def test_docker_may_go_through_a_proxy(site: Site) -> None:
    says(site, "present")
    site.answers["node1"]["tcp"] = {f"{REGISTRY}:443": {"state": "unreachable", "why": "no route"}}
    assert site.only().finding.rule == "registry-out-of-reach"
    engine(site)["proxy"] = True
    assert site.judge() == []


@pytest.mark.parametrize(
    ("registry", "listed", "fine"),
    [
        ("10.20.30.2:5000", ["10.20.30.0/24"], True),
        ("10.20.30.2:5000", ["10.20.30.2:5000"], True),
        ("10.20.30.2:5000", ["127.0.0.0/8", "::1/128"], False),
        ("[fd00::2]:5000", ["fd00::/64"], True),
        ("registry.lan:5000", ["registry.lan:5000"], True),
        ("registry.lan:5000", ["registry.lan"], False),
        ("registry.lan:5000", [], False),
        ("127.0.0.1:5000", ["127.0.0.0/8"], True),
    ],
)
def test_a_registry_without_tls(site: Site, registry: str, listed: list[str], fine: bool) -> None:
    for name in ("node2", "compute1"):
        site.facts[name]["engine"]["insecure"] = [registry, "10.0.0.0/8", "fd00::/8", "127.0.0.0/8"]
    engine(site)["insecure"] = listed
    image = f"{registry}/kolla/keystone:2026.1"
    site.view["registry"] = {image: Answer(registry, "present", plain=True)}
    found = site.judge()
    assert [each.finding.rule for each in found] == ([] if fine else ["registry-not-allowed"])


# --- BMCs and switches -----------------------------------------------------------------------

BMC = Device("BMC", "c01", "redfish", "https://10.30.1.1", "ironic_conductor", None)
SWITCH = Device("switch", "tor1", "tcp", "10.30.0.2:22", "neutron_server", None)


def devices(site: Site, *states: str) -> None:
    """What node1 and node2 say of both devices."""
    site.view["devices"] = [BMC, SWITCH]
    for name, state in zip(("node1", "node2"), states, strict=False):
        site.answers[name]["redfish"] = {BMC.asked: {"state": state, "why": "why not"}}
        site.answers[name]["tcp"][SWITCH.asked] = {"state": state, "why": "why not"}


def test_devices_that_answer(site: Site) -> None:
    devices(site, "open", "open")
    assert site.judge() == []


def test_devices_that_do_not_answer_are_warnings(site: Site) -> None:
    devices(site, "silent", "silent")
    found = {each.finding.rule: each.finding for each in site.judge()}
    assert set(found) == {"bmc-unreachable", "switch-unreachable"}
    assert {each.severity for each in found.values()} == {Severity.WARNING}
    assert "BMC of c01" in found["bmc-unreachable"].summary
    assert "no answer" in found["bmc-unreachable"].summary


def test_a_device_that_one_host_does_not_reach(site: Site) -> None:
    devices(site, "open", "unreachable")
    assert all("from node2" in each.finding.summary for each in site.judge())


def test_a_device_that_could_not_be_asked_is_counted_not_judged(site: Site) -> None:
    devices(site)
    view = site.look()
    assert judge(view) == []
    tallies = {tally.noun: tally for tally in report.make(view, []).tallies}
    assert (tallies["BMCs"].asked, tallies["BMCs"].total) == (0, 1)


# --- the table -------------------------------------------------------------------------------


def test_the_table_says_ok_only_of_what_was_looked_at(site: Site) -> None:
    site.dead("node2", "Connection refused")
    site.facts["node1"]["memory"] = {"total": 1}
    site.facts["node1"]["systemd"] = False
    view = site.look()
    rows = report.make(view, judge(view)).hosts
    assert set(rows["node2"].values()) == {"error", "none"}
    assert rows["node2"][Check.REACH] == "error"
    assert rows["node1"][Check.MEMORY] == "warning"
    assert rows["node1"][Check.SYSTEM] == "error"
    assert rows["node1"][Check.VIP] == rows["node1"][Check.PORTS] == "ok"
    assert rows["compute1"][Check.VIP] == rows["compute1"][Check.PORTS] == "none"
    assert rows["compute1"][Check.NET] == "ok"


def test_the_order_is_errors_first(site: Site) -> None:
    site.facts["node2"]["systemd"] = False
    site.facts["node1"]["memory"] = {"total": 1}
    assert [each.finding.rule for each in site.judge()] == ["host-systemd", "memory-small"]
