"""From the events of the playbook to hosts, and what is asked of whom."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hosts_site import IMAGE, Site

from cc_ansible.kolla.images import Service
from cc_ansible.online import look, playbook, probe, rules
from cc_ansible.online.devices import Device
from cc_ansible.online.facts import Host
from cc_ansible.paths import PROJECT
from cc_ansible.site import findings
from cc_ansible.site.findings import Severity


def host(*events: dict[str, Any]) -> Host:
    log = playbook.Log()
    for number, event in enumerate(events):
        record = {"time": float(number), "host": "a", "uuid": "u", **event}
        log.take(f"\x1e{json.dumps(record)}")
    return probe._host("a", log, {"control": ["a"], "compute": ["b"]})


def ok(task: str, **result: Any) -> dict[str, Any]:
    return {"event": "host_ok", "task": task, "result": result}


def failed(task: str, text: str, event: str = "host_failed") -> dict[str, Any]:
    return {"event": event, "task": task, "msg": text}


WANTS = {"event": "host_ok", "task": probe.WANTS, "msg": {"api_interface": "eno1"}}


def test_a_host_that_answers() -> None:
    facts = {"hostname": "a", "clock": {"now": 1.0}}
    found = host(
        WANTS,
        {"event": "host_start"},
        ok(probe.AS_ROOT, facts=facts),
        ok(probe.ANSWERS, answers={"names": {"a": {"ipv4": []}}}),
    )
    assert found.facts is not None and found.facts.get("hostname") == "a"
    assert found.want("api_interface") == "eno1"
    assert found.answer("names", "a") == {"ipv4": []}
    assert found.groups == {"control"}
    assert (found.unreachable, found.trouble, found.denied, found.unevaluated) == ("",) * 4


@pytest.mark.parametrize(
    ("now", "skew"), [(1.0, 0.0), (1.5, 0.0), (2.0, 0.0), (62.0, 60.0), (-9.0, -10.0)]
)
def test_a_clock_is_judged_by_when_it_was_read(now: float, skew: float) -> None:
    # Asked at 1 and answered at 2: anything between is right.
    found = host(WANTS, {"event": "host_start"}, ok(probe.AS_ROOT, facts={"clock": {"now": now}}))
    assert found.skew == skew


def test_a_dead_host_still_says_what_the_site_wants_of_it() -> None:
    found = host(WANTS, failed(probe.AS_ROOT, "no route to host", "host_unreachable"))
    assert found.facts is None
    assert (found.unreachable, found.trouble) == ("no route to host", "")
    assert found.want("api_interface") == "eno1"


def test_a_host_without_sudo_is_looked_at_without_it() -> None:
    found = host(
        WANTS, failed(probe.AS_ROOT, "a password is required"), ok(probe.WITHOUT, facts={})
    )
    assert found.facts is not None
    assert (found.denied, found.trouble) == ("a password is required", "")


def test_a_host_that_can_run_nothing() -> None:
    found = host(WANTS, failed(probe.AS_ROOT, "x"), failed(probe.WITHOUT, "python3: not found"))
    assert (found.facts, found.denied, found.trouble) == (None, "", "python3: not found")


def test_a_host_that_ansible_forgot() -> None:
    assert host().trouble


def test_a_host_that_dies_between_two_questions() -> None:
    found = host(WANTS, ok(probe.AS_ROOT, facts={}), failed(probe.ANSWERS, "timed out"))
    assert found.facts is not None
    assert (found.unasked, found.answers) == ("timed out", {})


def test_values_that_do_not_evaluate() -> None:
    found = host(failed(probe.WANTS, "'nic' is undefined"), ok(probe.AS_ROOT, facts={}))
    assert (found.unevaluated, found.wanted) == ("'nic' is undefined", {})


def test_noise_between_the_events_is_kept_for_the_error() -> None:
    log = playbook.Log()
    log.take("[WARNING]: something")
    log.take('\x1e{"event": "host_ok"')
    assert log.results == {} and log.text[0] == "[WARNING]: something"


def test_only_the_hosts_that_need_something_are_asked_to_reach_it() -> None:
    services = [
        Service("k", "k", "k", "r.example.org:5000/k/k:1", "keystone", ("a", "b")),
        Service("i", "i", "i", "kolla/i:1", "ironic_conductor", ("b",)),
    ]
    devices = [
        Device("BMC", "c", "ipmi", "10.0.0.1:623", "ironic_conductor", None),
        Device("switch", "s", "tcp", "10.0.0.2:22", "neutron_server", None),
    ]
    asked = look._questions(["a", "b"], services, devices)
    assert asked.tcp == {"a": ["r.example.org:5000"], "b": ["r.example.org:5000"]}
    assert (asked.redfish, asked.ipmi) == ({}, {"b": ["10.0.0.1:623"]})


def test_images_of_docker_hub_that_all_hosts_have_are_not_looked_up(site: Site) -> None:
    hosts = site.look().hosts
    mine, other = IMAGE.format("keystone"), "kolla/keystone:1"
    site.facts["node1"]["engine"]["images"].append(other)
    services = [
        Service("k", "k", "k", mine, "k", ("node1",)),
        Service("k", "k", "k", other, "k", ("node1",)),
    ]
    assert look._to_ask(services, hosts) == [mine]
    services.append(Service("k", "k", "k", other, "k", ("node1", "node2")))
    assert look._to_ask(services, hosts) == [mine, other]


def test_the_deploy_host_is_no_host_unless_it_is_a_node(site: Site) -> None:
    inventory = site.path / "inventory" / "hosts"
    text = inventory.read_text()
    inventory.write_text(f"{text}\n[deployment]\nlocalhost ansible_connection=local\nadmin\n")
    assert look.hosts_of(site.look().subject) == ["node1", "node2", "compute1"]
    inventory.write_text(f"{text}localhost\n")
    assert look.hosts_of(site.look().subject) == ["node1", "node2", "compute1", "localhost"]


def test_rules_about_hosts_are_apart_from_those_of_the_site_config() -> None:
    from cc_ansible.site import check

    assert check.RULES
    assert not set(rules.CATALOGUE) & set(findings.CATALOGUE)


def test_every_rule_about_hosts_is_broken_by_some_test() -> None:
    texts = "".join(file.read_text() for file in Path(__file__).parent.glob("test_*judge*.py"))
    assert [name for name in rules.CATALOGUE if f'"{name}"' not in texts] == []


def test_every_rule_is_in_the_docs() -> None:
    text = (PROJECT / "docs" / "validate.md").read_text()
    rows = {
        f"| {each.check} | `{name}` | {each.rule.severity} | {each.rule.about} |"
        for name, each in rules.CATALOGUE.items()
    }
    assert {line for line in text.splitlines() if line.count("|") == 5 and "`" in line} == rows


def test_two_rules_cannot_share_a_name() -> None:
    with pytest.raises(ValueError, match="host-os"):
        rules.error(rules.Check.SYSTEM, "host-os", "again")


def test_a_rule_makes_findings_of_its_severity() -> None:
    found = rules.CATALOGUE["bmc-unreachable"].broken(None, "x")
    assert found.finding.severity is Severity.WARNING and not found.is_error
