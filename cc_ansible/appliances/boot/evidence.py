"""Why nobody can log in to a guest: what is known, and what to say of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cc_ansible.appliances.boot import console
from cc_ansible.appliances.boot.wire import Wire
from cc_ansible.verify.check import Trouble

Finding = tuple[str, Trouble]
"""The ready check that failed, and what is wrong."""
SSH_UNIT = re.compile(r"^(ssh|sshd)(\.service|\.socket)?\b|OpenBSD Secure Shell|OpenSSH", re.I)
_COMPLAINT = re.compile(
    r"\w+\.py\[(?:WARNING|ERROR|CRITICAL)\]: (.*)"
    r"|Failed to start (?:cloud-\w+(?:\.service)?)(.*)|^(\w+(?:Error|Exception): .*)",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Evidence:
    """All that can be seen of a guest from outside.

    Attributes:
        said: its console's text.
        report: what it told by ``seed.REPORT``, when it came so far.
        wire: what it did on the network; None where nobody listened.
        greeted: its ssh server has answered.
        refusal: why ssh could not log in.
        ended: the last words of what ran it, when that has ended.
        waited: seconds.
        resets: how often it has restarted by itself.
        silent: seconds since its console last said something, on a machine of its own.
    """

    said: str
    waited: float
    report: str = ""
    wire: Wire | None = None
    greeted: bool = False
    refusal: str = ""
    ended: str | None = None
    resets: int = 0
    silent: float = 0.0

    @property
    def booted(self) -> bool:
        """It came to a login prompt."""
        return console.PROMPT.search(self.said) is not None

    @property
    def cloud_init_ran(self) -> bool:
        return "cloud-init" in self.said.lower() or "== cloud-init" in self.report

    @property
    def cloud_init_done(self) -> bool:
        """It has said its last word; what it did not do by now it will not do."""
        return bool(re.search(r"Cloud-init v\. \S+ finished at", self.said)) or (
            "== end" in self.report
        )

    def section(self, name: str) -> list[str]:
        """Lines of a part of the guest's report."""
        found = re.search(rf"^== {re.escape(name)}\n(.*?)(?=^== |\Z)", self.report, re.S | re.M)
        return found[1].splitlines() if found else []


MOST_RESETS = 3
NO_CODE_SECONDS = 6.0
"""A boot loader speaks at once."""


def hopeless(evidence: Evidence) -> Finding | None:
    """What needs no further waiting."""
    if found := console.trouble(evidence.said):
        return found
    if evidence.ended is not None:
        return "boot", Trouble(
            "the machine switched itself off",
            f"It ended before anybody could log in. {evidence.ended}".strip(),
            "Read the last lines of its console.",
            console.tail(evidence.said),
        )
    started = re.search(r"Booting from Hard Disk\.*\s*\Z", evidence.said)
    if started and evidence.silent > NO_CODE_SECONDS:
        return "boot", Trouble(
            "the disk's boot loader does nothing",
            "The firmware started what is in the disk's first sector, and nothing came of it.",
            "See that GRUB's boot code is written there, and its core where that looks for it.",
            console.tail(evidence.said),
        )
    if evidence.resets > MOST_RESETS:
        return "boot", Trouble(
            f"it restarted {evidence.resets} times",
            "It resets itself again and again, before anybody could log in.",
            "Read the last lines of its console; a kernel for another processor does this.",
            console.tail(evidence.said),
        )
    return None


def explain(evidence: Evidence) -> Finding:
    """Why nobody could log in although there was time enough."""
    for question in (hopeless, _no_cloud_init, _no_address, _no_server, _refused):
        if found := question(evidence):
            return found
    if not evidence.said.strip():
        return "console", Trouble(
            "it said nothing on its serial console, and nobody could log in",
            "The kernel does not use this console, or never started.",
            "See that the kernel's arguments name it: console=ttyS0 (x86_64), ttyAMA0 (aarch64).",
        )
    return "boot", Trouble(
        f"nobody could log in within {evidence.waited:.0f} s",
        "Its console shows no reason. It may just be slow here.",
        "Give it more time (--patience), or read its console.",
        console.tail(evidence.said),
    )


def _no_cloud_init(evidence: Evidence) -> Finding | None:
    systemd_talks = re.search(r"\[ +OK +\]|systemd\[1\]:", evidence.said)
    if evidence.cloud_init_ran or not (evidence.booted and systemd_talks):
        return None
    return "cloud-init", Trouble(
        "cloud-init did not run",
        "The system started, but nothing on its console came from cloud-init, "
        "so it has neither a user's key nor host keys.",
        "See that package cloud-init is in the image and cloud-init.target is enabled.",
        console.tail(evidence.said),
    )


def _no_address(evidence: Evidence) -> Finding | None:
    wire = evidence.wire
    if wire is None or wire.address or wire.answered or wire.refused:
        return None
    if wire.asked:
        why = "It asked for one, and did not take what the DHCP server offered."
    else:
        why = "It sent no request: nothing in the image configures the network card with DHCP."
    return "network", Trouble(
        "no address by DHCP",
        why,
        "See what configures its network (systemd-networkd, netplan, ifupdown), and that it is "
        "enabled.",
        (*evidence.section("address"), *_of_network(evidence.said)) or console.tail(evidence.said),
    )


def _of_network(said: str) -> list[str]:
    words = re.compile(r"network|ci-info: \|.*(?:eth|en)\w+|dhcp", re.I)
    return [line for line in said.splitlines() if words.search(line)][-6:]


def _no_server(evidence: Evidence) -> Finding | None:
    if evidence.greeted:
        return None
    failed = [u for u in console.failed_units(evidence.said) if SSH_UNIT.search(u)]
    failed += [line.split()[0] for line in evidence.section("failed") if SSH_UNIT.search(line)]
    wire = evidence.wire
    log = evidence.section("journal ssh") or list(console.tail(evidence.said))
    if failed:
        return "ssh", Trouble(
            f"unit {failed[-1]} failed", "The ssh server did not start.",
            "See what its journal says.", tuple(log[-console.LINES:]),
        )  # fmt: skip
    if wire and wire.refused:
        return "ssh", Trouble(
            "nothing listens on port 22",
            f"It has its address ({wire.address or 'given'}), but no ssh server runs.",
            "See that openssh-server is in the image and its unit is enabled.",
            tuple(log[-console.LINES :]),
        )
    if wire and wire.calls and not wire.answered and (evidence.booted or evidence.report):
        return "ssh", Trouble(
            "port 22 does not answer",
            "It has its address, but drops what comes to port 22: a firewall.",
            "See the rules of its firewall: ssh has to be let in.",
            tuple(log[-console.LINES :]),
        )
    return None


def _refused(evidence: Evidence) -> Finding | None:
    if not evidence.refusal:
        return None
    complaints = [next(filter(None, c), "") for c in _COMPLAINT.findall(evidence.said)]
    if complaints:
        return "cloud-init", Trouble(
            f"cloud-init failed: {complaints[-1].strip()}",
            f"So nobody can log in: {evidence.refusal}",
            "See /etc/cloud in the image, and cloud-init's lines below.",
            tuple(complaints[-console.LINES :]),
        )
    return "ssh", Trouble(
        f"ssh refused the login: {evidence.refusal}",
        "The server answers, but does not take the key that cloud-init was told.",
        "See the default user in /etc/cloud/cloud.cfg, and sshd's configuration.",
        console.tail(evidence.said),
    )
