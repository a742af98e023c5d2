"""What a console says of a boot that failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from cc_ansible.appliances.boot import console

CONSOLES = Path(__file__).parent / "consoles"
SEABIOS = """\
SeaBIOS (version 1.16.2-debian-1.16.2-1)
Booting from Hard Disk...
Boot failed: not a bootable disk

No bootable device.
"""
NO_ROOT = """\
Begin: Running /scripts/local-block ... done.
Gave up waiting for root file system device.  Common problems:
 - Boot args (cat /proc/cmdline)
 - Missing modules (cat /proc/modules; ls /dev)
ALERT!  LABEL=nowhere does not exist.  Dropping to a shell!
BusyBox v1.37.0 (Debian 1:1.37.0-6+b3) built-in shell (ash)
(initramfs)
"""
NO_INITRD = """\
[    3.105] /dev/root: Can't open blockdev
[    3.106] VFS: Cannot open root device "LABEL=cc-root" or unknown-block(0,0): error -6
[    3.109] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)
[    3.110] CPU: 0 UID: 0 PID: 1 Comm: swapper/0 Not tainted 6.12
"""
EMERGENCY = """\
[ TIME ] Timed out waiting for device dev-vdz.device - /dev/vdz.
[DEPEND] Dependency failed for data.mount - /data.
You are in emergency mode. After logging in, type "journalctl -xb" to view
"""
GRUB = "error: no such device: 5e1f.\nEntering rescue mode...\ngrub rescue> "
OTHER_PANIC = (
    "[ 1.0] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000b00 ]---\n"
)


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        (SEABIOS, "the firmware found no boot loader on the disk"),
        (GRUB, "GRUB did not find its files"),
        (NO_ROOT, "the kernel did not find its root file system"),
        (NO_INITRD, "the kernel did not find its root file system"),
        (EMERGENCY, "the system went into emergency mode"),
        (OTHER_PANIC, "the kernel panicked: Attempted to kill init! exitcode=0x00000b00"),
        (
            "UEFI Interactive Shell v2.2\nEDK II\n\nShell> ",
            "the firmware found no boot loader on the disk",
        ),
        (
            "BdsDxe: No bootable option or device was found.\n",
            "the firmware found no boot loader on the disk",
        ),
        (
            "[ 9.0] Out of memory: Killed process 77 (cloud-init) total-vm:1kB\n",
            "the machine ran out of memory",
        ),
    ],
)
def test_a_boot_that_failed_is_told_in_a_sentence(said: str, seen: str) -> None:
    found = console.trouble(said)
    assert found
    assert found[1].seen == seen
    assert found[1].fix


def test_the_missing_root_file_system_is_named() -> None:
    found = console.trouble(NO_ROOT)
    assert found
    assert "LABEL=nowhere" in found[1].cause
    assert any(line.startswith("ALERT!") for line in found[1].log)


def test_emergency_mode_says_what_could_not_be_mounted() -> None:
    found = console.trouble(EMERGENCY)
    assert found
    assert "data.mount" in found[1].cause
    assert "dev-vdz.device" in found[1].cause


def test_a_boot_that_goes_well_shows_no_trouble() -> None:
    said = """\
[    0.000000] Linux version 6.12.48+deb13-amd64
[  OK  ] Reached target rescue-ish.target - Something else.
[  OK  ] Started ssh.service - OpenBSD Secure Shell server.
Debian GNU/Linux 13 cc-booted ttyS0
cc-booted login: """
    assert console.trouble(said) is None
    assert console.PROMPT.search(said)


def test_escape_sequences_are_not_shown() -> None:
    raw = b"\x1b[2J\x1b[01;01H\x1b[=3h\x1b[1;32m  OK  \x1b[0m\r\nGRUB\x1b[05;10Hmenu\x07\r\n"
    raw += b"\x1b]0;title\x07end"
    assert console.text(raw) == "\n  OK  \nGRUB\nmenu\nend"


def test_a_prompt_that_logs_in_by_itself_is_one_too() -> None:
    found = console.PROMPT.search("cc-booted login: cc (automatic login)\n")
    assert found
    assert console.AUTOMATIC.search(found[0])


def test_a_prompt_with_others_lines_behind_it_is_one() -> None:
    assert console.PROMPT.search("cc-booted login: [  190.1] cloud-init[461]: ci-info: ++")


def test_talk_about_logins_is_no_prompt() -> None:
    assert not console.PROMPT.search("[  OK  ] Started systemd-logind.service - User Login: x.")
    assert not console.PROMPT.search("[   12.0] a login: that the kernel tells")


RECORDED = {
    "no-grub-cfg": "GRUB found no grub.cfg",
    "no-root": "the kernel did not find its root file system",
}


@pytest.mark.parametrize("name", RECORDED)
def test_consoles_of_real_broken_images_are_understood(name: str) -> None:
    found = console.trouble((CONSOLES / f"{name}.txt").read_text())
    assert found
    assert found[1].seen == RECORDED[name]


def test_every_recorded_console_is_judged() -> None:
    assert {file.stem for file in CONSOLES.glob("*.txt")} == set(RECORDED)
