"""Where things are on the disk: GPT, a partition for GRUB on BIOS, one for EFI, then the root.

The root comes last, so that it can grow on the first boot.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

SECTOR = 512
MIB = 1 << 20
NAMESPACE = uuid.UUID("0a1c9e1e-7f2c-5d0f-8f43-4a5d7a1c6b52")
BIOS_BOOT = "21686148-6449-6E6F-744E-656564454649"
EFI_SYSTEM = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
ROOTS = {
    "x86_64": "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709",
    "aarch64": "B921B045-1DF0-41C3-AF44-4C6F280D3FAE",
}
"""Types of partitions: UEFI specification 5.3.3, GRUB's manual, Discoverable Partitions."""
BIOS_BYTES = MIB
EFI_BYTES = 64 * MIB
SPARE = 2 * MIB
"""Bytes behind the root: the second table of partitions."""


@dataclass(frozen=True)
class Partition:
    """``number`` counts from 1; ``start`` and ``size`` are in bytes."""

    number: int
    name: str
    type: str
    start: int
    size: int
    uuid: str


@dataclass(frozen=True)
class Layout:
    """All partitions, the size of the disk in bytes, and its identifiers."""

    size: int
    disk_uuid: str
    partitions: tuple[Partition, ...]
    root_uuid: str
    hash_seed: str
    efi_serial: str

    def partition(self, name: str) -> Partition:
        """The one of a name; StopIteration when there is none."""
        return next(each for each in self.partitions if each.name == name)

    def sfdisk(self) -> str:
        """What sfdisk reads (sfdisk(8), script files)."""
        lines = [
            "label: gpt",
            f"label-id: {self.disk_uuid}",
            "unit: sectors",
            f"sector-size: {SECTOR}",
            "first-lba: 34",
        ]
        lines += [
            f"start={each.start // SECTOR}, size={each.size // SECTOR}, type={each.type}, "
            f'uuid={each.uuid}, name="{each.name}"'
            for each in self.partitions
        ]
        return "\n".join([*lines, ""])


def plan(key: str, arch: str, root_bytes: int, disk_bytes: int | None) -> Layout:
    """A disk whose root has at least ``root_bytes``, or as much as fits on ``disk_bytes``.

    :raises ValueError: it does not fit; the message says how much is needed.
    """
    before = MIB + (BIOS_BYTES if arch == "x86_64" else 0) + EFI_BYTES
    least = before + _whole(root_bytes) + SPARE
    if disk_bytes is not None and disk_bytes < least:
        raise ValueError(f"{least / (1 << 30):.1f} GiB")
    size = _whole(disk_bytes or least)

    def identity(what: str) -> str:
        return str(uuid.uuid5(NAMESPACE, f"{key}\n{what}"))

    found: list[Partition] = []

    def add(name: str, kind: str, length: int) -> None:
        start = found[-1].start + found[-1].size if found else MIB
        number = len(found) + 1
        found.append(Partition(number, name, kind, start, length, identity(name).upper()))

    if arch == "x86_64":
        add("bios", BIOS_BOOT, BIOS_BYTES)
    add("efi", EFI_SYSTEM, EFI_BYTES)
    add("root", ROOTS[arch], size - before - SPARE)
    return Layout(
        size,
        identity("disk").upper(),
        tuple(found),
        identity("file system"),
        identity("directories"),
        identity("efi serial")[:8],
    )


def _whole(size: int) -> int:
    return -(-size // MIB) * MIB
