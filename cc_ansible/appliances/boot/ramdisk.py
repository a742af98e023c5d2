"""A deploy ramdisk booted in QEMU, until its agent asks Ironic which node it is on.

That takes all that makes a ramdisk one: its kernel and initramfs fit, it has drivers, brings its
network up by DHCP and starts the agent. What answers it is `_conductor.py`.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from cc_ansible.appliances.boot import _conductor, accel, console, programs, qemu, work
from cc_ansible.appliances.boot.guest import BootFailed
from cc_ansible.appliances.boot.qemu import Kernel, Machine
from cc_ansible.appliances.boot.qmp import Monitor
from cc_ansible.login import child
from cc_ansible.verify.check import Trouble

IRONIC = ("10.0.2.100", 6385)
"""An address of the guest's own little network that nothing else there has."""
MEMORY = 3072
"""MiB: the ramdisk is unpacked into it."""
ASKED = "asked"
SECONDS = 120.0
DISK = 1 << 30
PROGRAM = str(Path(_conductor.__file__))


@dataclass(frozen=True)
class Called:
    """That an agent asked: after how many seconds, and for the node of which network cards."""

    how: str
    seconds: float
    addresses: tuple[str, ...]


def boots(
    kernel: Path,
    initramfs: Path,
    arch: str,
    say: Callable[[str], None],
    *,
    memory: int = MEMORY,
    patience: float = 1.0,
) -> Called:
    """Boot it; nothing of it is left afterwards.

    ``memory`` is in MiB; ``patience`` multiplies what is waited for here anyway.

    :raises BootFailed: no agent asked in time; it says how far it came.
    :raises CcError: programs are missing and cannot be installed.
    :raises RunFailed: QEMU does not start.
    """
    programs.ensure_qemu(arch, say, uefi=arch == "aarch64")
    url = f"http://{IRONIC[0]}:{IRONIC[1]}"
    accelerator = accel.choose(arch)
    serial = Machine(arch).serial
    arguments = f"console={serial} ipa-api-url={url} systemd.journald.forward_to_console=1"
    started = Kernel(kernel.absolute(), initramfs.absolute(), arguments)
    machine = Machine(arch, memory, accel=accelerator, kernel=started)
    factor = patience * accel.patience(arch, accelerator)
    with contextlib.ExitStack() as stack:
        place = stack.enter_context(work.directory())
        process = _start(machine, place)
        stack.callback(child.end, process)
        monitor = Monitor(process)
        stack.callback(monitor.close)
        monitor.greet()
        monitor.tell("cont")
        return _wait(process, machine, place, SECONDS * factor, say)


def _start(machine: Machine, place: Path) -> subprocess.Popen[bytes]:
    disk = place / "disk"
    with disk.open("wb") as file:
        file.truncate(DISK)
    answer = [sys.executable, "-I", "-S", PROGRAM, str(place / ASKED)]
    argv = qemu.arguments(machine, disk, None, place, qemu.answers(IRONIC, answer))
    return qemu.start(argv, place)


def _wait(
    process: subprocess.Popen[bytes],
    machine: Machine,
    place: Path,
    seconds: float,
    say: Callable[[str], None],
) -> Called:
    begun = time.monotonic()
    while (waited := time.monotonic() - begun) < seconds:
        if addresses := _addresses(_text(place / ASKED)):
            return Called(machine.how, waited, addresses)
        said = console.text(_text(place / qemu.CONSOLE).encode())
        if found := console.trouble(said):
            raise BootFailed("boot", found[1], machine.how)
        if process.poll() is not None:
            raise BootFailed("boot", _ended(place, said), machine.how)
        say(next(iter(console.tail(said, 1)), "starting")[:60])
        time.sleep(1)
    raise BootFailed("boot", _silent(place, waited), machine.how)


def _addresses(asked: str) -> tuple[str, ...]:
    """The network cards that an agent named in its question; none before it asked."""
    for line in asked.splitlines():
        url = urlsplit(line.split()[1] if len(line.split()) > 1 else "")
        if url.path == _conductor.LOOKUP:
            return tuple(",".join(parse_qs(url.query).get("addresses", [])).split(","))
    return ()


def _ended(place: Path, said: str) -> Trouble:
    last = console.tail(_text(place / qemu.ERRORS), 1)
    return Trouble(
        "the machine switched itself off",
        " ".join(["It ended before its agent asked for anything.", *last]),
        "Read the last lines of its console.",
        console.tail(said),
    )


def _silent(place: Path, waited: float) -> Trouble:
    said = console.text(_text(place / qemu.CONSOLE).encode())
    if not said.strip():
        return Trouble(
            "it said nothing on its serial console",
            "The kernel never started, or not for this architecture.",
            "See what `file` says of image.kernel.",
        )
    if "ironic-python-agent" in said or "ironic_python_agent" in said:
        cause = "The agent runs, but what it asks does not arrive."
        fix = "Read what it says: its network, or the address that it was given."
    else:
        cause = "The system came up without it, or is still starting."
        fix = "See that unit ironic-python-agent is in the ramdisk and enabled, or use --patience."
    return Trouble(
        f"its agent asked for nothing within {waited:.0f} s", cause, fix, console.tail(said)
    )


def _text(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except FileNotFoundError:
        return ""
