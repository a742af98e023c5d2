"""What `verify` refuses before anything is asked or made."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cc_ansible.cli.app import App
from cc_ansible.cli.verify import verify
from cc_ansible.errors import UsageError
from cc_ansible.verify import run
from cc_ansible.verify.result import Level, Status
from cc_ansible.verify.result import Result as Checked
from cc_ansible.verify.run import Verification

PASSED = Checked("Galera", Level.QUICK, Status.PASSED, "3 members, synced", 1.2)
MACHINE = ["--level", "full", "--image", "CC-Debian13", "--node-type", "compute_skylake"]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Level]:
    levels: list[Level] = []

    def do(site: Any, subject: Any, level: Level, *rest: Any) -> Verification:
        levels.append(level)
        return Verification(level, [PASSED], 1.0)

    monkeypatch.setattr(run, "verify", do)
    return levels


@pytest.fixture
def command(site_dir: Path, asked: list[Level]):  # type: ignore[no-untyped-def]
    def ran(*words: str) -> Result:
        return CliRunner().invoke(verify, list(words), obj=App(str(site_dir)))

    return ran


@pytest.mark.parametrize("words", [["--level", "full"], MACHINE[:4], [*MACHINE[:2], *MACHINE[4:]]])
def test_a_real_site_must_say_on_what_machine(  # type: ignore[no-untyped-def]
    words: list[str], command, asked: list[Level]
) -> None:
    error = command(*words).exception
    assert isinstance(error, UsageError)
    assert "--node-type" in error.fix and asked == []


def test_no_machine_is_needed_where_none_is_used(  # type: ignore[no-untyped-def]
    command, asked: list[Level], site_dir: Path
) -> None:
    assert command("--level", "full", "--only", "leftovers*").exit_code == 0
    with (site_dir / "defaults.yml").open("a") as file:
        file.write("enable_blazar: false\n")
    assert command("--level", "full").exit_code == 0
    assert asked == [Level.FULL, Level.FULL]


def test_a_step_that_does_not_exist_is_told_before_the_experiment(  # type: ignore[no-untyped-def]
    command, asked: list[Level]
) -> None:
    error = command(*MACHINE, "--only", "experiment: leese*").exception
    assert isinstance(error, UsageError)
    assert "experiment: lease active" in error.detail and asked == []
    assert command(*MACHINE, "--only", "experiment: lease*").exit_code == 0


@pytest.mark.parametrize(
    "words", [MACHINE, ["--level", "full", "--image", "x", "--node", "c1", "--login", "cc"]]
)
def test_isolation_needs_logins_and_two_nodes(  # type: ignore[no-untyped-def]
    words: list[str], command, asked: list[Level]
) -> None:
    error = command(*words, "--isolation").exception
    assert isinstance(error, UsageError) and "--login" in error.fix
    assert asked == []
    assert (
        command(*words, "--isolation", "--login", "cc", "--node", "c2", "--node", "c3").exit_code
        == 0
    )


def test_a_junit_file_that_cannot_be_written_is_told_before(  # type: ignore[no-untyped-def]
    command, asked: list[Level], tmp_path: Path
) -> None:
    error = command("--junit", str(tmp_path / "no" / "verify.xml")).exception
    assert isinstance(error, UsageError)
    assert "there is no directory" in error.detail and asked == []


def test_results_are_shown_though_the_junit_file_fails_in_the_end(  # type: ignore[no-untyped-def]
    command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "verify.xml"
    monkeypatch.setattr(os, "access", lambda *_: True)
    file.symlink_to(file)
    result = command("--junit", str(file))
    assert "Galera" in result.output
    assert isinstance(result.exception, UsageError)
