"""What of all that is known needs the admin, the most urgent first."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from cc_ansible.report.facts import Facts
from cc_ansible.report.moments import about, ago

Urgency = Literal["error", "warning"]

CERTIFICATE_DAYS = 30
"""Days before its end from which on a certificate is worth a word."""
BACKUP_DAYS = 2
"""Age of the newest backup from which on it is worth a word."""
DATABASE = "mariadb"
FEW = 3


@dataclass(frozen=True)
class Need:
    """One thing to do something about; ``fix`` is the command or deed, where there is one."""

    urgency: Urgency
    text: str
    fix: str = ""


def of(facts: Facts) -> list[Need]:
    """Everything that needs the admin. What could not be asked is no trouble, only unknown."""
    found = [
        *_hosts(facts),
        *_clusters(facts),
        *_alerts(facts),
        *_certificates(facts),
        *_verification(facts),
        *_deploy(facts),
        *_hardware(facts),
        *_backup(facts),
    ]
    return sorted(found, key=lambda need: need.urgency != "error")


def _hosts(facts: Facts) -> Iterator[Need]:
    for host in facts.hosts.value or ():
        if host.why:
            yield Need("error", f"{host.name} cannot be looked at: {host.why}")
        elif host.troubles:
            yield Need("error", f"{host.name}: {few(host.troubles)}", "cc-ansible verify")


def _clusters(facts: Facts) -> Iterator[Need]:
    for result in facts.clusters:
        if result.failed:
            said = f": {result.detail}" if result.detail else ""
            yield Need("error", f"{result.name}{said}", "cc-ansible verify")


def _alerts(facts: Facts) -> Iterator[Need]:
    for alert in facts.alerts.value or ():
        urgency: Urgency = "error" if alert.severity in ("critical", "error") else "warning"
        said = f": {alert.summary}" if alert.summary else ""
        yield Need(urgency, f"alert {alert.name}{said}")


def _certificates(facts: Facts) -> Iterator[Need]:
    soon = facts.now + datetime.timedelta(days=CERTIFICATE_DAYS)
    for one in facts.every_certificate:
        if one.end <= facts.now:
            yield Need("error", f"{one.where} expired {ago(one.end, facts.now)}")
        elif one.end <= soon:
            yield Need("warning", f"{one.where} expires {ago(one.end, facts.now)}")


def _verification(facts: Facts) -> Iterator[Need]:
    last = facts.verification.value
    if last and last.failed:
        names = few([result.name for result in last.failed])
        yield Need("error", f"verify failed {ago(last.when, facts.now)}: {names}",
                   "cc-ansible verify")  # fmt: skip


def _deploy(facts: Facts) -> Iterator[Need]:
    last = facts.deploy
    if last and last.bad:
        yield Need("error", f"the last {last.action} {ended(last.outcome)}",
                   f"cc-ansible runs {last.id}")  # fmt: skip


def _hardware(facts: Facts) -> Iterator[Need]:
    troubled = facts.hardware.value.troubled if facts.hardware.value else []
    for item in troubled[:FEW]:
        yield Need("warning", f"hardware {item.name}: {item.trouble}",
                   f"cc-ansible hardware show {item.name}")  # fmt: skip
    if len(troubled) > FEW:
        yield Need("warning", f"{len(troubled) - FEW} more items of hardware are in trouble",
                   "cc-ansible hardware list")  # fmt: skip


def _backup(facts: Facts) -> Iterator[Need]:
    made, hosts = facts.backup, facts.hosts.value or ()
    with_database = any(each.name == DATABASE for host in hosts for each in host.containers)
    if made is None and with_database and not any(host.why for host in hosts):
        yield Need("warning", "there is no backup of the database", "cc-ansible mariadb-backup")
    if made and facts.now - made > datetime.timedelta(days=BACKUP_DAYS):
        age = about(facts.now - made)
        yield Need("warning", f"the newest backup is {age} old", "cc-ansible mariadb-backup")


def ended(outcome: str) -> str:
    """How a run ended, as the end of a sentence."""
    words = {"ok": "succeeded", "running": "is under way", "interrupted": "was interrupted"}
    return words.get(outcome, "ended with a defect" if outcome == "error" else outcome)


def few(words: list[str], most: int = FEW) -> str:
    """Some of many words, and how many others there are."""
    rest = len(words) - most
    return ", ".join(words[:most]) + (f" and {rest} more" if rest > 0 else "")
