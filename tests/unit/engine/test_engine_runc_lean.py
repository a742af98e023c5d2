"""The lean runtime in front of a fake runc that keeps what it is given."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cc_ansible.engine.docker import RUNTIME

CAPABILITIES = ["CAP_CHOWN", "CAP_SYS_RESOURCE", "CAP_SYS_ADMIN"]
WITHHELD, HELD = "CapBnd:\t000001fffeffffff\n", "CapBnd:\t000001ffffffffff\n"
FAKE = '#!/bin/sh\nprintf "%s\\n" "$@" >"$(dirname "$0")/arguments"\nexit 7\n'


class Machine:
    """The runtime with its two outside paths moved into a directory."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.status = home / "status"
        self.status.write_text(f"Name:\trunc-lean\n{WITHHELD}CapAmb:\t0\n")
        runc = home / "runc"
        runc.write_text(FAKE)
        runc.chmod(0o755)
        text = RUNTIME.read_text()
        for path, place in (('"/usr/bin/runc"', runc), ('"/proc/self/status"', self.status)):
            assert path in text
            text = text.replace(path, f'"{place}"')
        (home / "runc-lean").write_text(text)
        self.spec = home / "bundle" / "config.json"
        self.spec.parent.mkdir()

    def run(self, *words: str, cwd: Path | None = None) -> int:
        command = [sys.executable, "-S", str(self.home / "runc-lean"), *words]
        return subprocess.run(command, check=False, cwd=cwd).returncode

    def arguments(self) -> list[str]:
        return (self.home / "arguments").read_text().splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def process() -> dict[str, Any]:
    ceiling = resource.getrlimit(resource.RLIMIT_CORE)[1]
    limit = 2**62 if ceiling == resource.RLIM_INFINITY else ceiling + 1
    return {
        "args": ["/sbin/init"],
        "capabilities": {"bounding": list(CAPABILITIES), "effective": list(CAPABILITIES)},
        "rlimits": [
            {"type": "RLIMIT_NOFILE", "soft": 2**40, "hard": 2**40},
            {"type": "RLIMIT_CORE", "soft": 0, "hard": limit},
        ],
        "oomScoreAdj": -500,
    }


def expect_slim(slim: dict[str, Any]) -> None:
    assert slim["args"] == ["/sbin/init"]
    assert slim["capabilities"] == {
        "bounding": ["CAP_CHOWN", "CAP_SYS_ADMIN"],
        "effective": ["CAP_CHOWN", "CAP_SYS_ADMIN"],
    }
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    assert slim["rlimits"][0] == {"type": "RLIMIT_NOFILE", "soft": files, "hard": files}
    assert slim["rlimits"][1]["soft"] == 0
    assert slim["oomScoreAdj"] == 0


@pytest.mark.parametrize(
    "words",
    [
        ["create", "--bundle", "BUNDLE", "--pid-file", "p", "id"],
        ["--root", "/r", "create", "--bundle=BUNDLE", "id"],
        ["run", "-b", "BUNDLE", "id"],
    ],
)
def test_a_new_container_asks_only_for_what_can_be_given(
    words: list[str], machine: Machine
) -> None:
    machine.spec.write_text(json.dumps({"hostname": "h", "process": process()}))
    words = [word.replace("BUNDLE", str(machine.spec.parent)) for word in words]
    assert machine.run(*words) == 7
    spec = json.loads(machine.spec.read_text())
    expect_slim(spec["process"])
    assert spec["hostname"] == "h"
    assert machine.arguments() == words


def test_the_bundle_is_the_working_directory_by_default(machine: Machine) -> None:
    machine.spec.write_text(json.dumps({"process": process()}))
    machine.run("create", "id", cwd=machine.spec.parent)
    expect_slim(json.loads(machine.spec.read_text())["process"])


def test_a_command_in_a_container_asks_only_for_what_can_be_given(machine: Machine) -> None:
    machine.spec.write_text(json.dumps(process()))
    assert machine.run("exec", "--process", str(machine.spec), "id") == 7
    expect_slim(json.loads(machine.spec.read_text()))


def test_limits_within_the_machines_own_are_kept(machine: Machine) -> None:
    wanted = {**process(), "rlimits": [{"type": "RLIMIT_NOFILE", "soft": 10, "hard": 20}]}
    machine.spec.write_text(json.dumps(wanted))
    machine.run("exec", "-p", str(machine.spec), "id")
    slim = json.loads(machine.spec.read_text())
    assert slim["rlimits"] == [{"type": "RLIMIT_NOFILE", "soft": 10, "hard": 20}]


@pytest.mark.parametrize("bare", [{}, {"capabilities": None, "rlimits": None}])
def test_a_spec_without_wishes_passes(bare: dict[str, Any], machine: Machine) -> None:
    machine.spec.write_text(json.dumps({"process": bare}))
    assert machine.run("create", "-b", str(machine.spec.parent), "id") == 7


@pytest.mark.parametrize(
    "words", [["delete", "--force", "id"], ["exec", "id", "ls"], ["--version"]]
)
def test_other_commands_reach_runc_as_they_are(words: list[str], machine: Machine) -> None:
    assert machine.run(*words) == 7
    assert machine.arguments() == words


def test_a_machine_that_gives_everything_changes_nothing(machine: Machine) -> None:
    machine.status.write_text(HELD)
    before = json.dumps({"process": process()})
    machine.spec.write_text(before)
    assert machine.run("create", "-b", str(machine.spec.parent), "id") == 7
    assert machine.spec.read_text() == before
