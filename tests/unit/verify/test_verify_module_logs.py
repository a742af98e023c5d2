"""The module that runs on hosts, run on this one: what it finds in logs."""

from __future__ import annotations

import os
import time
from typing import Any

import pytest
from this_machine import Machine


def at(seconds_ago: float, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    return time.strftime(form, time.localtime(time.time() - seconds_ago))


def kinds(machine: Machine, **options: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = machine.ask(**options)["logs"]["kinds"]
    return found


FORMS = {
    "oslo": "{}.123 7 ERROR nova.compute [None req-1 - -] Boom",
    "critical": "{}.123 7 CRITICAL nova [-] Boom",
    "mariadb": "{} 0 [ERROR] WSREP: Boom",
    "rabbitmq": "{}.123456+00:00 [error] <0.123.0> Boom",
    "libvirt": "{}.123+0000: 1234: error : virNetSocketReadWire:1791 : Boom",
}
HARMLESS = {
    "info": "{}.123 7 INFO nova.compute [-] no ERROR here",
    "warning": "{}.123 7 WARNING nova.compute [-] ERROR in the text",
    "old": "2020-01-01 00:00:00.123 7 ERROR nova.compute [-] Boom",
    "note": "{} 0 [Note] WSREP: error",
    "without-time": "ERROR Boom",
}


@pytest.mark.parametrize("form", FORMS)
def test_lines_that_say_error_are_found_in_logs_of_every_kind(form: str, machine: Machine) -> None:
    machine.log("nova/nova-api.log", FORMS[form].format(at(60)))
    (kind,) = kinds(machine)
    assert (kind["file"], kind["count"]) == ("nova/nova-api.log", 1)
    assert kind["level"] in ("ERROR", "CRITICAL")
    assert kind["text"].endswith("Boom")


def test_open_vswitch_writes_in_utc(machine: Machine) -> None:
    now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() - 60))
    machine.log("openvswitch/ovs-vswitchd.log", f"{now}.123Z|00012|jsonrpc(x)|ERR|Boom")
    assert [kind["text"] for kind in kinds(machine)] == ["Boom"]


@pytest.mark.parametrize("form", HARMLESS)
def test_other_lines_are_not(form: str, machine: Machine) -> None:
    machine.log("nova/nova-api.log", HARMLESS[form].format(at(60)))
    assert kinds(machine) == []


def test_lines_of_before_the_deploy_do_not_count(machine: Machine) -> None:
    machine.log("nova/nova-api.log", *(FORMS["oslo"].format(at(ago)) for ago in (300, 100)))
    (machine.config / "cc-ansible.json").write_text('{"id": "r1"}')
    os.utime(machine.config / "cc-ansible.json", (time.time() - 200,) * 2)
    found = machine.ask(since=0)
    assert found["record"]["id"] == "r1"
    assert found["logs"]["kinds"][0]["count"] == 1
    assert found["logs"]["kinds"][0]["last"] > at(110)


def test_nothing_older_than_a_day_is_told(machine: Machine) -> None:
    file = machine.log("nova/nova-api.log", FORMS["oslo"].format(at(100_000)))
    assert file.stat().st_mtime > time.time() - 60
    assert kinds(machine, since=0) == []


def test_a_traceback_is_one_event_with_its_last_line(machine: Machine) -> None:
    begin = f"{at(60)}.123 7 ERROR nova.compute"
    machine.log(
        "nova/nova-compute.log",
        f"{begin} [None req-1] Build failed",
        f"{begin} Traceback (most recent call last):",
        f"{begin}   File x, line 1",
        f"{begin} ValueError: no",
        f"{begin} ",
    )
    (kind,) = kinds(machine)
    assert kind["count"] == 1
    assert kind["text"] == "nova.compute [None req-1] Build failed ... nova.compute ValueError: no"
    assert kind["lines"][-1].endswith("ValueError: no")


def test_lines_that_differ_in_ids_only_are_one_kind(machine: Machine) -> None:
    machine.log(
        "nova/nova-api.log",
        *(
            f"{at(60 - n)}.{n:03} 7 ERROR nova [req-{n}a] Instance "
            f"0000000{n}-0000-4000-8000-000000000000 gone after 1.{n} s"
            for n in range(5)
        ),
        f"{at(1)}.999 7 ERROR nova [req-a1] answered 500",
        f"{at(1)}.999 7 ERROR nova.x [req-a1] answered 404",
    )
    assert sorted(kind["count"] for kind in kinds(machine)) == [1, 1, 5]


def test_the_end_of_a_large_log_is_found_without_reading_it_all(machine: Machine) -> None:
    file = machine.log("nova/nova-api.log")
    day = "2026-01-01 00:00:00.000 7 ERROR nova [-] long ago " + "x" * 200 + "\n"
    with file.open("a") as stream:
        for _ in range(40):
            stream.write(day * 5000)
    machine.log("nova/nova-api.log", FORMS["oslo"].format(at(60)))
    began = time.monotonic()
    found = machine.ask()["logs"]
    assert (len(found["kinds"]), found["cut"]) == (1, [])
    assert time.monotonic() - began < 5
