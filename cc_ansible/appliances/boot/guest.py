"""A booted image, however it was booted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from cc_ansible.errors import RunFailed
from cc_ansible.login.ssh import Outcome
from cc_ansible.verify.check import Trouble


class BootFailed(RunFailed):
    """An image did not get as far as a login. ``check`` is the ready check that this fails."""

    def __init__(self, check: str, trouble: Trouble, how: str) -> None:
        detail = "\n".join([trouble.cause, *trouble.log])
        super().__init__(f"{trouble.seen} ({how}).", detail=detail, fix=trouble.fix)
        self.check = check
        self.trouble = trouble


class Guest(Protocol):
    """What checks ask.

    Attributes:
        how: how it was booted, in words.
        arch: of its processors.
        serial: what Linux calls its serial console.
        user: who logs in.
        hostname: what it was told to be called.
        key: the line of the key that logs in.
        token: what the seed wrote to ``seed.TOKEN``.
        patience: how much longer things take here than on a machine of one's own.
        since: when it was switched on, in seconds since 1970; its clock was set by then.
        seconds: from then to a login.
        blind: ready checks that cannot be asked of it, and why.
    """

    how: str
    arch: str
    serial: str
    user: str
    hostname: str
    key: str
    token: str
    patience: float
    since: float
    seconds: float
    blind: Mapping[str, str]

    def run(self, command: str, *, root: bool = False, timeout: float = 60) -> Outcome:
        """Run a shell command as the user, or as root. ``timeout`` in seconds, before patience."""
        ...

    @property
    def console(self) -> str:
        """All that its console has said, without escape sequences."""
        ...

    def methods(self) -> list[str]:
        """The ways of logging in that its ssh server offers to who has no key."""
        ...

    def answers(self) -> bool:
        """Whether a connection to its port ``qemu.PROBE`` comes about."""
        ...

    def reboot(self) -> float:
        """Restart it and log in again; returns the seconds. Raises BootFailed."""
        ...

    def power_off(self) -> float | None:
        """Press its power button: seconds until it was off, None where it did not react."""
        ...
