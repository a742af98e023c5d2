"""`status` on a terminal: one screen, the worst first, and why of what is not known."""

from __future__ import annotations

import dataclasses

import pytest
import reported
from rich.cells import cell_len

from cc_ansible.report import clean, data, screen
from cc_ansible.report.facts import Alert, Answer, Facts, Hardware, Item, Verification
from cc_ansible.report.health import Certificate, Container, HostHealth
from cc_ansible.report.ran import Journal


def shown(facts: Facts, width: int = 80, height: int = 24) -> list[str]:
    return [line.plain for line in screen.lines(clean.every(facts, str), width, height)]


def rows(facts: Facts) -> dict[str, str]:
    """What stands behind each label."""
    lines = shown(facts, *screen.PAPER)
    return {line[:13].strip(): line[13:] for line in lines if line[:1].isalpha()}


def test_a_site_that_is_well() -> None:
    lines = shown(reported.facts(items=12))
    assert lines[0] == (
        "chi-example (independent)  OpenStack 2026.1  VIP 192.0.2.250  2027-03-10 12:00Z"
    )
    assert lines[1] == "Nothing needs you."
    said = rows(reported.facts(items=12))
    assert said["Deploy"] == (
        "deploy succeeded in 7:10 just now by ada@deploy, commit 0afe363 + uncommitted changes"
    )
    assert said["Hosts"] == "3 of 3 answer, 72 containers run"
    assert said["Hardware"] == "12 items: 9 lent, 3 in blackout, 0 in trouble"
    assert said["Leases"] == "3 running, 0 to come; experiment-0 ends in 24 h"
    assert said["Alerts"] == "none"
    assert said["Certificates"].endswith("haproxy.pem expires in 200 days (2027-09-26)")
    assert said["Backup"] == "8 h old"
    assert said["Verified"] == "quick: 2 passed 60 min ago"
    assert "  ✓ node01   24 containers run" in lines


@pytest.mark.parametrize("hosts", [1, 3, 40, 400])
@pytest.mark.parametrize("size", [(80, 24), (80, 25), (120, 50), (40, 20)])
def test_it_fits_one_screen(hosts: int, size: tuple[int, int]) -> None:
    width, height = size
    troubled = [
        dataclasses.replace(reported.host(f"bad{n}"), why="no route to host " * 20)
        for n in range(hosts)
    ]
    for found in (reported.facts(hosts), reported.facts(hosts=Answer(troubled)),
                  reported.hostile(), reported.silent("why " * 100)):  # fmt: skip
        lines = shown(found, width, height)
        assert len(lines) < height
        assert all(cell_len(line) <= width for line in lines)


def test_hosts_in_trouble_come_before_the_others() -> None:
    hosts = list(reported.facts(40).hosts.value or ())
    hosts[38] = reported.host(
        "node39", containers=[Container("nova_api", "exited", trouble="is stopped")]
    )
    lines = shown(reported.facts(hosts=Answer(hosts)))
    assert "✗ node39: nova_api is stopped" in lines[1]
    mine = [line for line in lines if "node" in line][1:]
    assert mine[0] == "  ✗ node39   nova_api is stopped" and len(mine) > 3
    assert any("more, none in trouble" in line for line in lines)


def test_what_needs_the_admin_is_named_with_the_worst_first() -> None:
    found = reported.facts(
        journal=Answer(Journal([], reported.ran(0, outcome="failed"))),
        hosts=Answer([HostHealth("node1", why="no route to host"),
                      reported.host("node2", backup=reported.NOW - 5 * reported.DAY)]),
        hardware=Answer(Hardware([Item("nc1", "device", True, trouble="ironic error: no power")])),
        alerts=Answer([Alert("DiskFull", "critical", "node2 is full")]),
        certificates=Answer([Certificate("certificates/haproxy.pem", reported.NOW + reported.DAY),
                             Certificate("certificates/old.pem", reported.NOW - reported.DAY)]),
        verification=Answer(Verification(reported.NOW, [reported.FAILED])),
    )  # fmt: skip
    said = data.of(found)["needs"]
    assert [(need["urgency"], need["text"]) for need in said] == [
        ("error", "node1 cannot be looked at: no route to host"),
        ("error", "alert DiskFull: node2 is full"),
        ("error", "certificates/old.pem expired 24 h ago"),
        ("error", "verify failed just now: agents"),
        ("error", "the last deploy failed"),
        ("warning", "certificates/haproxy.pem expires in 24 h"),
        ("warning", "hardware nc1: ironic error: no power"),
        ("warning", "the newest backup is 5 days old"),
    ]
    assert shown(found)[6] == "  and 3 more: cc-ansible report"


def test_what_cannot_be_asked_says_why_in_its_place() -> None:
    why = "Keystone does not answer."
    said = rows(reported.silent(why))
    assert set(said) >= {"Deploy", "Hosts", "Hardware", "Leases", "Alerts", "Backup", "Verified"}
    for label in ("Deploy", "Hosts", "Hardware", "Leases", "Alerts", "Certificates", "Backup",
                  "Verified"):  # fmt: skip
        assert why in said[label], label
    assert shown(reported.silent(why))[1] == "Nothing needs you, as far as could be asked."


def test_troubles_of_hardware_are_unknown_without_doni() -> None:
    found = Hardware([Item("nc1", "device", True)], why="Doni does not answer.")
    said = rows(reported.facts(hardware=Answer(found)))["Hardware"]
    assert said == ("1 items: 1 lent, 0 in blackout; troubles unknown: Doni does not answer.")


def test_the_run_that_is_under_way_is_shown() -> None:
    now = Journal([], None, "deploy by ada@deploy since 2027-03-10T11:58:00Z")
    assert rows(reported.facts(journal=Answer(now)))["Deploy"].startswith("now: deploy by ada")


def test_a_newer_deploy_from_another_machine_counts() -> None:
    elsewhere = reported.ran(0, who="bob", started=reported.NOW, seconds=None)
    hosts = [reported.host("node1", record=elsewhere)]
    older = Journal([], reported.ran(3))
    found = reported.facts(journal=Answer(older), hosts=Answer(hosts))
    assert found.deploy is elsewhere
    assert "by bob" in rows(found)["Deploy"]


def test_nothing_that_moves_a_terminal_gets_to_it() -> None:
    for line in shown(reported.hostile(), *screen.PAPER):
        assert all(letter.isprintable() for letter in line)
        assert not any(letter in line for letter in "\x1b\u202e\u2066\ufeff")


def test_a_site_config_that_went_on_since_the_deploy() -> None:
    newer = dataclasses.replace(reported.facts().about, commit="f" * 40)
    assert rows(reported.facts(about=newer))["Deploy"].endswith("changes (now fffffff)")


def test_a_new_site() -> None:
    none = reported.facts(
        journal=Answer(Journal()), hosts=Answer([]), hardware=Answer(Hardware()),
        verification=Answer(None),
    )  # fmt: skip
    said = rows(none)
    assert (said["Deploy"], said["Hardware"], said["Verified"], said["Certificates"]) == (
        "none yet", "none declared", "never", "none known",
    )  # fmt: skip


def test_json_says_it_all_and_why_of_the_rest() -> None:
    import json

    said = json.loads(json.dumps(data.of(reported.facts(2, items=8))))
    assert said["site"]["name"] == "chi-example" and said["needs"] == []
    assert (said["hardware"]["lent"], said["hardware"]["blackout"]) == (6, 2)
    assert [host["running"] for host in said["hosts"]] == [24, 24]
    assert said["verification"]["passed"] == 2 and said["unknown"] == {}
    assert said["leases"][0]["running"] is True
    gone = data.of(reported.silent("it is down"))
    assert gone["hosts"] is None and gone["hardware"] is None
    assert set(gone["unknown"].values()) == {"it is down"} and len(gone["unknown"]) == 7
