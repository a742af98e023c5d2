"""Completion in three shells: the script, and what it asks of the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cc_ansible.cli.main import main


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        ("bash", "complete -o nosort -F _cc_ansible_completion cc-ansible"),
        ("zsh", "#compdef cc-ansible"),
        ("fish", "complete --no-files --command cc-ansible"),
    ],
)
def test_each_shell_gets_its_script(
    shell: str, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert line in script
    assert f"_CC_ANSIBLE_COMPLETE={shell}_complete" in script


def test_bash_accepts_the_script(capsys: pytest.CaptureFixture[str]) -> None:
    main(["completion", "bash"])
    script = capsys.readouterr().out
    done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("cc-ansible rec", {"reconfigure"}),
        ("cc-ansible lab st", {"status"}),
        ("cc-ansible completion ", {"bash", "zsh", "fish"}),
    ],
)
def test_bash_completes_commands_and_their_choices(
    words: str, expected: set[str], tmp_path: Path
) -> None:
    asked = {
        "_CC_ANSIBLE_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
    }
    done = subprocess.run(
        [sys.executable, "-m", "cc_ansible"],
        env={**os.environ, **asked},
        capture_output=True,
        text=True,
        check=True,
    )
    assert {line.removeprefix("plain,") for line in done.stdout.split()} == expected
