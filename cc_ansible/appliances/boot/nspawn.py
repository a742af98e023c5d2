"""A root file system booted in systemd-nspawn: seconds instead of a minute, and less to see.

It shares this machine's kernel, so kernel, boot loader and disk of the image stay unseen. Its only
network is a cable to this machine, without a DHCP server and with no way out.
Source: systemd-nspawn(1).
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import secrets
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from ipaddress import IPv4Interface, IPv4Network
from pathlib import Path

from cc_ansible.appliances import foreign
from cc_ansible.appliances.boot import accel, programs, work
from cc_ansible.appliances.boot.booted import HOSTNAME, OFF_SECONDS
from cc_ansible.appliances.boot.evidence import Evidence
from cc_ansible.appliances.boot.qemu import PROBE
from cc_ansible.appliances.boot.seed import REPORT, Seed
from cc_ansible.appliances.boot.watched import Tell, Watched
from cc_ansible.errors import CcError, RunFailed
from cc_ansible.login import child, key
from cc_ansible.login.ssh import Server
from cc_ansible.runs.process import check

CONSOLE = "console.log"
CABLE = "host0"
"""What the guest calls its end of the cable."""
BLIND = {
    "console": "a container has no serial console",
    "dhcp": "a container got its address from the seed",
    "docker": "a container may not run containers here",
    "growroot": "a container has no disk",
    "kernel": "a container runs on this machine's kernel",
    "timesync": "a container has this machine's clock",
}
EMPTY = {"dev": 0o755, "proc": 0o555, "run": 0o755, "sys": 0o555, "tmp": 0o1777}
"""Directories that archives of root file systems leave out."""
RESTART = 133
"""How nspawn ends with --keep-unit when its guest wants to be started again (its source, 252)."""


class InContainer(Watched):
    """The guest; it runs from :func:`booted`."""

    how = "systemd-nspawn"
    serial = ""

    def __init__(
        self,
        tree: Path,
        link: IPv4Interface,
        name: str,
        seed: Seed,
        server: Server,
        place: Path,
        arch: str,
        patience: float,
        say: Tell,
    ) -> None:
        super().__init__(seed, server, place, arch, patience, say)
        self.blind = BLIND
        self._tree, self._name = tree, name
        self._link, self._cable = link, f"ve-{name}"
        self.process = self._start()

    def raw_console(self) -> bytes:
        try:
            return (self.work / CONSOLE).read_bytes()
        except FileNotFoundError:
            return b""

    @property
    def probe(self) -> tuple[str, int]:
        return self.server.address, PROBE

    def look(self, said: str, waited: float, *, closely: bool) -> Evidence:
        ended = None if self.process.poll() is None else ""
        if ended is None:
            self._plug_in()
        report = self._report() if closely and ended is None else ""
        return Evidence(said, waited, report=report, ended=ended)

    def reboot(self) -> float:
        self.begin = len(self.raw_console())
        before = self.boot_id()
        with contextlib.suppress(RunFailed):
            self.run("systemctl reboot", root=True)
        try:
            if self.process.wait(OFF_SECONDS * self.patience) != RESTART:
                return self.again("after a restart")  # It is off, and that says so.
        except subprocess.TimeoutExpired:
            raise RunFailed("The booted image did not restart when it was told to.") from None
        child.end(self.process)
        self.process = self._start()
        took = self.again("after a restart")
        assert self.boot_id() != before
        return took

    def power_off(self) -> float | None:
        begun = time.monotonic()
        os.kill(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(OFF_SECONDS * self.patience)
        except subprocess.TimeoutExpired:
            return None
        return time.monotonic() - begun

    def close(self) -> None:
        """End it now."""
        self.login.close()
        leader = self._leader()
        if leader and self.process.poll() is None:
            # Its tree is thrown away, so nobody waits for it to halt.
            with contextlib.suppress(ProcessLookupError):
                os.kill(leader, signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(5)
        child.end(self.process)

    def _start(self) -> subprocess.Popen[bytes]:
        with (self.work / CONSOLE).open("ab") as log:
            argv = _arguments(self._tree, self._name)
            return child.start(argv, cwd=self.work, output=log, errors=log)

    def _plug_in(self) -> None:
        """Our end of the cable; it is a new one after each restart."""
        home = Path("/sys/class/net") / self._cable
        if not home.exists():
            return
        shown = check(["ip", "-j", "-4", "addr", "show", "dev", self._cable], ok=(0, 1))
        if str(self._link.ip) not in shown:
            check(["ip", "addr", "add", str(self._link), "dev", self._cable], ok=(0, 1, 2))
            check(["ip", "link", "set", self._cable, "up"], ok=(0, 1, 2))

    def _leader(self) -> int | None:
        """The guest's first process, as this machine sees it."""
        file = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        try:
            return int(file.read_text().split()[0])
        except (OSError, IndexError):
            return None

    def _report(self) -> str:
        leader = self._leader()
        if leader is None:
            return ""
        with contextlib.suppress(RunFailed):
            argv = ["nsenter", "-t", str(leader), "-m", "-u", "-i", "-n", "-p", "--"]
            command = ["sh", "-c", REPORT.replace('> "$port"', ""), "report", "/dev/null"]
            return check([*argv, *command], timeout=30 * self.patience, ok=range(256))
        return ""


@contextlib.contextmanager
def booted(
    root: Path,
    arch: str,
    say: Callable[[str], None],
    *,
    user: str = "cc",
    patience: float = 1.0,
) -> Iterator[InContainer]:
    """Unpack the archive of a root file system, boot it and log in; afterwards it is gone.

    Raises:
        BootFailed: nobody can log in; it says why.
        CcError: root or a program is missing, or this machine runs no programs of ``arch``.
        RunFailed: it cannot be unpacked.
    """
    require(arch, say)
    factor = patience * (2 if arch == platform.machine() else accel.patience(arch, "tcg"))
    with contextlib.ExitStack() as stack:
        place = stack.enter_context(work.directory())
        secret = stack.enter_context(key.made("cc-ansible appliance test"))
        link, address = _addresses()
        network = {"version": 2, "ethernets": {CABLE: {"addresses": [str(address)]}}}
        seed = Seed(secret.public, HOSTNAME, network)
        say("unpacking")
        tree = unpack(root, place / "root")
        seed.write(tree / "var/lib/cloud/seed/nocloud")
        name = f"cc{secrets.token_hex(4)}"
        server = Server(str(address.ip), 22, user, secret.private)
        guest = InContainer(tree, link, name, seed, server, place, arch, factor, say)
        stack.callback(guest.close)
        guest.seconds = guest.wait()
        yield guest


def require(arch: str, say: Callable[[str], None]) -> None:
    """Refuse what this machine cannot boot in a container.

    Raises:
        CcError: no root, no program for it, or programs of ``arch`` do not run here.
    """
    if os.geteuid() != 0:
        raise CcError(
            "Root is needed to boot an image in a container.",
            fix="Run the command as root, or test it in QEMU, which needs none.",
        )
    programs.ensure_nspawn(say)
    foreign.ensure(arch, say)


def unpack(archive: Path, tree: Path) -> Path:
    """Unpack an archive with owners and attributes, add the directories that it left out, and
    leave it no file systems of disks to mount.
    """
    tree.mkdir()
    check(["tar", "--numeric-owner", "--xattrs", "--xattrs-include=*", "-xpf",
           str(archive.absolute()), "-C", str(tree)])  # fmt: skip
    for name, mode in EMPTY.items():
        if not (tree / name).exists():
            (tree / name).mkdir()
            (tree / name).chmod(mode)
    with contextlib.suppress(FileNotFoundError):
        (tree / "etc/fstab").unlink()
    return tree


def _arguments(tree: Path, name: str) -> list[str]:
    return [
        "systemd-nspawn", "--quiet", "--boot", f"--directory={tree}", f"--machine={name}",
        "--settings=no", "--register=no", "--keep-unit", "--network-veth", "--link-journal=no",
        "--resolv-conf=off", "--timezone=off", "--console=read-only",
    ]  # fmt: skip


def _addresses() -> tuple[IPv4Interface, IPv4Interface]:
    """Our address and the guest's, of a pair of link-local ones that nothing here uses."""
    shown = json.loads(check(["ip", "-j", "-4", "addr"]))
    used = [
        IPv4Network(f"{each['local']}/{each['prefixlen']}", strict=False)
        for link in shown
        for each in link.get("addr_info", [])
        if "local" in each
    ]
    while True:
        # Not below 169.254.169: clouds have services there.
        start = f"169.254.{200 + secrets.randbelow(50)}.{4 * secrets.randbelow(64)}"
        network = IPv4Network(f"{start}/30")
        if not any(network.overlaps(other) for other in used if other.prefixlen > 16):
            ours, theirs = network.hosts()
            return IPv4Interface(f"{ours}/30"), IPv4Interface(f"{theirs}/30")
