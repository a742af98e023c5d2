"""Lets this machine run programs of another architecture, by emulation."""

from __future__ import annotations

import platform
from collections.abc import Callable
from pathlib import Path

from cc_ansible.engine import packages
from cc_ansible.errors import CcError, RunFailed
from cc_ansible.runs.process import check

BINFMT = Path("/proc/sys/fs/binfmt_misc")
NEEDS = {"qemu-aarch64-static": "qemu-user-static", "arch-test": "arch-test"}
"""Programs and Debian's packages of them; mmdebstrap asks arch-test what runs here."""
PROGRAM = {"aarch64": "/usr/bin/qemu-aarch64-static"}
_ELF = {
    "aarch64": (
        r"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00",
        r"\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff",
    )
}
"""How its programs begin, and which bits of that count (QEMU: scripts/qemu-binfmt-conf.sh)."""
_SCRIPT = """
mountpoint -q "$1" || mount -t binfmt_misc binfmt_misc "$1"
if [ -e "$1/$2" ]; then echo -1 >"$1/$2"; fi
printf '%s' "$3" >"$1/register"
"""


def ensure(arch: str, say: Callable[[str], None]) -> None:
    """See that programs of ``arch`` run on this machine, also in a chroot, until it restarts.

    Raises:
        CcError: packages are missing and apt or root is not at hand, or the kernel refuses.
        RunFailed: apt failed.
    """
    if arch == platform.machine():
        return
    packages.ensure(NEEDS, f"to run programs for {arch}", say)
    if _registered(arch):
        return
    magic, mask = _ELF[arch]
    # F: the emulator is opened now, so that it need not be in the chroot.
    line = f":{_name(arch)}:M::{magic}:{mask}:{PROGRAM[arch]}:F"
    say(f"having the kernel run programs for {arch}")
    prefix = packages.as_root(f"have the kernel run programs for {arch}")
    try:
        check([*prefix, "sh", "-ec", _SCRIPT, "sh", str(BINFMT), _name(arch), line])
    except RunFailed as failed:
        raise CcError(
            f"This machine cannot run programs for {arch}.",
            detail=failed.detail,
            fix=f"Mount binfmt_misc at {BINFMT} as its administrator, or use an {arch} machine.",
        ) from failed


def _name(arch: str) -> str:
    return f"qemu-{arch}"


def _registered(arch: str) -> bool:
    try:
        said = (BINFMT / _name(arch)).read_text()
    except OSError:
        return False
    flags = next((line for line in said.splitlines() if line.startswith("flags:")), "")
    return said.startswith("enabled") and "F" in flags
