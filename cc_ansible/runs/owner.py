"""Which process, on which machine: told apart from a later one that got the same pid."""

from __future__ import annotations

import getpass
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

State = Literal["alive", "dead", "elsewhere"]


@dataclass(frozen=True)
class Owner:
    """A process. ``start`` is in clock ticks since boot, ``boot`` the kernel's boot id."""

    host: str
    pid: int
    start: int | None
    boot: str
    user: str

    def state(self) -> State:
        """Say whether it still runs, or that only its own host can tell."""
        if self.host != socket.gethostname():
            return "elsewhere"
        if self.boot != boot_id():
            return "dead"
        return "alive" if runs(self.pid, self.start) else "dead"

    @classmethod
    def load(cls, data: dict[str, Any]) -> Owner:
        """Read an owner from its JSON form. Raises KeyError, TypeError or ValueError."""
        start = data["start"]
        return cls(
            host=str(data["host"]),
            pid=int(data["pid"]),
            start=None if start is None else int(start),
            boot=str(data["boot"]),
            user=str(data["user"]),
        )


def here() -> Owner:
    """Return the owner that is this very process."""
    pid = os.getpid()
    return Owner(socket.gethostname(), pid, start_time(pid), boot_id(), user_name())


def user_name() -> str:
    """Return who runs this process, through sudo the person behind it."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = str(os.getuid())
    behind = os.environ.get("SUDO_USER")
    return f"{behind} (as {name})" if behind and behind != name else name


def boot_id() -> str:
    """Return the id the kernel drew at boot, "" where there is none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def start_time(pid: int) -> int | None:
    """Return when a process began, in clock ticks since boot; None if it is gone or a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return None
    # The command name in parentheses may itself hold spaces and parentheses.
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else int(fields[19])


def runs(pid: int, start: int | None) -> bool:
    """Say whether the process with this pid is still the one that began at ``start``."""
    now = start_time(pid)
    if now is not None:
        return start is None or now == start
    if Path(f"/proc/{pid}").exists():
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True  # /proc is mounted with hidepid: it exists, more we cannot see.
    except (ProcessLookupError, OverflowError):
        return False
    return start_time(pid) is not None
