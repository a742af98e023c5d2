"""Programs and firmware that booting an image takes, and Debian's packages of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cc_ansible.engine import packages

LOGIN = {"ssh": "openssh-client"}
QEMU: Mapping[str, Mapping[str, str]] = {
    "x86_64": {"qemu-system-x86_64": "qemu-system-x86"},
    "aarch64": {"qemu-system-aarch64": "qemu-system-arm"},
}
SEED = {"mformat": "mtools", "mcopy": "mtools"}
NSPAWN = {
    "zstd": "zstd",
    "systemd-nspawn": "systemd-container",
    "ip": "iproute2",
    "nsenter": "util-linux",
}


@dataclass(frozen=True)
class Firmware:
    """UEFI: its code, what its variables are like at first, and Debian's package of both."""

    code: Path
    variables: Path
    package: str


UEFI = {
    "x86_64": Firmware(
        Path("/usr/share/OVMF/OVMF_CODE_4M.fd"), Path("/usr/share/OVMF/OVMF_VARS_4M.fd"), "ovmf"
    ),
    "aarch64": Firmware(
        Path("/usr/share/AAVMF/AAVMF_CODE.fd"),
        Path("/usr/share/AAVMF/AAVMF_VARS.fd"),
        "qemu-efi-aarch64",
    ),
}


def ensure_qemu(arch: str, say: Callable[[str], None], *, uefi: bool = False) -> list[str]:
    """Install what booting a disk in QEMU takes and is missing; returns the packages.

    Raises:
        CcError: packages are missing and apt or root is not at hand.
        RunFailed: apt failed.
    """
    needs = {**LOGIN, **QEMU[arch], **SEED}
    firmware = UEFI[arch]
    if uefi and not firmware.code.exists():
        needs[str(firmware.code)] = firmware.package
    return packages.ensure(needs, "to boot images", say)


def ensure_nspawn(say: Callable[[str], None]) -> list[str]:
    """The same for a root tar in systemd-nspawn."""
    return packages.ensure({**LOGIN, **NSPAWN}, "to boot images in a container", say)
