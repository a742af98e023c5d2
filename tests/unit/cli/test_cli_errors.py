"""How the command line says no: exit codes and texts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from cc_ansible import errors, paths
from cc_ansible.cli import completion
from cc_ansible.cli.main import main
from cc_ansible.errors import CcError, Exit, Origin

Failing = Callable[[BaseException], int]


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch, state_home: Path) -> Failing:
    """Run a command that raises; returns the exit code."""

    def run(error: BaseException) -> int:
        @click.command()
        def command() -> None:
            raise error

        monkeypatch.setattr(completion, "completion", command)
        return main(["completion"])

    return run


def test_an_unknown_command_names_the_nearest_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reconfigur"]) == Exit.USAGE
    assert "Did you mean reconfigure?" in capsys.readouterr().err


def test_a_word_like_no_command_gets_no_guess(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["qqqqqq"]) == Exit.USAGE
    text = capsys.readouterr().err
    assert "No such command 'qqqqqq'" in text
    assert "Did you mean" not in text


@pytest.mark.parametrize(
    "words",
    [
        ["runs", "--frobnicate"],
        ["completion", "tcsh"],
        ["lab", "frobnicate"],
        ["encrypt_file"],
        ["encrypt_file", "no-such-file"],
        ["-s"],
    ],
)
def test_wrong_usage_exits_2_and_prints_to_stderr_only(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == Exit.USAGE
    out, err = capsys.readouterr()
    assert "Error: " in err
    assert out == ""


def test_no_site_exits_3_and_says_how_to_make_one(
    tmp_path: Path,
    state_home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(paths, "PROJECT", tmp_path)
    assert main(["runs"]) == Exit.SITE_INVALID
    text = capsys.readouterr().err
    assert text.startswith("error: No site config was named.\n")
    assert "cc-ansible init DIR" in text


@pytest.mark.parametrize("action", ["deploy", "mariadb_backup"])
def test_an_action_without_its_site_exits_3(
    action: str, tmp_path: Path, state_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([action, "-s", str(tmp_path / "gone")]) == Exit.SITE_INVALID
    assert f"{tmp_path / 'gone'} is not a directory" in capsys.readouterr().err
    assert not state_home.exists()


def test_an_error_shows_place_detail_and_fix(
    failing: Failing, capsys: pytest.CaptureFixture[str]
) -> None:
    error = CcError(
        "it is broken",
        detail="first line\nsecond line",
        fix="mend it",
        origin=Origin(Path("/site/defaults.yml"), 3, 7),
    )
    assert failing(error) == Exit.UNEXPECTED
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        "error: it is broken\n"
        "  at /site/defaults.yml:3:7\n"
        "  first line\n"
        "  second line\n"
        "  fix: mend it\n"
    )


def test_an_error_without_particulars_is_one_line(
    failing: Failing, capsys: pytest.CaptureFixture[str]
) -> None:
    failing(CcError("it is broken"))
    assert capsys.readouterr().err == "error: it is broken\n"


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.UsageError, 2),
        (errors.SiteInvalid, 3),
        (errors.Locked, 4),
        (errors.RunFailed, 5),
        (errors.VerifyFailed, 7),
        (errors.Interrupted, 130),
    ],
)
def test_each_kind_of_error_has_its_own_exit_code(
    kind: type[CcError], code: int, failing: Failing
) -> None:
    assert failing(kind("no")) == code


def test_a_defect_is_told_in_two_lines_and_without_a_traceback(
    failing: Failing, capsys: pytest.CaptureFixture[str]
) -> None:
    assert failing(ZeroDivisionError("division by zero")) == Exit.UNEXPECTED
    text = capsys.readouterr().err
    assert text.startswith("error: unexpected ZeroDivisionError: division by zero\n")
    assert "CC_ANSIBLE_DEBUG=1" in text
    assert "Traceback" not in text


def test_a_developer_gets_the_traceback_of_a_defect(
    failing: Failing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CC_ANSIBLE_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        failing(ZeroDivisionError())


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_an_interrupted_command_exits_130(
    error: BaseException, failing: Failing, capsys: pytest.CaptureFixture[str]
) -> None:
    assert failing(error) == Exit.INTERRUPTED
    assert capsys.readouterr().err.split() == ["interrupted"]


@pytest.fixture
def waiting(site_dir: Path) -> Iterator[subprocess.Popen[str]]:
    """A real cc-ansible that waits for the site's vault password."""
    password = site_dir / "vault_password"
    password.write_text(f"#!/bin/sh\ntouch {site_dir}/asked\nexec sleep 20\n")
    password.chmod(0o700)
    (site_dir / "passwords.yml").write_text("$ANSIBLE_VAULT;1.1;AES256\n00\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "cc_ansible", "-s", str(site_dir), "view_passwords"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def test_ctrl_c_ends_a_real_command_with_130(
    waiting: subprocess.Popen[str], site_dir: Path, wait_until: Callable[..., None]
) -> None:
    wait_until((site_dir / "asked").exists)
    os.killpg(waiting.pid, signal.SIGINT)
    out, err = waiting.communicate(timeout=10)
    assert waiting.returncode == Exit.INTERRUPTED
    assert out == ""
    assert err.split() == ["interrupted"]
