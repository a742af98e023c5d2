"""What checks judge by: what was to be built, and the guest that it became."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cc_ansible.verify.check import LINES, Failed, Trouble

if TYPE_CHECKING:
    from cc_ansible.appliances.boot.guest import Guest
    from cc_ansible.site.model.images import Check


@dataclass(frozen=True)
class Subject:
    """An image as it was to be.

    Attributes:
        title: name and architecture, as messages have it.
        version: what /etc/cc-manifest.json says; "" where it does not matter.
        packages: names and versions that the build wrote down; None where it did not.
        tests: names of ready checks, and checks of its own.
    """

    title: str
    name: str
    arch: str
    tests: Sequence[str | Check]
    version: str = ""
    distro: str = ""
    release: str = ""
    packages: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Look:
    """The argument of every check."""

    guest: Guest
    subject: Subject

    def ask(self, command: str, *, root: bool = False, timeout: float = 60) -> str:
        """What a command says. Raises Failed when it fails: it is one that every image has."""
        done = self.guest.run(command, root=root, timeout=timeout)
        if not done.ok:
            said = (*done.out.splitlines(), *done.err.splitlines())[-LINES:]
            raise failed(f"`{command}` failed: {done.said}", "", "", *said)
        return done.out.strip()

    def tries(self, command: str, *, root: bool = False, timeout: float = 60) -> str:
        """What a command says; "" when it fails."""
        done = self.guest.run(command, root=root, timeout=timeout)
        return done.out.strip() if done.ok else ""


def failed(seen: str, cause: str, fix: str, *log: str) -> Failed:
    """The answer no."""
    return Failed(Trouble(seen, cause, fix, tuple(log)))
