"""Faults of a running site, each as hosts show it: what is said of it."""

from __future__ import annotations

import re

import pytest
from broken_site import logged, of, one, stopped
from known_faults import FAULTS
from well_site import NOW, PUBLIC, VIP, Site

from cc_ansible.paths import PROJECT
from cc_ansible.verify import allow
from cc_ansible.verify.allow import Allowed
from cc_ansible.verify.result import Status


def test_nothing_is_wrong_with_a_site_that_is_well(running: Site) -> None:
    assert running.failed() == []
    found = running.judge()
    assert found["containers on node1"].detail == "8 containers run"
    assert found["Galera"].detail == "3 members, synced"
    assert found["RabbitMQ"].detail == "3 members, 120 queues"
    assert found[f"VIP {PUBLIC}"].detail == "on node1"
    assert found["clock of node1"].detail == "agrees with ours, kept by chronyd"
    assert found["certificate files on node1"].detail == "1 different, valid for 90 days at least"
    assert all(result.status is Status.PASSED and not result.cause for result in found.values())


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_fails_its_check_alone_and_says_why_and_what_to_do(
    name: str, running: Site
) -> None:
    fault = FAULTS[name]
    fault.make(running)
    (result,) = running.failed()
    assert result.name == fault.check
    assert fault.detail in result.detail
    assert fault.cause in result.cause
    assert fault.fix in result.fix
    assert result.runbook == f"docs/verify.md#{fault.page}"


def test_every_page_of_the_runbook_that_results_name_is_there() -> None:
    text = (PROJECT / "docs" / "verify.md").read_text()
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    pages = {re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-") for title in titles}
    source = [file.read_text() for file in (PROJECT / "cc_ansible" / "verify").rglob("*.py")]
    named = set(re.findall(r'Check\([^)]*?, "([a-z][a-z-]+)"', "".join(source)))
    named |= set(re.findall(r"docs/verify\.md#([\w-]+)", "".join(source)))
    named |= {fault.page for fault in FAULTS.values()}
    from cc_ansible.verify.standard.checks import CHECKS

    named |= {name.replace(" ", "-") for name, _ in CHECKS}
    assert len(named) > 20
    assert named <= pages


def test_the_last_lines_of_a_container_that_ended_are_shown(running: Site) -> None:
    stopped(running)
    assert running.failed()[0].log == ("Caught SIGTERM, exiting",)


def test_lines_of_the_log_are_shown(running: Site) -> None:
    logged("nova/nova-api.log", "nova.api Boom")(running)
    assert running.failed()[0].log == ("nova-api: 2026-05-01 11:00:00.123 7 ERROR nova.api Boom",)


def test_several_troubles_of_one_host_are_one_result_that_names_all(running: Site) -> None:
    stopped(running)
    one("nova_api", "node2", health="unhealthy", log=["a", "b"])(running)
    (result,) = running.failed()
    assert result.detail == "nova_api is unhealthy; heat_engine is stopped"
    assert "Somebody stopped heat_engine" in result.cause
    assert result.log == ("a", "b", "Caught SIGTERM, exiting")


def test_a_container_that_nobody_expects_is_named_and_does_no_harm(running: Site) -> None:
    running.said["node1"]["engine"]["containers"] += [
        {**running.container("node1", "nova_api"), "name": "zun_api"},
        {**running.container("node1", "nova_api"), "name": "theirs", "kolla": False},
    ]
    result = running.judge()["containers on node1"]
    assert (result.failed, result.detail) == (False, "8 containers run; nobody expects zun_api")


def test_a_container_that_was_just_started_gets_time_to_be_healthy(running: Site) -> None:
    one("nova_api", health="starting", started=NOW.timestamp() - 20)(running)
    result = running.judge()["containers on node1"]
    assert (result.failed, result.detail) == (False, "8 containers run, 1 of them just started")


def test_restarts_of_long_ago_are_no_loop(running: Site) -> None:
    one("nova_api", unit={"NRestarts": "40"})(running)
    assert not running.failed()


def test_a_dead_host_hides_nothing_of_the_others_and_clusters_are_still_judged(
    running: Site,
) -> None:
    running.hosts["node3"] = {"facts": None, "unreachable": "timed out"}
    of("node1", "galera", wsrep_cluster_size="2")(running)
    assert {result.name for result in running.failed()} == {"host node3", "Galera"}


def test_an_address_that_a_dead_host_may_have_is_not_called_missing(running: Site) -> None:
    running.hosts["node1"] = {"facts": None, "unreachable": "timed out"}
    result = running.judge()[f"VIP {VIP}"]
    assert result.status is Status.SKIPPED
    assert "node1" in result.detail


def test_an_external_address_that_is_the_internal_one_is_asked_for_once(running: Site) -> None:
    running.wanted.update(external_vip=False)
    assert [name for name in running.judge() if name.startswith("VIP")] == [f"VIP {VIP}"]


def test_a_site_without_a_service_is_not_asked_about_it(running: Site) -> None:
    running.wanted.update(dict.fromkeys(("galera", "rabbitmq", "haproxy", "doni"), False))
    running.wanted.update(keepalived=False)
    names = " ".join(running.judge())
    assert not re.search("Galera|RabbitMQ|HAProxy|Doni|VIP", names)


def test_clocks_that_something_else_keeps_are_only_compared(running: Site) -> None:
    running.wanted["check_clock"] = False
    of("node1", "clock", daemon=None)(running)
    assert not running.failed()


def test_members_of_another_shard_do_not_count(running: Site) -> None:
    running.hosts["node3"] = {"wanted": {**running.wanted, "shard": 1}}
    of("node3", "galera", wsrep_cluster_size="1")(running)
    for name in ("node1", "node2"):
        of(name, "galera", wsrep_cluster_size="2")(running)
    assert not running.failed()


def test_lines_of_the_allow_list_are_counted_and_pass(running: Site) -> None:
    running.allowed = [Allowed(service="nova", pattern=r"Boom \d+", reason="known")]
    logged("nova/nova-api.log", "nova.api Boom 12", 5)(running)
    result = running.judge()["logs of node1"]
    assert not result.failed
    assert result.detail.endswith("but 5 lines of the allow-list")
    logged("heat/heat-api.log", "Boom 12")(running)
    assert [each.detail for each in running.failed()] == ["heat-api: 1 ERROR"]


NOBODY = "nova.conductor.manager [None req-1] Failed to schedule instances"
NOBODY += " ... nova.conductor.manager nova.exception_Remote.NoValidHost_Remote: No valid host"
KNOWN = [
    ("nova/nova-conductor.log", NOBODY, True),
    ("nova/nova-conductor.log", "Failed to schedule instances ... DBConnectionError", False),
    ("rabbitmq/rabbit@node1.log", "<0.9> missed heartbeats from client, timeout: 60s", True),
    ("nova/nova-api.log", "oslo.messaging._drivers.impl_rabbit [-] AMQP server on "
     "10.20.0.11:5672 is unreachable: [Errno 104] Connection reset by peer.", True),
    ("nova/nova-api.log", "oslo.messaging._drivers.impl_rabbit [-] AMQP server on "
     "10.20.0.11:5672 is unreachable: [Errno 111] ECONNREFUSED.", False),
]  # fmt: skip


@pytest.mark.parametrize(("file", "text", "harmless"), KNOWN)
def test_the_allow_list_of_the_project_knows_what_is_harmless(
    file: str, text: str, harmless: bool, running: Site
) -> None:
    running.allowed = allow.read([PROJECT / "kolla" / allow.FILE])
    logged(file, text)(running)
    assert bool(running.failed()) is not harmless


def test_only_the_newest_kinds_of_lines_are_told(running: Site) -> None:
    for number in range(9):
        logged(f"nova/log{number}.log", "boom")(running)
        running.said["node1"]["logs"]["kinds"][-1]["last"] = f"2026-05-01 11:0{number}:00"
    (result,) = running.failed()
    assert result.detail.startswith("log8: 1 ERROR; log7: 1 ERROR")
    assert result.detail.endswith("and 5 more kinds of lines")
