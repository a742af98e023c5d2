"""A state directory, real child processes, and real playbooks on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cc_ansible.paths import PROJECT, VENV_BIN

PLAYBOOK = str(VENV_BIN / "ansible-playbook")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def script(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start Python code as a process of its own; what it starts is ended with the test."""
    started: list[subprocess.Popen[str]] = []

    def start(code: str, *args: str, **env: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", code, *args],
            cwd=PROJECT,
            env={**os.environ, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def play(tmp_path: Path) -> Callable[[str], list[str]]:
    """Write a playbook for localhost and return the command that runs it."""

    def write(tasks: str, *options: str) -> list[str]:
        path = tmp_path / "play.yml"
        path.write_text(
            "- name: here\n  hosts: localhost\n  gather_facts: false\n"
            "  vars: {ansible_python_interpreter: '{{ ansible_playbook_python }}'}\n" + tasks
        )
        return [PLAYBOOK, "-i", "localhost,", "-c", "local", *options, str(path)]

    return write


def wait_for(condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait until something is the case."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def gone(pid: int) -> bool:
    """Say whether a process has ended (a zombie has)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True
