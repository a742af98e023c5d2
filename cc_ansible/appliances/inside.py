"""Runs a command where nothing of it can stay: mounts and processes of its own.

The kernel removes the mounts and ends every process of a namespace with its first process, so that
even kill -9 leaves neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cc_ansible.engine import packages

_SCRIPT = """
set -e
if [ "$1" != 0 ]; then mount -t tmpfs -o mode=0755,size="$1" tmpfs "$2"; fi
shift 2
"$@"
"""
"""The shell stays: the first process of a namespace does not get the signals that end others."""


def command(argv: Sequence[str], work: Path, memory: int, purpose: str) -> list[str]:
    """What runs ``argv`` so, as root. ``work`` is a directory of ``memory`` bytes of RAM in there.

    With ``memory`` 0 it stays on disk.

    :raises CcError: neither root nor a sudo that works without a password.
    """
    return [
        *packages.as_root(purpose),
        "setpriv",
        "--pdeathsig",
        "KILL",
        "unshare",
        "--mount",
        "--propagation",
        "private",
        "--pid",
        "--fork",
        "--kill-child",
        "--mount-proc",
        "sh",
        "-c",
        _SCRIPT,
        "sh",
        str(memory),
        str(work),
        *argv,
    ]
