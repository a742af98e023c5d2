"""`hardware apply`: what is written, once, and what is left when something goes wrong."""

from __future__ import annotations

import io
import itertools
import json
import os
import signal

import pytest
from lending import BMC_PASSWORD, Lending, fake, node, span
from testbed import OTHER
from werkzeug.wrappers import Response

from cc_ansible.errors import Exit
from cc_ansible.hardware import apply

LENT = span("2027-03-02 to 2027-03-03")
APPLY = ("apply", "--yes", "--no-wait")


def refuse(status: int, text: str) -> Response:
    return Response(json.dumps({"error": text}), status, content_type="application/json")


def answers(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """What is typed when a command asks."""
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_a_second_apply_writes_nothing(lending: Lending) -> None:
    lending.declare(node(1, calendar=LENT), fake("f1"), fake("f2", calendar="never"))
    lending.apply()
    assert [method for method, _ in lending.bed.writes()].count("POST") == 3
    runs = list((lending.state / "runs").iterdir())
    said = lending.ok(*APPLY)
    assert lending.bed.writes() == [] and said.out == "Nothing to do: 3 as declared.\n"
    assert list((lending.state / "runs").iterdir()) == runs  # nor is there a journal


def test_what_doni_has_then(lending: Lending) -> None:
    lending.declare(node(1, calendar=LENT, node_type="compute", placement={"rack": "r1"}))
    said = lending.json(*APPLY)
    assert said["written"] == ["c01"] and said["failed"] == said["troubles"] == []
    assert said["plan"]["items"][0]["action"] == "create"
    found = lending.shown("c01")
    assert found["type"] == "baremetal"
    expected = {
        "node_type": "compute",
        "placement": {"rack": "r1"},
        "management_address": "10.30.1.1",
        "ipmi_username": "root",
        "ipmi_terminal_port": 40001,
    }
    assert expected.items() <= found["properties"].items()
    assert found["properties"]["interfaces"][0]["switch_port_id"] == "ethernet1/1/1"
    assert lending.blackouts("c01") == [("03-01 12:00", "03-02 00:00"), ("03-04 00:00", "forever")]


def test_no_question_for_each_item(lending: Lending) -> None:
    def asked(command: tuple[str, ...], number: int, **more: object) -> tuple[int, int]:
        """How many questions and writes there are."""
        lending.declare(*(fake(f"f{each}", **more) for each in range(number)))
        lending.ok(*command)
        return len(lending.bed.lists()), len(lending.bed.writes())

    looks = 2  # before and after the question; each asks for items, and windows of known ones
    assert asked(APPLY, 1) == (looks, 1)
    assert asked(APPLY, 50) == (2 * looks, 49)
    more = {"properties": {"rack": "r1"}, "calendar": LENT}
    leases = 4
    assert asked(APPLY, 50, **more) == (looks * (2 + leases), 50)
    assert asked(("plan",), 50, **more) == (2, 0)


def test_not_without_a_yes(lending: Lending, monkeypatch: pytest.MonkeyPatch) -> None:
    lending.declare(fake("f1"))
    answers(monkeypatch, "n\n")
    said = lending.ok("apply", "--no-wait")
    assert "Nothing was changed." in said.out and lending.bed.writes() == []
    answers(monkeypatch, "n\n")
    said = lending.ok("apply", "--no-wait", "--output", "json")
    assert said.json["written"] == [] and lending.bed.writes() == []
    answers(monkeypatch, "y\n")
    lending.ok("apply", "--no-wait")
    assert len(lending.bed.writes()) == 1


def test_somebody_changes_it_meanwhile(lending: Lending) -> None:
    lending.declare(fake("f1"), fake("f2"))

    def second_look(method: str, path: str) -> None:
        looks = [path for path in lending.bed.lists() if "/hardware/" in path]
        if len(looks) == 2 and path == "/v1/hardware/":
            lending.bed.before = lambda *_: None
            lending.bed.enrol("f2")

    lending.bed.before = second_look
    said = lending.run(*APPLY)
    assert said.code == Exit.LOCKED and "Somebody changed the hardware meanwhile" in said.err
    assert lending.bed.writes() == []
    lending.apply()
    assert lending.json("plan")["same"] == 2


def test_one_that_doni_refuses_does_not_keep_the_others(lending: Lending) -> None:
    lending.declare(*(fake(f"f{number}") for number in range(4)))
    lending.apply()
    uuid = lending.uuid("f2")
    lending.bed.before = lambda method, path: (
        refuse(400, "it is of no use") if method == "PATCH" and uuid in path else None
    )
    lending.declare(*(fake(f"f{number}", calendar="never") for number in range(4)))
    said = lending.run(*APPLY, "--output", "json")
    assert said.code == Exit.RUN_FAILED
    assert sorted(said.json["written"]) == ["f0", "f1", "f3"]
    [failed] = said.json["failed"]
    assert failed["name"] == "f2" and "it is of no use" in failed["error"]
    assert "1 of 4 items are not as declared." in said.err and "f2: " in said.err
    lending.bed.before = lambda *_: None
    lending.apply()
    assert lending.bed.writes() == [("PATCH", f"/v1/hardware/{uuid}/")]


def test_blackouts_that_are_refused_are_written_later(lending: Lending) -> None:
    lending.declare(node(1, calendar=LENT))
    lending.bed.before = lambda method, _: refuse(503, "no") if method == "PATCH" else None
    said = lending.run(*APPLY)
    assert said.code == Exit.RUN_FAILED and "its blackouts are not written" in said.out
    lending.bed.before = lambda *_: None
    lending.apply()
    # The secret is known to be there already.
    assert [method for method, _ in lending.bed.writes()] == ["PATCH"]
    assert lending.blackouts("c01")[1] == ("03-04 00:00", "forever")


def test_stopped_half_way_it_is_completed_by_a_second_apply(
    lending: Lending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apply, "THREADS", 2)
    names = [f"c{number:02}" for number in range(1, 21)]
    lending.declare(*(node(number, calendar=LENT) for number in range(1, 21)))

    writes = itertools.count(1)

    def interrupt(method: str, path: str) -> None:
        if not path.startswith("/v3") and method != "GET" and next(writes) == 7:
            os.kill(os.getpid(), signal.SIGINT)

    lending.bed.before = interrupt
    said = lending.run(*APPLY)
    assert said.code == Exit.INTERRUPTED and "each of them whole" in said.err
    done = [item["name"] for item in lending.json("list") if item["uuid"]]
    assert 3 <= len(done) < 20
    assert all(lending.blackouts(name) for name in done)
    assert f"Stopped: {len(done)} of 20 items" in said.err
    assert lending.json("plan")["same"] == len(done)
    lending.apply()
    assert len(lending.bed.writes()) == 2 * (20 - len(done))
    assert [item["name"] for item in lending.json("list")] == names
    assert lending.json("plan")["same"] == 20


def test_passwords_are_written_again_on_demand(lending: Lending) -> None:
    lending.declare(node(1))
    lending.apply()
    lending.apply("--secrets")
    assert [method for method, _ in lending.bed.writes()] == ["PATCH"]


def test_without_a_memory_passwords_are_written_once_more(lending: Lending) -> None:
    lending.declare(node(1))
    lending.apply()
    (lending.state / "hardware.json").unlink()
    lending.apply()
    assert len(lending.bed.writes()) == 1
    lending.apply()
    assert lending.bed.writes() == []


def test_a_password_is_nowhere_but_in_doni(lending: Lending) -> None:
    lending.declare(node(1))
    said = lending.apply()
    assert BMC_PASSWORD not in said.out + said.err
    files = [file for file in lending.state.rglob("*") if file.is_file()]
    assert files and not any(BMC_PASSWORD in file.read_text(errors="replace") for file in files)


def test_what_others_enrolled_just_so_is_taken_over(lending: Lending) -> None:
    lending.declare(fake("f1"))
    lending.apply()
    (lending.state / "hardware.json").unlink()
    lending.apply()
    assert lending.bed.writes() == []
    lending.declare()
    assert [item["name"] for item in lending.json("plan")["retire"]] == ["f1"]


def test_an_item_of_another_project(lending: Lending) -> None:
    lending.declare(fake("f1", project="physics"))
    lending.apply()
    assert lending.shown("f1")["project_id"] == OTHER
    assert lending.json("plan")["same"] == 1


def test_a_project_the_admin_may_not_act_for(lending: Lending) -> None:
    lending.declare(fake("f1", project="strangers"), fake("f2"))
    said = lending.run(*APPLY)
    assert said.code == Exit.RUN_FAILED and "openstack role add" in said.out
    assert lending.shown("f2")["uuid"] and not lending.shown("f1")["uuid"]


def test_again_wakes_what_is_stuck(lending: Lending) -> None:
    lending.declare(fake("f1"))
    lending.apply()
    lending.bed.tasks("ERROR", last_error="the controller is dead")
    lending.ok(*APPLY)
    assert lending.bed.writes() == []
    uuid = lending.uuid("f1")
    lending.ok(*APPLY, "--again")
    assert lending.bed.writes() == [("POST", f"/v1/hardware/{uuid}/sync")]
