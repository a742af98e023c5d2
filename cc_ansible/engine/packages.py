"""System packages the work needs: says what and why, then installs them with apt."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Mapping

from cc_ansible.errors import CcError, RunFailed
from cc_ansible.runs.process import check

LOCK_SECONDS, LOCK_INTERVAL = 600.0, 3.0
"""How long another apt may take, and how often we look."""


def ensure(needs: Mapping[str, str], why: str, say: Callable[[str], None]) -> list[str]:
    """Install the packages whose command is missing; returns what was installed.

    ``needs`` maps a command to the Debian package that carries it.

    Raises:
        CcError: packages are missing and apt or root is not at hand.
        RunFailed: apt failed.
    """
    missing = sorted({package for command, package in needs.items() if not _has(command)})
    if not missing:
        return []
    prefix = as_root(f"install {' '.join(missing)} ({why})")
    if not shutil.which("apt-get"):
        raise CcError(
            f"these programs are missing: {', '.join(missing)}",
            detail=f"needed {why}",
            fix="install them with this system's package manager and run the command again",
        )
    say(f"installing {' '.join(missing)} ({why})")
    _apt([*prefix, "apt-get", "update", "-qq"], say)
    _apt([*prefix, "apt-get", "install", "-y", "-qq", *missing], say)
    return missing


def _apt(argv: list[str], say: Callable[[str], None]) -> None:
    """Run apt, after whoever else does (unattended upgrades take their time)."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            check(argv, env=env)
            return
        except RunFailed as failed:
            if "Could not get lock" not in failed.detail or time.monotonic() > deadline:
                raise
        say("waiting for another apt to end")
        time.sleep(LOCK_INTERVAL)


def as_root(purpose: str) -> list[str]:
    """The prefix that makes a command run as root: nothing, or sudo.

    Raises:
        CcError: neither root nor a sudo that works without a password.
    """
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        return ["sudo", "-E"]
    raise CcError(f"root is needed to {purpose}", fix="run the command as root, or install sudo")


def _has(command: str) -> bool:
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    return shutil.which(command, path=path) is not None
