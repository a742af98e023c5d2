"""No line in the logs of services says ERROR since the last deploy."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from cc_ansible.verify.check import Check, Trouble
from cc_ansible.verify.result import Result
from cc_ansible.verify.view import View, part, untold

if TYPE_CHECKING:
    from cc_ansible.online.facts import Host

NAME = "logs of"
SHOWN = 4
"""How many kinds of lines are told of; the most recent ones."""
WIDTH = 160
PASSWORDS = "See `cc-ansible passwords check`; then `cc-ansible reconfigure --tags {tag}`."
MEANINGS = (
    (r"Access denied for user", "MariaDB refuses its password", PASSWORDS),
    (r"ACCESS_REFUSED|Login was refused", "RabbitMQ refuses its password", PASSWORDS),
    (r"requires authentication|HTTP 401|Unauthorized", "Keystone refuses its password", PASSWORDS),
    (r"(Can't|Cannot) connect to (MySQL|MariaDB|server)|Lost connection to (MySQL|MariaDB|server)",
     "it does not reach MariaDB", "See checks Galera and HAProxy."),
    (r"AMQP server on .* is unreachable|Connection to .*:567[12]", "it does not reach RabbitMQ",
     "See check RabbitMQ."),
    (r"No space left on device", "a disk is full", "See checks of disks."),
    (r"certificate verify failed|certificate has expired", "it does not trust a certificate",
     "See checks of certificates."),
)  # fmt: skip
"""What lines mean: pattern, meaning, and what to do. ``{tag}`` is the service's."""


def judge(view: View) -> Iterator[Result]:
    """One result for each host; lines of the allow-list are only counted."""
    for host in view.seen:
        check, said = Check(f"{NAME} {host.name}", "logs"), part(host, "logs")
        if problems := untold(host, "logs", "logs"):
            if view.expected(host) and part(host, "engine").get("state") == "running":
                yield check.judged(problems, "")
            else:
                yield check.skipped(f"no container of the site runs there; {problems[0].seen}")
            continue
        kinds = [kind for kind in said.get("kinds", ()) if not _allowed(view, kind)]
        allowed = sum(kind["count"] for kind in said.get("kinds", ()) if kind not in kinds)
        newest = sorted(kinds, key=lambda kind: str(kind["last"]))[-SHOWN:]
        troubles = [_trouble(host, kind) for kind in reversed(newest)]
        if more := len(kinds) - len(newest):
            fix = "The later ones may follow from the first."
            troubles.append(Trouble(f"and {more} more kinds of lines", "", fix))
        troubles += [_unreadable(host, str(text)) for text in said.get("unreadable", ())]
        if troubles and _unread(said):
            troubles.append(Trouble("; ".join(_unread(said)), "", ""))
        yield check.judged(troubles, "; ".join([_well(said, allowed), *_unread(said)]))


def _unreadable(host: Host, text: str) -> Trouble:
    cause = f"A log on {host.name} cannot be read: {text}."
    return Trouble(f"unreadable: {text}", cause, f"See `dmesg | tail` on {host.name}.")


def _unread(said: Mapping[str, Any]) -> list[str]:
    """What of the logs was not looked at, because there is too much of it."""
    found = []
    if cut := said.get("cut"):
        found.append(f"only the end was read of {', '.join(cut)}")
    if more := said.get("more"):
        found.append(f"{more} older kinds of lines were not looked at")
    return found


def _well(said: Mapping[str, Any], allowed: int) -> str:
    since = datetime.datetime.fromtimestamp(said.get("since") or 0, datetime.UTC)
    text = f"nothing in {said.get('files', 0)} logs since {since:%Y-%m-%d %H:%M} UTC"
    return f"{text}, but {allowed} lines of the allow-list" if allowed else text


def _allowed(view: View, kind: Mapping[str, Any]) -> bool:
    return any(entry.covers(kind["file"], kind["text"]) for entry in view.allowed)


def _trouble(host: Host, kind: Mapping[str, Any]) -> Trouble:
    path, count = PurePosixPath(kind["file"]), kind["count"]
    times = f"{count} times" if count > 1 else "once"
    cause = f"{path.stem} on {host.name} wrote {kind['level']} {times}, last at {kind['last']}: "
    cause += f"{str(kind['text'])[:WIDTH]}."
    fix = f"Read on in /var/log/kolla/{path} on {host.name}; what is harmless goes into the site's "
    fix += "verify-allow.yml."
    for pattern, meaning, advice in MEANINGS:
        if re.search(pattern, kind["text"]):
            cause, fix = f"{cause} So {meaning}.", advice.format(tag=path.parts[0])
            break
    lines = tuple(f"{path.stem}: {line}" for line in kind["lines"])
    return Trouble(f"{path.stem}: {count} {kind['level']}", cause, fix, lines)
