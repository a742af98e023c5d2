"""GRUB on a disk: its core for BIOS, and its program for EFI.

Both are made of the modules that are in the image itself, so that kernel updates in there fit.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cc_ansible.errors import CcError
from cc_ansible.runs.process import check

if TYPE_CHECKING:
    from cc_ansible.appliances.disk.layout import Layout

COMMON = (
    "part_gpt", "ext2", "fat", "search", "search_fs_uuid", "search_label", "configfile", "normal",
    "linux", "echo", "test", "serial", "terminal", "gzio", "minicmd", "reboot", "halt",
)  # fmt: skip
MODULES = {
    "i386-pc": ("biosdisk",),
    "x86_64-efi": ("efi_gop", "efi_uga"),
    "arm64-efi": ("efi_gop",),
}
EFI = {"x86_64": ("x86_64-efi", "BOOTX64.EFI"), "aarch64": ("arm64-efi", "BOOTAA64.EFI")}
"""GRUB's platform, and where firmware looks for a program (UEFI specification 3.5.1.1)."""
PACKAGES = {
    "i386-pc": "grub-pc-bin", "x86_64-efi": "grub-efi-amd64-bin", "arm64-efi": "grub-efi-arm64-bin",
}  # fmt: skip
BOOT_CODE = 440
"""Bytes of the first sector that are GRUB's; the rest is the table of partitions."""
_KERNEL_SECTOR = 0x5C
_BLOCKLIST = 0x200 - 12
"""Places in boot.img and in the first sector of the core (include/grub/i386/pc/boot.h and
grub-core/boot/i386/pc/diskboot.S of GRUB 2): where the core begins, and where its rest is."""
SECTOR = 512


def bios(tree: Path, disk: Path, layout: Layout, work: Path) -> None:
    """Put GRUB for BIOS into the first sector and into its partition.

    :raises CcError: the image does not have its modules.
    """
    platform = "i386-pc"
    core = work / "core.img"
    _image(tree, platform, core, layout)
    content = bytearray(core.read_bytes())
    place = layout.partition("bios")
    if len(content) > place.size:
        raise CcError("GRUB's core is larger than its partition.")
    first = place.start // SECTOR
    # The first sector of the core loads the rest of it, which follows.
    content[_BLOCKLIST : _BLOCKLIST + 8] = (first + 1).to_bytes(8, "little")
    boot = bytearray((tree / "usr/lib/grub" / platform / "boot.img").read_bytes()[:BOOT_CODE])
    boot[_KERNEL_SECTOR : _KERNEL_SECTOR + 8] = first.to_bytes(8, "little")
    with disk.open("r+b") as file:
        file.write(boot)
        file.seek(place.start)
        file.write(content)


def efi(tree: Path, arch: str, layout: Layout, work: Path) -> Path:
    """The program for EFI of an architecture, as a file.

    :raises CcError: the image does not have its modules.
    """
    platform, name = EFI[arch]
    program = work / name
    _image(tree, platform, program, layout)
    return program


def _image(tree: Path, platform: str, target: Path, layout: Layout) -> None:
    modules = tree / "usr/lib/grub" / platform
    if not (modules / "kernel.img").exists():
        raise CcError(
            f"The image does not have GRUB's modules for {platform}.",
            fix=f"Add chi-common, or the package {PACKAGES[platform]}.",
        )
    early = target.with_suffix(".cfg")
    early.write_text(
        f"search.fs_uuid {layout.root_uuid} root\n"
        "set prefix=($root)/boot/grub\nconfigfile $prefix/grub.cfg\n"
    )
    check(
        [
            "grub-mkimage",
            *("--directory", str(modules)),
            *("--format", platform),
            *("--config", str(early)),
            *("--prefix", "/boot/grub"),
            *("--output", str(target)),
            *COMMON,
            *MODULES[platform],
        ]
    )
