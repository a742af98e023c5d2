"""Whether KVM can be used: asked of it by booting something, as /dev/kvm alone proves nothing.

Where this machine is a virtual one itself, KVM may be there, take a machine, and then run none of
it (or only kernels made for it).
"""

from __future__ import annotations

import functools
import os
import platform
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cc_ansible.appliances.boot import qemu

SECONDS = 5.0
"""The probe needs a fraction of it on KVM."""
_LEAVE = 0x10
_COUNT = bytes.fromhex("66b9000000106649" + "75fc")
"""mov ecx, 0x10000000; dec ecx; jnz: what runs no instruction itself needs minutes for it."""
_SECTOR = (_COUNT + bytes((0xB0, _LEAVE, 0xE6, 0xF4, 0xF4))).ljust(510, b"\0") + b"\x55\xaa"
"""A disk that begins so, then: mov al, 0x10; out 0xf4, al; hlt. That port ends QEMU with
2 * 0x10 + 1."""
_FLAT = bytes.fromhex("000180520080b072020000d400000014")
"""64-bit ARM: w0 = 0x84000008 (PSCI SYSTEM_OFF); hvc #0; b ."""
TCG_PATIENCE = {True: 5.0, False: 10.0}
"""How much slower emulation is, for processors as this machine's and for others."""


@functools.cache
def choose(arch: str) -> str:
    """``kvm`` where it runs machines of this architecture, else ``tcg``."""
    if arch != platform.machine() or not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return "tcg"
    return "kvm" if works(arch, "kvm") else "tcg"


def patience(arch: str, accel: str) -> float:
    """How many times longer than on a machine of its own things take."""
    return 1.0 if accel == "kvm" else TCG_PATIENCE[arch == platform.machine()]


def works(arch: str, accel: str, seconds: float = SECONDS) -> bool:
    """Whether QEMU runs a few instructions of a guest to their end, in time."""
    with tempfile.TemporaryDirectory(prefix="cc-ansible-probe-") as place:
        code = Path(place) / "code"
        asked = probe(arch, accel, code)
        code.write_bytes(asked.code)
        try:
            done = subprocess.run(asked.argv, capture_output=True, timeout=seconds, check=False)
        except (subprocess.TimeoutExpired, OSError):
            return False
    return done.returncode == asked.right


@dataclass(frozen=True)
class Probe:
    """What is booted, by which command, and how that ends where it works."""

    code: bytes
    argv: list[str]
    right: int


def probe(arch: str, accel: str, code: Path) -> Probe:
    """How to ask, with what is booted in file ``code``."""
    argv = _arguments(arch, accel, code)
    if arch == "x86_64":
        return Probe(_SECTOR + bytes(1 << 20), argv, 2 * _LEAVE + 1)
    return Probe(_FLAT, argv, 0)


def _arguments(arch: str, accel: str, code: Path) -> list[str]:
    common = [
        qemu.program(arch), "-accel", accel, "-m", "64", "-nodefaults", "-no-user-config",
        "-display", "none", "-monitor", "none", "-serial", "none",
    ]  # fmt: skip
    if arch == "aarch64":
        cpu = "host" if accel == "kvm" else "cortex-a57"
        return [*common, "-machine", "virt", "-cpu", cpu, "-kernel", str(code)]
    return [
        *common, "-machine", "q35", "-cpu", "host" if accel == "kvm" else "max",
        "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04",
        "-drive", f"file={code},format=raw,if=ide,snapshot=on",
    ]  # fmt: skip
