"""Programs that run beside us while an image is up, and end with us whatever happens."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from cc_ansible.runs import process

Stream = IO[bytes] | int | None


def start(
    argv: Sequence[str],
    *,
    cwd: Path,
    output: Stream = subprocess.DEVNULL,
    errors: Stream = subprocess.DEVNULL,
    given: Stream = subprocess.DEVNULL,
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own; the kernel ends it when this thread dies.

    Raises:
        RunFailed: there is no such program.
    """
    process.find_program(argv, os.environ, cwd)
    script = str(Path(process.__file__).with_name("_child.py"))
    return subprocess.Popen(
        [sys.executable, "-I", "-S", script, str(os.getpid()), *argv],
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        stdin=given,
        stdout=output,
        stderr=errors,
        start_new_session=True,
    )


def end(started: subprocess.Popen[bytes], grace: float = 5.0) -> None:
    """End its whole group: SIGTERM, and after ``grace`` seconds SIGKILL."""
    if started.poll() is None:
        _signal(started, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            started.wait(grace)
    _signal(started, signal.SIGKILL)
    started.wait()
    for pipe in (started.stdin, started.stdout, started.stderr):
        if pipe:
            with contextlib.suppress(OSError):
                pipe.close()


def _signal(started: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(started.pid, number)
