"""The module that looks at hosts, where the host does not answer in full."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from test_verify_module_logs import at
from this_machine import MODULES, UTILS, Machine, inspected

from cc_ansible.paths import PROJECT
from cc_ansible.verify import allow

sys.path.append(str(UTILS))


def engine(machine: Machine, script: str) -> None:
    """Let the engine be a shell script; WAS is what it was before."""
    program = machine.home / "bin" / "podman"
    before = program.with_name("before")
    program.rename(before)
    program.write_text(f"#!/bin/sh\nWAS={before}\n{script}\n")
    program.chmod(0o755)


def test_a_container_that_vanishes_meanwhile_does_not_silence_the_engine(machine: Machine) -> None:
    gone = 'echo "Error: no such object: 0a1b" >&2; exit 125'
    engine(machine, f'$WAS "$@" || exit; [ "$1" = inspect ] && {{ {gone}; }}; exit 0')
    found = machine.ask()["engine"]
    assert found["state"] == "running"
    assert [each["name"] for each in found["containers"]] == ["nova_api"]


def test_an_engine_that_describes_nothing_is_silent(machine: Machine) -> None:
    dead = "echo []; echo Cannot connect to the daemon >&2; exit 1"
    engine(machine, f'[ "$1" = ps ] && exec $WAS "$@"; {dead}')
    assert machine.ask()["engine"] == {
        "state": "silent",
        "problem": "Cannot connect to the daemon",
    }


def test_a_log_that_hangs_costs_its_own_lines_only(machine: Machine) -> None:
    machine.containers = [
        inspected("nova_api", Status="exited"),
        inspected("heat_api", Status="exited"),
    ]
    hangs = '[ "$1 $4" = "logs nova_api" ] && exec sleep 60'
    engine(machine, f'{hangs}; exec $WAS "$@"')
    found = {each["name"]: each["log"] for each in machine.ask()["engine"]["containers"]}
    assert found["nova_api"] == []
    assert found["heat_api"][-1] == "ValueError: in heat_api"


def test_haproxy_is_not_asked_while_the_engine_is_silent(machine: Machine) -> None:
    engine(machine, "echo no >&2; exit 1")
    assert "haproxy" not in machine.ask(haproxy="haproxy")


def test_directories_of_the_host_in_which_services_have_data_are_measured(
    machine: Machine,
) -> None:
    def bind(source: str, inside: str, **more: Any) -> dict[str, Any]:
        return {"Type": "bind", "Source": source, "Destination": inside, "RW": True, **more}

    machine.containers[0]["Mounts"] = [
        bind("/srv/glance", "/var/lib/glance/"),
        bind("/etc/kolla/nova-api/", "/var/lib/kolla/config_files/", RW=False),
        bind("/lib/modules", "/lib/modules", RW=False),
        bind("/run", "/run"),
    ]
    found = machine.ask()
    assert found["engine"]["binds"] == ["/srv/glance"]
    assert found["disks"]["/"]["total"] > 0


def test_a_disk_that_cannot_be_asked_says_why_beside_the_others(tmp_path: Path) -> None:
    code = """
import os, cc_service_health as module
real = os.statvfs
def broken(path):
    if str(path).startswith("/proc"):
        raise OSError(5, "Input/output error")
    return real(path)
os.statvfs = broken
found = module.disks(["/", "/proc"])
print(sorted(found), "total" in found["/"], found["/proc"]["problem"])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": f"{MODULES}:{UTILS}"},
    )  # fmt: skip
    assert done.stdout.strip() == "['/', '/proc'] True OSError: [Errno 5] Input/output error"


# --- logs ----------------------------------------------------------------------------------------


def test_a_directory_that_is_not_there_is_not_no_errors(machine: Machine) -> None:
    found = machine.ask(logs="/no/such/directory")["logs"]
    assert found == {"problem": "there is no directory /no/such/directory"}


def test_a_log_that_cannot_be_read_is_named(machine: Machine) -> None:
    machine.log("nova/nova-api.log", f"{at(5)}.1 7 ERROR nova [-] boom")
    link = machine.logs / "nova" / "loop.log"
    link.symlink_to(link)
    found = machine.ask()["logs"]
    (named,) = found["unreadable"]
    assert named.startswith(f"{link}: ") and len(found["kinds"]) == 1


def test_harmless_lines_of_many_kinds_do_not_hide_an_error(machine: Machine) -> None:
    words = [f"{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(120)]
    machine.log("nova/nova-api.log", f"{at(300)}.1 7 ERROR nova [-] a real one")
    machine.log(
        "nova/nova-conductor.log",
        *(f"{at(60)}.1 7 ERROR nova [-] Failed to schedule {each}: NoValidHost" for each in words),
    )
    texts = [kind["text"] for kind in machine.ask()["logs"]["kinds"]]
    assert any("a real one" in text for text in texts)


def test_how_many_kinds_of_lines_were_left_out_is_told(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    import cc_log_lines

    monkeypatch.setattr(cc_log_lines, "KINDS", 2)
    lines = [f"{at(60 - n)}.1 7 ERROR nova [-] boom {'x' * n}" for n in range(5)]
    machine.log("nova/nova-api.log", *lines)
    found = cc_log_lines.troubles(str(machine.logs), 0)
    assert (len(found["kinds"]), found["more"]) == (2, 3)


# As oslo.log writes what Blazar's manager logs of leases that it refuses.
REFUSED = """\
{0} 7 ERROR blazar.manager.service [None req-1 - - - -] Failed to create reservation for a lease. \
Rollback the lease and associated reservations: \
blazar.manager.exceptions.NotEnoughHostsAvailable: Not enough hosts available
{0} 7 ERROR blazar.manager.service Traceback (most recent call last):
{0} 7 ERROR blazar.manager.service   File "/x/service.py", line 436, in create_lease
{0} 7 ERROR blazar.manager.service     self._create_reservation(reservation)
{0} 7 ERROR blazar.manager.service blazar.manager.exceptions.NotEnoughHostsAvailable: Not enough \
hosts available
{0} 7 ERROR blazar.manager.service\x20
{0} 7 ERROR oslo.messaging.rpc.server [None req-1 - - - -] Exception during message handling: \
blazar.manager.exceptions.NotEnoughHostsAvailable: Not enough hosts available
{0} 7 ERROR oslo.messaging.rpc.server Traceback (most recent call last):
{0} 7 ERROR oslo.messaging.rpc.server blazar.manager.exceptions.NotEnoughHostsAvailable: Not \
enough hosts available
{1} 7 ERROR blazar.manager.service [None req-2 - - - -] Enforcement checks failed. Lease duration \
of 5 seconds must be less than or equal to the maximum lease duration of 2 seconds.
{1} 7 ERROR oslo.messaging.rpc.server [None req-2 - - - -] Exception during message handling: \
blazar.exceptions.NotAuthorized: Lease duration of 5 seconds must be less than or equal to the \
maximum lease duration of 2 seconds.
{1} 7 ERROR oslo.messaging.rpc.server Traceback (most recent call last):
{1} 7 ERROR oslo.messaging.rpc.server blazar.exceptions.NotAuthorized: Lease duration of 5 seconds \
must be less than or equal to the maximum lease duration of 2 seconds.
{2} 7 ERROR blazar.manager.service [None req-3 - - - -] Enforcement checks failed. A lease that \
has begun can be prolonged only in the last 48 hours before its end."""
BROKEN = """\
{0} 7 ERROR blazar.manager.service [-] Failed to create reservation for a lease. Rollback the \
lease and associated reservations: oslo_db.exception.DBConnectionError: Lost connection
{1} 7 ERROR oslo.messaging.rpc.server [-] Exception during message handling: KeyError: 'x'
{2} 7 ERROR blazar.manager.service [-] Enforcement checks failed. The policy server is gone."""


@pytest.mark.parametrize(("text", "harmless"), [(REFUSED, True), (BROKEN, False)])
def test_leases_that_blazar_refuses_are_none_of_the_sites_errors(
    text: str, harmless: bool, machine: Machine
) -> None:
    stamps = [f"{at(90 - 10 * n)}.123" for n in range(3)]
    machine.log("blazar/blazar-manager.log", *text.format(*stamps).splitlines())
    entries = allow.read([PROJECT / "kolla" / allow.FILE])
    kinds = machine.ask()["logs"]["kinds"]
    assert len(kinds) >= 3
    for kind in kinds:
        known = any(entry.covers(kind["file"], kind["text"]) for entry in entries)
        assert known is harmless, kind["text"]
        assert not any(entry.covers("nova/nova-api.log", kind["text"]) for entry in entries)
