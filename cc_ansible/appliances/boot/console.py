"""What a console says: its text, and the signs in it that a boot has failed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cc_ansible.verify.check import Trouble

LINES = 12
_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC: titles
    r"|\x1bP[^\x1b]*\x1b\\"  # DCS
    r"|\x1b[()*+][0-9A-Z]|\x1b[@-Z\\-_=>cM78]"
)
_MOVES = re.compile(r"\x1b\[\d+;\d+[Hf]|\x1b\[\d*[EF]")
PROMPT = re.compile(r"^[\w.-]+ login:( \S+ \(automatic login\)|(?= )|$)", re.MULTILINE)
"""What others write may follow on its line."""
AUTOMATIC = re.compile(r"\(automatic login\)")


@dataclass(frozen=True)
class Sign:
    """A line that says that this boot comes to nothing.

    ``check`` is the ready check that it fails; ``seen`` and ``cause`` may name groups of ``match``.
    """

    match: str
    seen: str
    cause: str
    fix: str
    check: str = "boot"


SIGNS = (
    Sign(
        r"No bootable device|Boot failed: not a bootable disk"
        r"|BdsDxe: No bootable option or device was found|^UEFI Interactive Shell|^Shell>",
        "the firmware found no boot loader on the disk",
        "The disk has no boot loader for this firmware, or its partition table is wrong.",
        "Look at the disk stage: `sfdisk -l` and the EFI system partition of the raw image.",
    ),
    Sign(
        r"^.*grub rescue>",
        "GRUB did not find its files",
        "GRUB's core was started but not the file system with its modules and grub.cfg.",
        "Compare label and UUID of the root file system with those given to grub-mkimage.",
    ),
    Sign(
        r"Minimal BASH-like line editing is supported|^grub>",
        "GRUB found no grub.cfg",
        "GRUB stopped at its own prompt, so nothing told it what to boot.",
        "See that grub.cfg is where GRUB's prefix says.",
    ),
    Sign(
        r"error: you need to load the kernel first",
        "GRUB could not load the kernel",
        "grub.cfg names a kernel or an initramfs that the image does not have.",
        "Compare grub.cfg with the files in /boot.",
    ),
    Sign(
        r"Kernel panic - not syncing: VFS: Unable to mount root fs on (?P<what>.*)",
        "the kernel did not find its root file system",
        "The initramfs is missing or empty, or `root=` names {what}, which cannot be mounted.",
        "See that the image has an initramfs and that grub.cfg loads it.",
    ),
    Sign(
        r"Kernel panic - not syncing: No working init found|Run /sbin/init as init process.*\n"
        r".*Kernel panic",
        "the kernel found no init to start",
        "The root file system was mounted, but has no /sbin/init that runs.",
        "Is systemd in the image, and for the right architecture?",
    ),
    Sign(
        r"Kernel panic - not syncing: (?P<what>.*?)(?: \]---)?$",
        "the kernel panicked: {what}",
        "The kernel gave up.",
        "Read the lines before the panic.",
    ),
    Sign(
        r"ALERT! +(?P<what>\S+) does not exist|Warning: (?P<dracut>/dev/\S+) does not exist"
        r"|dracut-initqueue.*[Tt]imeout",
        "the kernel did not find its root file system",
        "`root=` names {what}, which no disk has.",
        "Compare `root=` in grub.cfg with the label and UUID of the root file system, and see "
        "that the initramfs has the driver of the disk (virtio_blk here).",
    ),
    Sign(
        r"^\(initramfs\)|Entering emergency mode. Exit the shell to continue",
        "the initramfs stopped at its own prompt",
        "What comes before systemd failed.",
        "Read the lines before the prompt.",
    ),
    Sign(
        r"You are in emergency mode|Cannot open access to console, the root account is locked"
        r"|Reached target .*emergency\.target",
        "the system went into emergency mode",
        "{failed}",
        "Look at /etc/fstab and at the units named.",
    ),
    Sign(
        r"You are in rescue mode",
        "the system went into rescue mode",
        "The kernel's arguments ask for it, or a unit does.",
        "Look at GRUB_CMDLINE_LINUX in /etc/default/grub.",
    ),
    Sign(
        r"systemd\[1\]: Freezing execution",
        "systemd gave up",
        "Its first process stopped for good.",
        "Read the lines before it.",
    ),
    Sign(
        r"Out of memory: Killed process \d+ \((?P<what>[^)]*)\)",
        "the machine ran out of memory",
        "The kernel had to kill {what}.",
        "Give it more memory: --memory.",
    ),
)
_FAILED = re.compile(
    r"(?:Failed to (?:mount|start)|Dependency failed for|Timed out waiting for device) (.*?)\.*$",
    re.MULTILINE,
)


def text(raw: bytes) -> str:
    """A console's bytes without escape sequences; what a carriage return overwrote is kept."""
    plain = raw.decode(errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    plain = _ESCAPES.sub("", _MOVES.sub("\n", plain))
    plain = "".join(c for c in plain if c == "\n" or c == "\t" or c.isprintable())
    return re.sub(r"\n{2,}", "\n", plain)


def tail(said: str, lines: int = LINES) -> tuple[str, ...]:
    """Its last lines that say something."""
    return tuple([line.rstrip() for line in said.splitlines() if line.strip()][-lines:])


def failed_units(said: str) -> list[str]:
    """What systemd told on the console that it could not start or mount."""
    return list(dict.fromkeys(_FAILED.findall(said)))


def trouble(said: str) -> tuple[str, Trouble] | None:
    """The first sign of a boot that failed: the check that it fails, and what is wrong."""
    for sign in SIGNS:
        found = re.search(sign.match, said, re.MULTILINE)
        if found:
            return sign.check, _told(sign, found, said)
    return None


def _told(sign: Sign, found: re.Match[str], said: str) -> Trouble:
    words = found.groupdict()
    what = words.get("what") or words.get("dracut") or "a device"
    failed = "; ".join(failed_units(said)[:4])
    names = {"what": what.strip(), "failed": f"It could not do this: {failed}." if failed else ""}
    at = said.count("\n", 0, found.start())
    lines = said.splitlines()[: at + 2]
    return Trouble(
        sign.seen.format(**names),
        sign.cause.format(**names),
        sign.fix,
        tail("\n".join(lines)),
    )
