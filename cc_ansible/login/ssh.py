"""The ssh program: one connection that every command on a machine uses."""

from __future__ import annotations

import contextlib
import shlex
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from cc_ansible.errors import RunFailed
from cc_ansible.login import child

MUX, HOSTS, LOG = "ssh", "known_hosts", "ssh.log"
"""In the work directory; relative, because the path of a socket must be short."""
TIMED_OUT = 124


@dataclass(frozen=True)
class Outcome:
    """How a command on a guest ended."""

    code: int
    out: str
    err: str

    @property
    def ok(self) -> bool:
        return self.code == 0

    @property
    def said(self) -> str:
        """What it wrote last, for a message."""
        lines = [line for line in (self.err.strip() or self.out.strip()).splitlines() if line]
        return lines[-1] if lines else f"exit code {self.code}"


@dataclass(frozen=True)
class Server:
    """Where an ssh server is, and who logs in with which private key."""

    address: str
    port: int
    user: str
    key: str

    def greets(self, seconds: float = 3.0) -> bool:
        """Whether it says that it is an ssh server."""
        try:
            with socket.create_connection((self.address, self.port), seconds) as tcp:
                tcp.settimeout(seconds)
                return tcp.recv(4) == b"SSH-"
        except OSError:
            return False


class Login:
    """A connection, kept by an ssh that ends with us."""

    def __init__(self, server: Server, work: Path) -> None:
        self.server = server
        self._work = work
        self._master: subprocess.Popen[bytes] | None = None

    def connect(self, seconds: float) -> str:
        """Log in; returns why not, or "". What is not done in time is a reason too."""
        self.close()
        deadline = time.monotonic() + seconds
        with (self._work / LOG).open("wb") as log:
            argv = ["ssh", *self._options(), "-M", "-N", self._who]
            self._master = child.start(argv, cwd=self._work, output=log, errors=log)
        while time.monotonic() < deadline:
            if self._master.poll() is not None:
                break
            # The socket is there once it has logged in.
            if (self._work / MUX).exists():
                return ""
            time.sleep(0.1)
        lines = (self._work / LOG).read_text(errors="replace").strip().splitlines()
        self.close()
        return lines[-1] if lines else f"no login within {seconds:.0f} s"

    def run(self, command: str, *, root: bool, timeout: float) -> Outcome:
        """Run a shell command; one that takes longer than ``timeout`` seconds is left alone.

        Raises:
            RunFailed: the connection is lost.
        """
        if root:
            command = f"sudo -n sh -c {shlex.quote(command)}"
        argv = ["ssh", *self._options(), "-n", self._who, "--", command]
        try:
            done = subprocess.run(
                argv, cwd=self._work, capture_output=True, timeout=timeout, check=False
            )
        except subprocess.TimeoutExpired as late:
            said = (late.stdout or b"").decode(errors="replace")
            return Outcome(TIMED_OUT, said, f"it did not end within {timeout:.0f} s")
        if done.returncode == 255 and not self.alive:
            raise RunFailed(
                f"The connection to {self._who} was lost.",
                detail=done.stderr.decode(errors="replace").strip(),
            )
        out, err = (each.decode(errors="replace") for each in (done.stdout, done.stderr))
        return Outcome(done.returncode, out, err)

    def methods(self, timeout: float) -> list[str]:
        """What the server offers to who has no key: ``publickey``, ``password``, ..."""
        argv = ["ssh", *self._options(mux=False), "-n",
                "-o", "PreferredAuthentications=none", self._who]  # fmt: skip
        done = subprocess.run(
            argv, cwd=self._work, capture_output=True, text=True, timeout=timeout, check=False
        )
        _, _, offered = done.stderr.strip().rpartition("(")
        return offered.rstrip(").").split(",") if offered else []

    @property
    def alive(self) -> bool:
        return self._master is not None and self._master.poll() is None

    def close(self) -> None:
        """End the connection."""
        if self._master:
            child.end(self._master)
            self._master = None
        with contextlib.suppress(OSError):
            (self._work / MUX).unlink()

    @property
    def _who(self) -> str:
        return f"{self.server.user}@{self.server.address}"

    def _options(self, *, mux: bool = True) -> list[str]:
        options = {
            "BatchMode": "yes",
            "ConnectTimeout": "30",
            "IdentitiesOnly": "yes",
            "IdentityAgent": "none",
            "LogLevel": "ERROR",
            "StrictHostKeyChecking": "accept-new",
            "UserKnownHostsFile": HOSTS,
            "GlobalKnownHostsFile": "/dev/null",
            "UpdateHostKeys": "no",
            "ServerAliveInterval": "30",
            "ServerAliveCountMax": "10",
            "ControlPath": MUX if mux else "none",
        }
        flags = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        return ["-F", "none", "-i", self.server.key, "-p", str(self.server.port), *flags]
