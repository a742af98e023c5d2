"""An image booted in QEMU."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from cc_ansible.appliances.boot import accel, console, programs, qemu, wire, work
from cc_ansible.appliances.boot.evidence import Evidence
from cc_ansible.appliances.boot.guest import BootFailed
from cc_ansible.appliances.boot.qemu import Machine
from cc_ansible.appliances.boot.qmp import Monitor
from cc_ansible.appliances.boot.seed import Seed
from cc_ansible.appliances.boot.watched import Tell, Watched
from cc_ansible.errors import RunFailed
from cc_ansible.login import child, key
from cc_ansible.login.ssh import Server

HOSTNAME = "cc-booted"
MORE = 1 << 30
"""Bytes by which the disk is larger than the image, so that there is something to grow into."""
OFF_SECONDS = 60.0
TRIES = 5
"""Another program may take a port that was free a moment ago."""


class InQemu(Watched):
    """The guest; it runs from :func:`booted`."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        machine: Machine,
        seed: Seed,
        server: Server,
        probe: int,
        place: Path,
        patience: float,
        say: Tell,
    ) -> None:
        super().__init__(seed, server, place, machine.arch, patience, say)
        self.how, self.serial = machine.how, machine.serial
        self.process, self.monitor = process, Monitor(process)
        self._probe = probe
        self._resets_before = 0
        if machine.kernel:
            self.blind = {"growroot": "the kernel was given from outside"}

    def raw_console(self) -> bytes:
        return _bytes(self.work / qemu.CONSOLE)

    @property
    def probe(self) -> tuple[str, int]:
        return "127.0.0.1", self._probe

    def look(self, said: str, waited: float, *, closely: bool) -> Evidence:
        ended = None if self.process.poll() is None else self.last_words()
        return Evidence(
            said,
            waited,
            report=_bytes(self.work / qemu.REPORT).decode(errors="replace"),
            wire=wire.seen(_bytes(self.work / qemu.WIRE)) if closely else None,
            ended=ended,
            resets=self.monitor.resets() - self._resets_before if ended is None else 0,
        )

    def last_words(self) -> str:
        """The end of what QEMU said itself."""
        return "\n".join(_bytes(self.work / qemu.ERRORS).decode(errors="replace").splitlines()[-3:])

    def switch_on(self) -> None:
        """Let it run; returns at once."""
        self.monitor.greet()
        self.monitor.resize("disk", MORE)
        self.monitor.tell("cont")

    def reboot(self) -> float:
        self.begin = len(self.raw_console())
        self._resets_before = self.monitor.resets()
        before = self.boot_id()
        with contextlib.suppress(RunFailed):
            self.run("systemctl reboot", root=True)
        self._until_reset()
        took = self.again("after a restart")
        if self.boot_id() == before:
            raise RunFailed("The booted image did not restart when it was told to.")
        return took

    def power_off(self) -> float | None:
        begun = time.monotonic()
        self.monitor.tell("system_powerdown")
        try:
            self.process.wait(OFF_SECONDS * self.patience)
        except subprocess.TimeoutExpired:
            return None
        return time.monotonic() - begun

    def _until_reset(self) -> None:
        deadline = time.monotonic() + OFF_SECONDS * self.patience
        while self.monitor.resets() == self._resets_before and time.monotonic() < deadline:
            if self.process.poll() is not None:
                return
            time.sleep(0.5)
        self._resets_before = self.monitor.resets()

    def close(self) -> None:
        """End it now."""
        self.login.close()
        child.end(self.process)
        self.monitor.close()


@contextlib.contextmanager
def booted(
    image: Path,
    machine: Machine,
    say: Callable[[str], None],
    *,
    user: str = "cc",
    patience: float = 1.0,
    keep: Path | None = None,
) -> Iterator[InQemu]:
    """Boot an image and log in; nothing of it is left when the block is left.

    ``patience`` multiplies what is waited for here anyway. When it does not boot, its console, its
    report and its screen are put into directory ``keep``.

    Raises:
        BootFailed: nobody can log in; it says why.
        CcError: programs are missing and cannot be installed.
        RunFailed: QEMU does not start.
    """
    programs.ensure_qemu(machine.arch, say, uefi=machine.uefi or machine.arch == "aarch64")
    factor = patience * accel.patience(machine.arch, machine.accel)
    with contextlib.ExitStack() as stack:
        place = stack.enter_context(work.directory())
        secret = stack.enter_context(key.made("cc-ansible appliance test"))
        seed = Seed(secret.public, HOSTNAME)
        guest = _started(image, machine, seed, secret, user, place, factor, say)
        stack.callback(guest.close)
        try:
            guest.seconds = guest.wait()
        except BootFailed:
            if keep:
                _keep(guest, keep)
            raise
        yield guest


def _started(
    image: Path,
    machine: Machine,
    seed: Seed,
    secret: key.Key,
    user: str,
    place: Path,
    patience: float,
    say: Tell,
) -> InQemu:
    disk = seed.image(place)
    for attempt in range(TRIES):
        ssh, probe = _free_ports()
        argv = qemu.arguments(machine, image.absolute(), disk, place, qemu.forwards(ssh, probe))
        process = qemu.start(argv, place)
        server = Server("127.0.0.1", ssh, user, secret.private)
        guest = InQemu(process, machine, seed, server, probe, place, patience, say)
        try:
            guest.switch_on()
            return guest
        except RunFailed as problem:
            guest.close()
            words = guest.last_words()
            if "host forwarding" not in words or attempt == TRIES - 1:
                detail = "\n".join(filter(None, [words, problem.summary, problem.detail]))
                raise RunFailed("QEMU does not start.", detail=detail) from None
        except BaseException:
            guest.close()
            raise
    raise AssertionError


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def _keep(guest: InQemu, directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / qemu.CONSOLE).write_text(console.text(guest.raw_console()))
    if guest.process.poll() is None:
        guest.monitor.screen(directory.absolute() / "screen.png")
    for name in (qemu.REPORT, qemu.WIRE):
        if (guest.work / name).exists():
            shutil.copyfile(guest.work / name, directory / name)


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""
