"""QEMU for one image: its arguments, and its start.

The image is never written: what the guest writes goes to a file without a name, which is gone with
QEMU. Nobody but this machine reaches the guest, by two ports of 127.0.0.1, and it reaches nothing.
Source: qemu(1).
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cc_ansible.appliances.boot.programs import UEFI
from cc_ansible.appliances.boot.seed import PORT
from cc_ansible.login import child

PROBE = 8099
"""A port of the guest that is reached as ssh's is, to see what its firewall lets through."""
CONSOLE, REPORT, WIRE, ERRORS = "console.log", "report.log", "wire.pcap", "qemu.log"
"""Files in the work directory: serial console, the guest's report, its frames, QEMU's messages."""
QCOW2 = b"QFI\xfb"


@dataclass(frozen=True)
class Kernel:
    """Booted directly instead of what a disk's boot loader chooses."""

    kernel: Path
    initrd: Path
    arguments: str


@dataclass(frozen=True)
class Machine:
    """What the image boots on. ``memory`` is in MiB; ``accel`` is ``tcg`` or ``kvm``."""

    arch: str = "x86_64"
    memory: int = 2048
    cpus: int = 2
    uefi: bool = False
    accel: str = "tcg"
    kernel: Kernel | None = None

    @property
    def how(self) -> str:
        """In words."""
        firmware = "UEFI" if self.firmware else "BIOS"
        return f"QEMU, {self.accel.upper()}, {'direct' if self.kernel else firmware}"

    @property
    def firmware(self) -> bool:
        """Whether it has UEFI: 64-bit ARM has nothing else."""
        return self.uefi or self.arch == "aarch64"

    @property
    def serial(self) -> str:
        """What Linux calls its serial console."""
        return {"x86_64": "ttyS0", "aarch64": "ttyAMA0"}[self.arch]


def program(arch: str) -> str:
    """QEMU's name for machines of an architecture."""
    return f"qemu-system-{arch}"


def forwards(ssh: int, probe: int) -> str:
    """Ways in for :func:`arguments`: two free ports of 127.0.0.1, for ssh and for the probe."""
    return f"hostfwd=tcp:127.0.0.1:{ssh}-:22,hostfwd=tcp:127.0.0.1:{probe}-:{PROBE}"


def answers(server: tuple[str, int], command: Sequence[str]) -> str:
    """One way out for :func:`arguments`: a command serves each connection to an address there."""
    return _escaped(f"guestfwd=tcp:{server[0]}:{server[1]}-cmd:{shlex.join(command)}")


def arguments(
    machine: Machine, image: Path, seed: Path | None, work: Path, network: str
) -> list[str]:
    """The command; it waits to be told to go on (QMP on its standard input and output).

    ``network`` says which ways in and out there are. Run it in ``work``, with TMPDIR there.
    """
    return [
        program(machine.arch),
        *_board(machine),
        *_boot(machine, work),
        "-smp", str(machine.cpus), "-m", str(machine.memory),
        "-nodefaults", "-no-user-config", "-S",
        "-display", "none",
        "-chardev", "stdio,id=qmp", "-mon", "chardev=qmp,mode=control",
        "-chardev", f"file,id=console,path={CONSOLE}", "-serial", "chardev:console",
        "-chardev", f"file,id=report,path={REPORT}",
        "-device", "virtio-serial-pci",
        "-device", f"virtserialport,chardev=report,name={PORT}",
        "-drive", f"if=none,id=disk,file={_escaped(image)},format={image_format(image)},"
        "snapshot=on,cache=unsafe,discard=unmap",
        "-device", "virtio-blk-pci,drive=disk,bootindex=1",
        *_seed(seed),
        "-netdev", f"user,id=net,restrict=on,{network}",
        "-device", "virtio-net-pci,netdev=net,romfile=",
        "-object", f"filter-dump,id=wire,netdev=net,maxlen=512,file={WIRE}",
        "-device", "virtio-rng-pci",
        "-boot", "strict=on",
    ]  # fmt: skip


def image_format(image: Path) -> str:
    """``qcow2`` or ``raw``, by its first bytes."""
    with image.open("rb") as file:
        return "qcow2" if file.read(4) == QCOW2 else "raw"


def _board(machine: Machine) -> list[str]:
    kvm = machine.accel == "kvm"
    if machine.arch == "aarch64":
        # The plain core: what newer ones add (pointer authentication) is slow to emulate.
        return ["-machine", f"virt,accel={machine.accel}{',gic-version=host' if kvm else ''}",
                "-cpu", "host" if kvm else "cortex-a57"]  # fmt: skip
    # Without graphics the BIOS, and with it GRUB, talk on the serial console too.
    return ["-machine", f"q35,accel={machine.accel},graphics=off",
            "-cpu", "host" if kvm else "max,la57=off", "-vga", "std"]  # fmt: skip


def _seed(seed: Path | None) -> list[str]:
    if seed is None:
        return []
    drive = f"if=none,id=seed,file={_escaped(seed)},format=raw,readonly=on"
    return ["-drive", drive, "-device", "virtio-blk-pci,drive=seed"]


def _boot(machine: Machine, work: Path) -> list[str]:
    found: list[str] = []
    if machine.firmware:
        firmware = UEFI[machine.arch]
        variables = work / "uefi-variables"
        shutil.copyfile(firmware.variables, variables)
        pflash = "if=pflash,format=raw"
        found += ["-drive", f"{pflash},unit=0,readonly=on,file={firmware.code}"]
        found += ["-drive", f"{pflash},unit=1,file={_escaped(variables)}"]
    if machine.kernel:
        found += ["-kernel", str(machine.kernel.kernel), "-initrd", str(machine.kernel.initrd)]
        found += ["-append", machine.kernel.arguments]
    return found


def _escaped(value: Path | str) -> str:
    """A value of QEMU's options, where a comma ends it."""
    return str(value).replace(",", ",,")


def start(argv: Sequence[str], place: Path) -> subprocess.Popen[bytes]:
    """QEMU with its monitor on the pipes of the process, and nothing outside of its directory.

    Raises:
        RunFailed: there is no such program.
    """
    with (place / ERRORS).open("wb") as errors:
        return child.start(
            argv,
            cwd=place,
            given=subprocess.PIPE,
            output=subprocess.PIPE,
            errors=errors,
            environment={"TMPDIR": str(place)},
        )
