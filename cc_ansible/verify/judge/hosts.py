"""Hosts themselves: reached, clocks, room, memory, certificates in files, and logs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cc_ansible.online.judge.clock import MOST
from cc_ansible.verify.check import Check, Trouble
from cc_ansible.verify.result import Result
from cc_ansible.verify.view import View, part, untold

if TYPE_CHECKING:
    from cc_ansible.online.facts import Host

FULL = 90
"""Percent of a file system from which on it counts as full."""
LEAST_MEMORY = 4
"""Percent of memory that should be available."""
STALLED = 10.0
"""Percent of a minute in which everything waited for memory, from which on that hurts."""
REACH, CLOCK, DISKS, MEMORY = "host", "clock of", "disks of", "memory of"
GIB = 1024**3


def reached(view: View) -> Iterator[Result]:
    """Hosts that can be logged in to and looked at."""
    for host in view.hosts.values():
        check, troubles = Check(f"{REACH} {host.name}", "hosts"), []
        said = host.unreachable or host.trouble or host.unevaluated or "it gave no answer"
        first, *more = said.splitlines()
        if host.unreachable:
            cause = f"{host.name} cannot be reached: it is off, or the network does not let us in."
            fix = f"Try `ssh` to {host.name}; `cc-ansible validate --hosts` says more."
            troubles = [Trouble(first, cause, fix, tuple(more))]
        elif not host.facts:
            cause = f"{host.name} lets us in, but cannot be looked at."
            fix = "`cc-ansible validate --hosts` says more."
            troubles = [Trouble(first, cause, fix, tuple(more))]
        elif host.unevaluated:
            cause = f"What the site wants of {host.name} cannot be evaluated, so that VIP, HAProxy,"
            cause += " Galera, RabbitMQ and Doni are not checked there."
            fix = "`cc-ansible validate` says which value is wrong."
            troubles = [Trouble(first, cause, fix, tuple(more))]
        yield check.judged(troubles, "answers")


def clocks(view: View) -> Iterator[Result]:
    """Clocks agree with this machine's, and are kept."""
    for host in view.seen:
        troubles = list(_clock(host))
        skew = f"{abs(host.skew or 0):.0f} s off at least" if host.skew else "agrees with ours"
        keeper = part(host, "clock").get("daemon") or "nothing"
        well = f"{skew}, kept by {keeper}"
        yield Check(f"{CLOCK} {host.name}", "clock").judged(troubles, well)


def _clock(host: Host) -> Iterator[Trouble]:
    said, chrony = part(host, "clock"), part(host, "chrony")
    if host.skew is not None and abs(host.skew) > MOST:
        way = "ahead of" if host.skew > 0 else "behind"
        text = f"{abs(host.skew):.0f} s {way} this machine's"
        cause = f"The clock of {host.name} is {text}: tokens and database clusters suffer from it."
        yield Trouble(text, cause, "Set the one that is wrong: `chronyc makestep`.")
    if host.wanted.get("check_clock") is False:
        return
    fix = f"On {host.name}: `chronyc sources` shows which servers answer."
    if not said.get("daemon"):
        cause = f"No NTP daemon runs on {host.name}."
        yield Trouble("nothing keeps it", cause, f"On {host.name}: `apt-get install chrony`.")
    elif chrony.get("leap", "Normal") == "Not synchronised":
        cause = f"chronyd on {host.name} follows no server."
        yield Trouble("chronyd is not synchronised", cause, fix)
    elif said.get("synchronised") is False:
        cause = f"{said['daemon']} on {host.name} runs, but has not set the clock."
        yield Trouble("not synchronised", cause, fix)


def disks(view: View) -> Iterator[Result]:
    """Room and inodes of every file system that services write to."""
    for host in view.seen:
        troubles = untold(host, "disks", "file systems")
        found = {} if troubles else part(host, "disks")
        troubles += [t for mount, disk in found.items() for t in _full(host, mount, disk)]
        most = max((_used(disk) for disk in found.values()), default=0)
        count = "1 file system" if len(found) == 1 else f"{len(found)} file systems"
        well = f"{count}, at most {most:.0f} % full"
        yield Check(f"{DISKS} {host.name}", "disks").judged(troubles, well)


def _used(disk: Mapping[str, Any]) -> float:
    """Percent of the room that is taken."""
    total, free = disk.get("total"), disk.get("free")
    return 100 * (1 - free / total) if total and free is not None else 0.0


def _full(host: Host, mount: str, disk: Mapping[str, Any]) -> Iterator[Trouble]:
    if problem := disk.get("problem"):
        cause = f"{mount} on {host.name} does not even tell how full it is: {problem}."
        fix = f"See `dmesg | tail` on {host.name}; mount it again, or replace the disk."
        yield Trouble(f"{mount}: {problem}", cause, fix)
        return
    fix = f"On {host.name}: `du -xsh {mount.rstrip('/')}/* | sort -h`; `docker system df`; remove "
    fix += "old images with `cc-ansible prune-images`."
    if (used := _used(disk)) >= FULL:
        left = disk["free"] / GIB
        cause = f"{mount} on {host.name} is {used:.0f} % full ({left:.1f} GiB left): services stop "
        yield Trouble(f"{mount} is {used:.0f} % full", f"{cause}when it is.", fix)
    inodes, left = disk.get("inodes"), disk.get("inodes_free")
    if inodes and left is not None and (used := 100 * (1 - left / inodes)) >= FULL:
        cause = f"{used:.0f} % of the inodes of {mount} on {host.name} are taken: many small files."
        yield Trouble(f"{mount} has {left} inodes left", cause, fix)


def memory(view: View) -> Iterator[Result]:
    """Memory is available, and nothing waits for it."""
    for host in view.seen:
        said, troubles = part(host, "memory"), untold(host, "memory", "memory")
        total, available = said.get("total") or 0, said.get("available") or 0
        share = 100 * available / total if total else 100.0
        well = f"{available / GIB:.1f} of {total / GIB:.1f} GiB available"
        fix = f"On {host.name}: `ps aux --sort -rss | head`, `dmesg | grep -i oom`."
        if share < LEAST_MEMORY:
            cause = f"{host.name} has {share:.0f} % of its memory left; the kernel will end "
            troubles.append(Trouble(well, f"{cause}programs when it is gone.", fix))
        stalled = said.get("stalled")
        if stalled is not None and stalled >= STALLED:
            cause = f"For {stalled:.0f} % of the last minute all work on {host.name} waited for "
            troubles.append(Trouble(f"stalled {stalled:.0f} %", f"{cause}memory.", fix))
        yield Check(f"{MEMORY} {host.name}", "memory").judged(troubles, well)
