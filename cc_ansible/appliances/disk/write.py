"""Writes the disk: partitions, file systems with their content, GRUB, then a qcow2 of all that."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from cc_ansible.appliances.disk import grub, layout
from cc_ansible.appliances.disk import tree as trees
from cc_ansible.errors import CcError
from cc_ansible.runs.process import check

EPOCH = 1577836800
"""The time of everything that has none of its own: 2020-01-01 in UTC, seconds since 1970."""
SLACK = 1.12
"""Space for the file system's own tables, over that of the files."""
FREE = 192 << 20
"""Bytes that are free after the first boot even where the disk is no larger."""
PROGRAMS = {
    "mke2fs": "e2fsprogs",
    "sfdisk": "fdisk",
    "mkfs.vfat": "dosfstools",
    "mcopy": "mtools",
    "grub-mkimage": "grub-common",
    "qemu-img": "qemu-utils",
    "zstd": "zstd",
}
"""Commands and the packages that bring them."""


@dataclass(frozen=True)
class Order:
    """One disk to write: of the archive ``root`` into ``target``, with ``work`` to work in.

    ``size`` is in bytes; None for as much as it needs.
    """

    name: str
    arch: str
    key: str
    root: Path
    target: Path
    work: Path
    size: int | None


def write(order: Order) -> dict[str, str]:
    """Write ``target``; returns the digest of the disk in it.

    :raises CcError: something is missing in the image, or does not fit.
    :raises RunFailed: a program failed.
    """
    os.environ |= {"SOURCE_DATE_EPOCH": str(EPOCH), "E2FSPROGS_FAKE_TIME": str(EPOCH)}
    tree = order.work / "tree"
    _unpack(order.root, tree)
    used = int(check(["du", "-s", "-B1", "--apparent-size", str(tree)]).split()[0])
    needed = int(_blocks(tree) * SLACK) + FREE
    try:
        plan = layout.plan(order.key, order.arch, needed, order.size)
    except ValueError as problem:
        raise CcError(
            f"appliance {order.name}: its files do not fit on a disk of {order.size} bytes.",
            detail=f"They take {used / (1 << 30):.1f} GiB.",
            fix=f"Set `size` to {problem} or more.",
        ) from None
    trees.complete(tree, order.name, order.arch, plan.root_uuid)
    raw = order.work / "disk.raw"
    raw.touch()
    os.truncate(raw, plan.size)
    check(["sfdisk", "--quiet", "--no-reread", "--no-tell-kernel", str(raw)], stdin=plan.sfdisk())
    _root(tree, raw, plan)
    _efi(tree, order.arch, raw, plan, order.work)
    if order.arch == "x86_64":
        grub.bios(tree, raw, plan, order.work)
    check(
        ["qemu-img", "convert", "-q", "-f", "raw", "-O", "qcow2", "-c", "-W", "-m", "4",
         "-o", "compression_type=zstd", str(raw), str(order.target)]
    )  # fmt: skip
    return {"raw_sha256": _digest(raw)}


def _unpack(archive: Path, tree: Path) -> None:
    tree.mkdir(mode=0o755)
    os.chown(tree, 0, 0)
    check(
        ["tar", "--extract", "--file", str(archive), "--zstd", "--directory", str(tree),
         "--numeric-owner", "--xattrs", "--xattrs-include=*", "--preserve-permissions"]
    )  # fmt: skip


def _blocks(tree: Path) -> int:
    """Bytes of all files in whole blocks, and of an inode for each."""
    sizes = (path.lstat().st_size for path in tree.rglob("*"))
    return sum(-(-size // 4096) * 4096 + 256 for size in sizes)


def _root(tree: Path, raw: Path, plan: layout.Layout) -> None:
    place = plan.partition("root")
    check(
        ["mke2fs", "-q", "-F", "-t", "ext4", "-b", "4096", "-L", trees.LABEL, "-J", "size=64",
         "-U", plan.root_uuid, "-m", "1", "-d", str(tree),
         "-E", f"offset={place.start},hash_seed={plan.hash_seed},root_owner=0:0",
         str(raw), f"{place.size // 1024}k"]
    )  # fmt: skip


def _efi(tree: Path, arch: str, raw: Path, plan: layout.Layout, work: Path) -> None:
    place, file = plan.partition("efi"), work / "efi.img"
    program = grub.efi(tree, arch, plan, work)
    os.utime(program, (EPOCH, EPOCH))
    check(
        ["mkfs.vfat", "--invariant", "-F", "32", "-i", plan.efi_serial, "-n", trees.EFI_LABEL,
         "-C", str(file), str(place.size // 1024)]
    )  # fmt: skip
    image = ["-i", str(file)]
    check(["mmd", *image, "::/EFI", "::/EFI/BOOT"])
    check(["mcopy", *image, "-m", str(program), f"::/EFI/BOOT/{program.name}"])
    with raw.open("r+b") as disk:
        disk.seek(place.start)
        disk.write(file.read_bytes())


def _digest(file: Path) -> str:
    import hashlib

    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
