"""What everything of an experiment is called, and whether the one who made it still runs.

``cc-verify-UNTIL-MACHINE-PID-RANDOM``: until when it may take (seconds of Unix, hexadecimal), and
which process of which machine runs it. Nothing else is needed to know what may be removed.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import socket
import time
from dataclasses import dataclass
from pathlib import Path

PREFIX = "cc-verify-"
CHECK = "-check"
"""What follows such a name in names of what level standard makes, which is of no experiment."""
ALONE, OTHER_USER, SAME_USER = "-alone", "-other", "-second"
"""What follows it in names of further servers of an experiment, and of what these need."""
LEFTOVERS = "leftovers of earlier experiments"
"""The result of what was done about these."""
MARGIN = 3600.0
"""Seconds after the time of an experiment from which on it counts as abandoned."""

_FORM = re.compile(PREFIX + r"(?P<until>[0-9a-f]{8})-(?P<machine>[0-9a-f]{4})-(?P<pid>\d+)-\w{4}")


@dataclass(frozen=True)
class Name:
    """The name of an experiment, and what it says."""

    text: str
    until: float
    machine: str
    pid: int

    def abandoned(self) -> bool:
        """Whether nobody will clean up after it: its process is gone, or its time is long over."""
        if self.until + MARGIN < time.time():
            return True
        return self.machine == machine() and not Path(f"/proc/{self.pid}").exists()


def new(limit: float) -> str:
    """A name for an experiment of this process that may take ``limit`` seconds, and to clean up."""
    until = int(time.time() + 2 * limit)
    return f"{PREFIX}{until:08x}-{machine()}-{os.getpid()}-{secrets.token_hex(2)}"


def parse(text: str | None) -> Name | None:
    """The experiment that something belongs to, by its name; None when it does to none."""
    found = _parse(text or "")
    return None if found is None or _of_check(found, text or "") else found


def parse_check(text: str) -> Name | None:
    """As :func:`parse`, for what a check of level standard made."""
    found = _parse(text)
    return found if found is not None and _of_check(found, text) else None


def _of_check(found: Name, text: str) -> bool:
    return text.startswith(f"{found.text}{CHECK}")


def _parse(text: str) -> Name | None:
    found = _FORM.match(text)
    if found is None:
        return None
    return Name(found.group(), int(found["until"], 16), found["machine"], int(found["pid"]))


def machine() -> str:
    """This machine in four digits."""
    file = Path("/etc/machine-id")
    identity = file.read_text() if file.is_file() else ""
    return hashlib.sha256(f"{socket.gethostname()}{identity}".encode()).hexdigest()[:4]
