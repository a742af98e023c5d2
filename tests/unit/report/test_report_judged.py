"""What `status` calls broken is what `verify` fails, no more and no less."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Any

import pytest
import reported

# A whole site as hosts show it is that of the tests of `verify`.
sys.path.append(str(Path(__file__).parent.parent / "verify"))

from well_site import NOW, Site

from cc_ansible.report import attention, data, hosts, page, ran, screen
from cc_ansible.report.facts import Answer, Verification
from cc_ansible.report.health import HostHealth
from cc_ansible.runs import journal
from cc_ansible.verify import quick
from cc_ansible.verify.check import Check, Trouble
from cc_ansible.verify.result import Level, Result, Status


@pytest.fixture
def running() -> Site:
    return Site()


def seen(site: Site) -> dict[str, HostHealth]:
    view = site.view()
    return {host.name: hosts.health(host, view) for host in view.hosts.values()}


def test_a_site_that_is_well_has_no_troubles(running: Site) -> None:
    found = seen(running)
    assert [host.troubles for host in found.values()] == [[], [], []]
    assert found["node1"].running == 8 and not found["node1"].why


def test_a_stopped_container_that_nobody_expects_is_no_trouble(running: Site) -> None:
    old = {**running.container("node1", "nova_api"), "name": "zun_api", "state": "exited"}
    running.said["node1"]["engine"]["containers"].append(old)
    found = seen(running)["node1"]
    assert found.troubles == [] and found.running == 8
    assert not page.services([found])[-1].troubles


def test_troubles_of_containers_are_those_of_verify(running: Site) -> None:
    loop = {"started": NOW.timestamp() - 9, "unit": {"NRestarts": "12"}}
    running.container("node1", "nova_api").update(loop)
    running.container("node1", "heat_engine").update(state="exited", finished=None)
    running.said["node1"]["engine"]["containers"].remove(running.container("node1", "rabbitmq"))
    running.said["node1"]["disks"]["/"]["free"] = 0
    found = seen(running)["node1"]
    assert found.troubles == [
        "nova_api is in a restart loop",
        "heat_engine is stopped",
        "rabbitmq is missing",
        "/ is 100 % full",
    ]
    troubled = {each.name: each.troubles for each in page.services([found]) if each.troubles}
    assert troubled["rabbitmq"] == ["is missing on node1"]
    judged = "; ".join(each.detail for each in running.failed())
    assert all(text in judged for text in found.troubles)


def test_a_host_that_cannot_be_looked_at_says_why(running: Site) -> None:
    running.hosts["node1"] = {"facts": None, "unreachable": "no route to host\nmore"}
    running.said["node2"]["engine"] = {"state": "stopped"}
    found = seen(running)
    assert (found["node1"].why, found["node1"].troubles) == (
        "no route to host",
        ["no route to host"],
    )
    assert (found["node2"].why, found["node2"].troubles) == ("", ["docker on node2 does not run"])


def test_what_several_hosts_do_together_needs_the_admin_too(running: Site) -> None:
    running.said["node2"]["galera"]["wsrep_cluster_status"] = "non-Primary"
    results = quick.judged(quick.OF_SITE, running.view())
    facts = reported.facts(clusters=results)
    assert "Galera: node2: non-Primary" in [need.text for need in attention.of(facts)]
    assert len(data.of(facts)["clusters"]) == len(results) > 4
    unknown = Check("what the site runs", "containers").judged([Trouble("unknown: x", "", "")], "")
    [need] = attention.of(reported.facts(clusters=[unknown]))
    assert need.text == "what the site runs: unknown: x"


# --- the other lines -----------------------------------------------------------------------------


def verified(*statuses: Status) -> str:
    results = [Result(f"c{n}", Level.FULL, each, "x") for n, each in enumerate(statuses)]
    last = Verification(reported.NOW - reported.HOUR, results)
    return screen.verified(reported.facts(verification=Answer(last)))


def test_what_was_skipped_is_not_counted_as_passed() -> None:
    passed, skipped, failed = Status.PASSED, Status.SKIPPED, Status.FAILED
    assert verified(passed, passed, skipped) == "full: 2 passed, 1 skipped 60 min ago"
    assert verified(passed, passed) == "full: 2 passed 60 min ago"
    assert verified(failed, skipped) == "full: 1 failed, 1 skipped 60 min ago: c0"


def test_a_site_that_never_made_a_backup_is_told() -> None:
    never = [reported.host("node1", backup=None), reported.host("node2", backup=None)]
    [need] = attention.of(reported.facts(hosts=Answer(never)))
    assert (need.urgency, need.fix) == ("warning", "cc-ansible mariadb-backup")
    assert "no backup" in need.text
    without: Any = [dataclasses.replace(host, containers=()) for host in never]
    assert attention.of(reported.facts(hosts=Answer(without))) == []
    unseen = [never[0], HostHealth("node2", why="no route to host")]
    texts = [need.text for need in attention.of(reported.facts(hosts=Answer(unseen)))]
    assert not any("backup" in text for text in texts)


def test_a_dry_run_is_not_the_last_deploy(tmp_path: Path) -> None:
    for number, arguments in enumerate([[], ["--check"], ["-C", "-D"], ["--list-tasks"]]):
        record = journal.new_record(tmp_path, tmp_path, "deploy", arguments, "deploy")
        name = f"2027030{number + 1}T100000Z-deploy-ab12"
        started = f"2027-03-0{number + 1}T10:00:00Z"
        path = record.path.with_name(name)
        record = dataclasses.replace(record, id=name, path=path, started=started)
        journal.Journal(record).close("ok", 0)
    found = ran.read(tmp_path)
    assert len(found.runs) == 4
    assert found.deploy and found.deploy.started.day == 1
