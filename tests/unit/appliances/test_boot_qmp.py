"""QEMU's monitor, spoken with a small program that speaks it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cc_ansible.appliances.boot.qmp import Monitor
from cc_ansible.errors import RunFailed

SPEAKER = """
import json, sys
def say(**said):
    print(json.dumps(said), flush=True)
print(json.dumps({"QMP": {"version": {}}}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    command, given = asked["execute"], asked["arguments"]
    if command == "query-block":
        say(**{"return": [{"device": "disk", "inserted": {"image": {"virtual-size": 1000}}}]})
    elif command == "block_resize":
        say(event="BLOCK", data=given)
        say(**{"return": {}})
    elif command == "reset":
        say(event="RESET", data={"guest": True}); say(event="RESET", data={"guest": False})
        say(**{"return": {}})
    elif command == "silent":
        pass
    elif command == "quit":
        sys.exit()
    elif command == "qmp_capabilities":
        say(**{"return": {}})
    else:
        say(error={"class": "CommandNotFound", "desc": "no such command"})
"""


@contextmanager
def monitor(script: str = SPEAKER) -> Iterator[Monitor]:
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as qemu:
        speaking = Monitor(qemu)
        try:
            yield speaking
        finally:
            speaking.close()
            qemu.kill()


@pytest.fixture
def greeted() -> Iterator[Monitor]:
    with monitor() as speaking:
        speaking.greet()
        yield speaking


def test_a_drive_grows_by_what_was_asked_for(greeted: Monitor) -> None:
    greeted.resize("disk", 24)
    assert greeted.events == [{"event": "BLOCK", "data": {"device": "disk", "size": 1024}}]


def test_only_restarts_of_the_guests_own_count(greeted: Monitor) -> None:
    assert greeted.resets() == 0
    greeted.tell("reset")
    assert greeted.resets() == 1


def test_a_command_that_is_refused_says_why(greeted: Monitor) -> None:
    with pytest.raises(RunFailed, match="QEMU refused wrong") as refused:
        greeted.tell("wrong")
    assert refused.value.detail == "no such command"


def test_no_answer_and_an_end_are_told(greeted: Monitor) -> None:
    with pytest.raises(RunFailed, match="did not answer"):
        greeted.tell("silent", 0.2)
    with pytest.raises(RunFailed, match="has ended"):
        greeted.tell("quit")


def test_a_program_that_ends_at_once_does_not_greet() -> None:
    with monitor("raise SystemExit(1)") as speaking, pytest.raises(RunFailed, match="has ended"):
        speaking.greet()
