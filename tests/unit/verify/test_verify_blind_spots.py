"""What hosts say in part or not at all is no reason to call a site well, nor to say nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from broken_site import logged, one
from well_site import NOW, Site, row

from cc_ansible.verify import quick
from cc_ansible.verify.result import Result, Status
from cc_ansible.verify.view import View

PROBLEM = {"problem": "OSError: [Errno 5] Input/output error"}


@pytest.mark.parametrize(
    ("part", "check"),
    [
        ("disks", "disks of node2"),
        ("memory", "memory of node2"),
        ("certificates", "certificate files on node2"),
        ("logs", "logs of node2"),
    ],
)
def test_a_part_that_cannot_be_had_fails_its_check_alone(
    part: str, check: str, running: Site
) -> None:
    running.said["node2"][part] = PROBLEM
    (result,) = running.failed()
    assert result.name == check
    assert "Input/output error" in result.detail and "node2" in result.cause


def test_one_broken_disk_does_not_hide_a_full_one(running: Site) -> None:
    found = running.said["node1"]["disks"]
    found["/srv"] = {"mount": "/srv", **PROBLEM}
    found["/"]["free"] = 0
    (result,) = running.failed()
    assert "/srv: OSError" in result.detail and "/ is 100 % full" in result.detail


def test_a_judge_that_breaks_off_is_one_failed_result(running: Site) -> None:
    def broken(view: View) -> Iterator[Result]:
        raise KeyError("names")

    found = quick.judged([("disks of", broken), quick.JUDGES[0]], running.view())
    assert [(each.name, each.failed) for each in found[:2]] == [
        ("disks of: judging it", True),
        ("host node1", False),
    ]
    assert "KeyError" in found[0].detail and "defect" in found[0].cause


def test_a_host_whose_wants_are_unknown_is_not_well(running: Site) -> None:
    """Else nobody would know that VIP, HAProxy, Galera, RabbitMQ and Doni are not checked."""
    for name in running.hosts:
        running.hosts[name] = {"wanted": {}, "unevaluated": "'nonsense' is undefined"}
    failed = running.failed()
    assert [each.name for each in failed] == ["host node1", "host node2", "host node3"]
    assert "'nonsense' is undefined" in failed[0].detail
    assert "Galera, RabbitMQ and Doni are not checked" in failed[0].cause


# --- logs ----------------------------------------------------------------------------------------


def test_a_host_without_logs_fails_where_containers_should_write_some(running: Site) -> None:
    gone = {"problem": "there is no directory /var/log/kolla"}
    running.said["node1"]["logs"] = gone
    (result,) = running.failed()
    assert (result.name, "no directory /var/log/kolla" in result.detail) == ("logs of node1", True)
    running.said["node1"]["engine"] = {"state": "stopped"}
    assert running.judge()["logs of node1"].status is Status.SKIPPED


def test_logs_that_were_not_read_are_told(running: Site) -> None:
    said = running.said["node1"]["logs"]
    said.update(cut=["nova/nova-api.log"], more=12)
    result = running.judge()["logs of node1"]
    assert not result.failed
    assert "only the end was read of nova/nova-api.log" in result.detail
    assert "12 older kinds of lines were not looked at" in result.detail
    logged("nova/nova-api.log", "boom")(running)
    assert "12 older kinds" in running.failed()[0].detail
    said.update(kinds=[], unreadable=["/var/log/kolla/x.log: Input/output error"])
    assert "unreadable: /var/log/kolla/x.log" in running.failed()[0].detail


# --- HAProxy -------------------------------------------------------------------------------------


def test_a_backend_whose_servers_were_all_taken_out_is_down(running: Site) -> None:
    rows = [row("nova_api_back", each, "MAINT") for each in ("node1", "node2")]
    rows.append(row("nova_api_back", "BACKEND", "DOWN", seconds=180))
    for name in running.said:
        running.said[name]["haproxy"]["servers"] = rows
    (result,) = running.failed()
    assert result.detail == "nova_api_back: no server is in use"
    assert "node1 is MAINT, node2 is MAINT" in result.cause


def test_haproxy_is_left_alone_while_the_engine_is_silent(running: Site) -> None:
    running.said["node2"]["engine"] = {"state": "silent", "problem": "timed out"}
    del running.said["node2"]["haproxy"]
    assert [each.name for each in running.failed()] == ["containers on node2"]


# --- restarts ------------------------------------------------------------------------------------

HOUR, DAY = 3600, 86400


def restarted(times: int, ago: float, created: float) -> Any:
    """A container that was made so many seconds ago, and started again this often."""
    now = NOW.timestamp()
    unit = {"NRestarts": str(times)}
    return one("nova_api", unit=unit, started=now - ago, created=now - created)


@pytest.mark.parametrize(
    ("times", "ago", "created", "loops"),
    [
        (400, 620, 3 * DAY, True),
        (400, 10 * DAY, 13 * DAY, False),
        (40, DAY, DAY + 600, False),
        (3, 2 * DAY, 300 * DAY, False),
        (2, 5, 60, False),
    ],
)
def test_a_slow_restart_loop_is_one_and_restarts_of_long_ago_are_none(
    times: int, ago: float, created: float, loops: bool, running: Site
) -> None:
    restarted(times, ago, created)(running)
    assert bool(running.failed()) is loops
    if not loops and times > 2:
        seen = running.judge()["containers on node1"].detail
        assert f"nova_api was restarted {times} times" in seen
