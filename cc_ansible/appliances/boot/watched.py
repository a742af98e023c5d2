"""What guests have in common, however they run: waiting for a login, and commands."""

from __future__ import annotations

import socket
import time
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from cc_ansible.appliances.boot import console, evidence
from cc_ansible.appliances.boot.evidence import Evidence
from cc_ansible.appliances.boot.guest import BootFailed, Guest
from cc_ansible.appliances.boot.seed import Seed
from cc_ansible.login.ssh import Login, Outcome, Server

BOOT_SECONDS = 150.0
SETTLE_SECONDS = 15.0
"""From when a guest has done all it does at boot until we stop expecting its ssh server."""
LOGIN_SECONDS = 20.0
LAST_WORDS = 1.5
"""Seconds in which the lines after the first sign of trouble come."""
Tell = Callable[[str], None]


class Watched(Guest):
    """A guest with an ssh server; all seconds above are of a machine of its own."""

    blind: Mapping[str, str] = {}

    def __init__(
        self, seed: Seed, server: Server, work: Path, arch: str, patience: float, say: Tell
    ) -> None:
        self.user, self.hostname = server.user, seed.hostname
        self.key, self.token = seed.key, seed.token
        self.arch, self.patience, self.seconds = arch, patience, 0.0
        self.since = time.time()
        self.work = work
        self.server = server
        self.login = Login(server, work)
        self.begin = 0
        """Where in its console the present boot begins."""
        self._say = say

    @abstractmethod
    def raw_console(self) -> bytes:
        """Its console as it is."""

    @abstractmethod
    def look(self, said: str, waited: float, *, closely: bool) -> Evidence:
        """What can be seen of it; ``closely`` also what takes a moment to find out."""

    @property
    @abstractmethod
    def probe(self) -> tuple[str, int]:
        """Address and port through which its probed port is reached."""

    @property
    def console(self) -> str:
        return console.text(self.raw_console())

    def run(self, command: str, *, root: bool = False, timeout: float = 60) -> Outcome:
        return self.login.run(command, root=root, timeout=timeout * self.patience)

    def methods(self) -> list[str]:
        return self.login.methods(30 * self.patience)

    def answers(self) -> bool:
        # Forwarding connects before the guest does, so only what comes through counts.
        seconds = 1 + 0.5 * self.patience
        try:
            with socket.create_connection(self.probe, seconds) as tcp:
                tcp.settimeout(seconds)
                tcp.sendall(b"GET / HTTP/1.0\r\n\r\n")
                return bool(tcp.recv(1))
        except OSError:
            return False

    def wait(self) -> float:
        """Until one can log in; returns the seconds.

        Raises:
            BootFailed: this will not be.
        """
        begun = time.monotonic()
        settled: float | None = None
        greeted, refusal, heard, said = False, "", begun, ""
        while True:
            waited = time.monotonic() - begun
            before, said = said, console.text(self.raw_console()[self.begin :])
            heard = heard if said == before else time.monotonic()
            silent = (time.monotonic() - heard) / self.patience
            seen = replace(self.look(said, waited, closely=False), silent=silent)
            if evidence.hopeless(seen):
                time.sleep(LAST_WORDS)
                raise self._failed(waited, greeted, refusal, silent)
            if self.server.greets():
                greeted = True
                self._say("logging in")
                refusal = self.login.connect(LOGIN_SECONDS * self.patience)
                if not refusal:
                    return time.monotonic() - begun
            if seen.booted and (seen.cloud_init_done or not seen.cloud_init_ran):
                settled = settled or waited
            late = settled is not None and waited - settled > SETTLE_SECONDS * self.patience
            if late or waited > BOOT_SECONDS * self.patience:
                raise self._failed(waited, greeted, refusal, silent)
            self._say(next(iter(console.tail(said, 1)), "starting")[:60])
            time.sleep(1)

    def again(self, how: str) -> float:
        """Log in after a restart that has been begun; what its console said before counts no more.

        Raises:
            BootFailed: it does not come up again.
        """
        self.login.close()
        try:
            return self.wait()
        except BootFailed as failed:
            raise BootFailed("reboot", failed.trouble, f"{self.how}, {how}") from None

    def _failed(self, waited: float, greeted: bool, refusal: str, silent: float) -> BootFailed:
        said = console.text(self.raw_console()[self.begin :])
        seen = self.look(said, waited, closely=True)
        seen = replace(seen, greeted=greeted, refusal=refusal, silent=silent)
        return BootFailed(*evidence.explain(seen), self.how)

    def boot_id(self) -> str:
        """What the kernel drew at its last start."""
        return self.run("cat /proc/sys/kernel/random/boot_id").out.strip()
