"""Checks of the running system: kernel, console, units, clock, disk, restart."""

from __future__ import annotations

import re
import shlex
import time

from cc_ansible.appliances.boot import console as text
from cc_ansible.appliances.checks.subject import Look, failed
from cc_ansible.verify.check import Failed, Skipped, Trouble

PROMPT_SECONDS = 30.0
UNITS_SECONDS = 60.0
CLOCK_SECONDS = 120
"""How far the clock may be off: it was set from the machine's when it was switched on."""
GROWN = 0.95
"""Part of the disk that the root file system must have; the rest is partitions to boot from."""


def boot(look: Look) -> str:
    """It came up as the system that it was built as."""
    guest, subject = look.guest, look.subject
    system: dict[str, str] = dict(
        re.findall(r'^(\w+)="?([^"\n]*)"?$', look.ask("cat /etc/os-release"), re.M)
    )
    is_what = (system.get("ID", ""), system.get("VERSION_CODENAME", system.get("VERSION_ID", "")))
    wanted = (subject.distro or is_what[0], subject.release or is_what[1])
    if is_what != wanted:
        raise failed(
            f"it is {' '.join(is_what)}, not {' '.join(wanted)}",
            "/etc/os-release says so.",
            "See `base:` of the appliance, and what its packages replaced.",
        )
    kernel, arch = look.ask("uname -rm").split()
    if arch != subject.arch:
        raise failed(f"it is for {arch}, not {subject.arch}", "The kernel says so.", "")
    if "kernel" in guest.blind:
        kernel = f"not its own kernel: {guest.blind['kernel']}"
    name = system.get("PRETTY_NAME", is_what[0])
    return f"{name}, {kernel}, login after {guest.seconds:.0f} s ({guest.how})"


def console(look: Look) -> str:
    """Kernel, systemd and a login prompt are seen on the serial console."""
    guest = look.guest
    fix = "See GRUB_CMDLINE_LINUX in /etc/default/grub: console=" + guest.serial
    if f"console={guest.serial}" not in look.ask("cat /proc/cmdline"):
        raise failed(
            f"the kernel does not use {guest.serial}", "Its arguments do not name it.", fix,
            look.ask("cat /proc/cmdline"),
        )  # fmt: skip
    deadline = time.monotonic() + PROMPT_SECONDS * guest.patience
    while not (found := text.PROMPT.search(guest.console)):
        if time.monotonic() > deadline:
            unit = f"serial-getty@{guest.serial}.service"
            state = look.tries(f"systemctl show -p ActiveState,UnitFileState {unit}")
            raise failed(
                f"no login prompt on {guest.serial}",
                f"{unit}: {' '.join(state.split())}.",
                f"Enable {unit}, or see that the kernel's last console= is {guest.serial}.",
                *text.tail(guest.console),
            )
        time.sleep(1)
    if "Linux version" not in guest.console and "systemd[1]" not in guest.console:
        raise failed(
            "nothing of the kernel or of systemd is seen",
            "Only the login prompt comes to the serial console, so a boot that fails says nothing.",
            f"{fix} must be the last console= there, and `quiet` should not be.",
            *text.tail(guest.console),
        )
    who = " that logs in by itself" if text.AUTOMATIC.search(found[0]) else ""
    return f"kernel, systemd and a login prompt{who} on {guest.serial}"


def units(look: Look) -> str:
    """systemd started all that it was to start."""
    guest = look.guest
    deadline = time.monotonic() + UNITS_SECONDS * guest.patience
    while (state := guest.run("systemctl is-system-running").out.strip()) in (
        "initializing",
        "starting",
    ):
        if time.monotonic() > deadline:
            jobs = look.tries("systemctl list-jobs --no-legend").splitlines()
            raise failed(
                f"it is still starting after {guest.seconds:.0f} s",
                "Units that wait keep the boot from its end.",
                "See what these units wait for.",
                *jobs[:8],
            )
        time.sleep(1)
    listed = look.ask("systemctl list-units --failed --plain --no-legend --full")
    broken = [line.split()[0] for line in listed.splitlines() if line.strip()]
    if broken:
        raise Failed(*[_broken(look, unit) for unit in broken[:6]])
    count = look.ask("systemctl list-units --state=active --plain --no-legend | wc -l")
    return f"{state}, {count} units active, none failed"


def _broken(look: Look, unit: str) -> Trouble:
    quoted = shlex.quote(unit)
    log = look.tries(f"journalctl -b -u {quoted} -n 6 --no-pager -o cat", root=True)
    why = look.tries(f"systemctl show -p Result --value {quoted}")
    return Trouble(
        f"unit {unit} failed",
        f"{unit}: {why}." if why else "",
        f"Mend {unit}, or leave it out of the image.",
        tuple(log.splitlines()),
    )


def timesync(look: Look) -> str:
    """Something keeps the clock right; whether it can is not seen without a network."""
    names = ("systemd-timesyncd", "chrony", "chronyd", "ntpsec", "ntp", "ntpd", "openntpd")
    states = look.guest.run("systemctl is-active " + " ".join(names)).out.split()
    running = [name for name, state in zip(names, states, strict=False) if state == "active"]
    if not running:
        raise failed(
            "nothing keeps its clock",
            "No time service runs.",
            "Add systemd-timesyncd or chrony to the image, and enable it.",
        )
    before = time.time()
    off = int(look.ask("date +%s")) - (before + time.time()) / 2
    if abs(off) > CLOCK_SECONDS:
        raise failed(
            f"its clock is {abs(off):.0f} s {'ahead' if off > 0 else 'behind'}",
            "It takes the machine's clock for local time, or never reads it.",
            "See /etc/adjtime and the time zone.",
        )
    return f"{running[0]} runs, clock off by {abs(off):.0f} s"


def growroot(look: Look) -> str:
    """The root file system has grown to the disk, which is larger than the image."""
    source = look.ask("findmnt -nvo SOURCE /")
    have = int(look.ask("findmnt -bno SIZE /"))
    parents = look.ask(f"lsblk -bsnlo TYPE,SIZE,NAME {shlex.quote(source)}").splitlines()
    disks = [line.split() for line in parents if line.split()[0] == "disk"]
    if not disks:
        raise Skipped("its root file system is on no disk")
    size = int(disks[0][1])
    shown = f"{have / 2**30:.1f} of {size / 2**30:.1f} GiB"
    partition = int(parents[0].split()[1])
    if have < GROWN * partition - 2**27:
        raise failed(
            f"the root file system did not grow: {shown}",
            "Its partition did, but nothing resized the file system.",
            "See module resizefs in /etc/cloud/cloud.cfg.",
        )
    if partition < GROWN * size - 2**29:
        raise failed(
            f"the root partition did not grow: {shown}",
            "Nothing made the partition larger at boot, or it is not the last one.",
            "Add cloud-guest-utils (growpart) to the image; see module growpart in cloud.cfg.",
        )
    return shown


def reboot(look: Look) -> str:
    """It comes up again as the same machine."""
    guest = look.guest
    before = look.ask("cat /etc/machine-id; cat /etc/ssh/ssh_host_*_key.pub")
    took = guest.reboot()
    after = look.ask("cat /etc/machine-id; cat /etc/ssh/ssh_host_*_key.pub")
    if before != after:
        raise failed(
            "it is another machine after a restart",
            "Its machine id or its host keys changed.",
            "See what makes them at each boot instead of the first.",
        )
    if look.ask("hostname") != guest.hostname:
        raise failed("its host name is lost after a restart", "", "See what sets it at boot.")
    return f"up again after {took:.0f} s, the same host keys and machine id"


def power(look: Look) -> str:
    """It switches off when its power button is pressed, as a cloud does to stop it."""
    took = look.guest.power_off()
    if took is None:
        raise failed(
            "it does not react to its power button",
            "Nothing listens to ACPI: systemd-logind is what does.",
            "See that systemd-logind runs (packages dbus, libpam-systemd).",
            *text.tail(look.guest.console),
        )
    return f"off after {took:.0f} s"
