"""Asks all hosts at once: one playbook in the site's own context, its results as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from cc_ansible.kolla.workspace import Workspace
from cc_ansible.online import playbook
from cc_ansible.online.facts import Facts, Host
from cc_ansible.online.playbook import Log
from cc_ansible.runs.events import HostResult

PLAYBOOK = "look-at-hosts.yml"
WANTS, AS_ROOT, WITHOUT, ANSWERS = (
    "What the site wants",
    "Look as root",
    "Look without root's rights",
    "What answers it",
)
"""Names of the playbook's tasks."""

TASK_SECONDS = 45
"""How long a host may take for one task."""


@dataclass(frozen=True)
class Questions:
    """Which hosts to look at, and what each of them is to reach: host -> what."""

    hosts: list[str]
    tcp: Mapping[str, list[str]] = field(default_factory=dict)
    redfish: Mapping[str, list[str]] = field(default_factory=dict)
    ipmi: Mapping[str, list[str]] = field(default_factory=dict)


def look(
    space: Workspace,
    questions: Questions,
    groups: Mapping[str, Iterable[str]],
    say: Callable[[str], None] = lambda text: None,
) -> dict[str, Host]:
    """Look at the hosts; those that cannot be looked at say why.

    ``groups`` are the hosts of every group; ``say`` is told how far we are.

    Raises:
        RunFailed: Ansible did not even start.
        Interrupted: stopped by the user; nothing that was started goes on.
    """
    asked = {
        "cc_look": {
            "hosts": questions.hosts,
            "seconds": TASK_SECONDS,
            "tcp": questions.tcp,
            "redfish": questions.redfish,
            "ipmi": questions.ipmi,
        }
    }

    def heard(log: Log) -> None:
        done = {host for host, task in log.results if task in (AS_ROOT, WITHOUT)}
        say(f"{len(done)} of {len(questions.hosts)} looked at")

    log = playbook.run(space, PLAYBOOK, asked, len(questions.hosts), heard)
    return {name: _host(name, log, groups) for name in questions.hosts}


def _host(name: str, log: Log, groups: Mapping[str, Iterable[str]]) -> Host:
    wants = log.results.get((name, WANTS))
    root = log.results.get((name, AS_ROOT))
    without = log.results.get((name, WITHOUT))
    answers = log.results.get((name, ANSWERS))
    looked = next((one for one in (root, without) if one and one.status == "ok"), None)
    wanted = wants.msg if wants and wants.status == "ok" and isinstance(wants.msg, dict) else {}
    said = playbook.result(looked).get("facts") if looked else None
    last = without or root or wants
    return Host(
        name,
        groups=frozenset(group for group, hosts in groups.items() if name in hosts),
        wanted=wanted,
        facts=Facts(said) if isinstance(said, dict) else None,
        answers=playbook.result(answers).get("answers") or {},
        unreachable=playbook.why(root or without, "unreachable"),
        trouble=""
        if looked
        else playbook.why(last, "failed") or ("" if last else "Ansible left it out"),
        denied=playbook.why(root, "failed") if without and without.status == "ok" else "",
        unasked=playbook.why(answers, "failed") or playbook.why(answers, "unreachable"),
        unevaluated=playbook.why(wants, "failed"),
        skew=_skew(looked, log) if looked else None,
    )


def _skew(event: HostResult, log: Log) -> float | None:
    """By how many seconds a host's clock is ahead of ours, at least; its answer took a while."""
    now = playbook.result(event).get("facts", {}).get("clock", {}).get("now")
    begun = log.began(event)
    if not isinstance(now, int | float) or begun is None:
        return None
    return min(now - begun, 0.0) + max(now - event.time, 0.0)
