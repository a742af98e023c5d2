"""What the root file system still needs to be on a disk: fstab, GRUB's menu, empty directories."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from cc_ansible.errors import CcError

LABEL = "cc-root"
EFI_LABEL = "CC-EFI"
SERIAL = {"x86_64": "ttyS0,115200n8", "aarch64": "ttyAMA0"}
TIMEOUT = 2
"""Seconds that GRUB shows its menu."""
_EMPTY = {
    "dev": 0o755, "proc": 0o555, "run": 0o755, "sys": 0o555, "tmp": 0o1777, "boot/efi": 0o755,
}  # fmt: skip
_FSTAB = f"""\
LABEL={LABEL} / ext4 errors=remount-ro 0 1
LABEL={EFI_LABEL} /boot/efi vfat umask=0077,nofail 0 0
"""


@dataclass(frozen=True)
class Kernel:
    """One kernel in /boot with its initramfs, by their paths from there."""

    version: str
    image: str
    initrd: str


def complete(tree: Path, name: str, arch: str, root_uuid: str) -> None:
    """Write what only a disk needs into ``tree``.

    :raises CcError: there is no kernel, or no initramfs for it.
    """
    for path, mode in _EMPTY.items():
        (tree / path).mkdir(parents=True, exist_ok=True)
        (tree / path).chmod(mode)
    (tree / "etc/fstab").write_text(_FSTAB)
    grub = tree / "boot/grub"
    grub.mkdir(parents=True, exist_ok=True)
    (grub / "grub.cfg").write_text(menu(name, kernels(tree), arguments(tree, arch), root_uuid))
    for platform in ("i386-pc", "x86_64-efi", "arm64-efi"):
        modules = tree / "usr/lib/grub" / platform
        if modules.is_dir():
            shutil.copytree(modules, grub / platform, dirs_exist_ok=True, symlinks=True)


def kernels(tree: Path) -> list[Kernel]:
    """The kernels in /boot, the newest first.

    :raises CcError: there is none, or no initramfs for one.
    """
    found = []
    for image in (tree / "boot").glob("vmlinu[xz]-*"):
        version = image.name.partition("-")[2]
        initrd = tree / "boot" / f"initrd.img-{version}"
        if not initrd.exists():
            raise CcError(
                f"Kernel {version} has no initramfs.",
                fix="Install initramfs-tools (or dracut) with it.",
            )
        found.append(Kernel(version, image.name, initrd.name))
    if not found:
        raise CcError(
            "The image has no kernel in /boot.",
            fix="Add chi-common, or a package such as linux-image-amd64.",
        )
    return sorted(found, key=lambda kernel: _sortable(kernel.version), reverse=True)


def arguments(tree: Path, arch: str) -> str:
    """The kernel's command line by /etc/default/grub; with a serial console if that says none."""
    file = tree / "etc/default/grub"
    text = file.read_text() if file.exists() else ""
    said = [
        re.search(rf'^{name}=(?:"([^"]*)"|\'([^\']*)\'|(\S*))', text, re.MULTILINE)
        for name in ("GRUB_CMDLINE_LINUX", "GRUB_CMDLINE_LINUX_DEFAULT")
    ]
    words = " ".join(next((group for group in each.groups() if group), "") for each in said if each)
    return words if "console=" in words else f"{words} console=tty0 console={SERIAL[arch]}".strip()


def menu(name: str, found: list[Kernel], words: str, root_uuid: str) -> str:
    """GRUB's menu, on the screen and on the serial line; update-grub makes another one later."""
    entries = "".join(
        f"menuentry '{name}, Linux {kernel.version}' {{\n"
        f"  linux /boot/{kernel.image} root=UUID={root_uuid} ro {words}\n"
        f"  initrd /boot/{kernel.initrd}\n"
        "}\n"
        for kernel in found
    )
    return (
        f"set default=0\nset timeout={TIMEOUT}\n"
        "if serial --unit=0 --speed=115200; then\n"
        "  terminal_input console serial\n  terminal_output console serial\nfi\n"
        f"search --no-floppy --fs-uuid --set=root {root_uuid}\n{entries}"
    )


def _sortable(version: str) -> list[tuple[int, str]]:
    return [
        (int(part), "") if part.isdigit() else (0, part) for part in re.split(r"[.\-+]", version)
    ]
