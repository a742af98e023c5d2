"""Asks all hosts at once: one playbook in the site's own context, its results as JSON."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cc_ansible.errors import RunFailed
from cc_ansible.kolla.workspace import Workspace
from cc_ansible.online.facts import Facts, Host
from cc_ansible.paths import PROJECT, VENV_BIN
from cc_ansible.runs import diagnose, events, process
from cc_ansible.runs.events import HostResult, HostStart
from cc_ansible.runs.run import event_environment

PLAYBOOK = "look-at-hosts.yml"
WANTS, AS_ROOT, WITHOUT, ANSWERS = (
    "What the site wants",
    "Look as root",
    "Look without root's rights",
    "What answers it",
)
"""Names of the playbook's tasks."""

CONNECT_SECONDS = 8
"""How long a host may take to let us in."""
TASK_SECONDS = 45
"""How long a host may take for one task."""
GRACE = 3.0
"""Seconds Ansible gets to end after Ctrl-C."""
FORKS = 50
HOSTS_RUN = (0, 2, 4)
"""Exit codes of Ansible when it got as far as the hosts."""
TAIL = 15


@dataclass(frozen=True)
class Questions:
    """Which hosts to look at, and what each of them is to reach: host -> what."""

    hosts: list[str]
    tcp: Mapping[str, list[str]] = field(default_factory=dict)
    redfish: Mapping[str, list[str]] = field(default_factory=dict)
    ipmi: Mapping[str, list[str]] = field(default_factory=dict)


@dataclass
class _Log:
    """What the playbook said, host by host."""

    results: dict[tuple[str, str], HostResult] = field(default_factory=dict)
    started: dict[tuple[str, str], float] = field(default_factory=dict)
    text: list[str] = field(default_factory=list)


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
    variables = space.path / "look.json"
    variables.write_text(json.dumps(asked))
    argv = [str(VENV_BIN / "ansible-playbook"), "-i", str(space.inventory), "-v"]
    argv += ["--forks", str(min(FORKS, len(questions.hosts))), "-e", f"@{variables}"]
    argv += [*space.vault_arguments(), str(space.tree / PLAYBOOK)]
    log = _Log()

    def on_line(stream: process.Stream, line: str) -> None:
        _take(line, log)
        done = {host for host, task in log.results if task in (AS_ROOT, WITHOUT)}
        say(f"{len(done)} of {len(questions.hosts)} looked at")

    run_id = f"look-{uuid.uuid4().hex}"
    environment = _environment(space)
    code = process.spawn(
        argv, on_line=on_line, env=environment, cwd=space.path, run_id=run_id, grace=GRACE
    )
    if code not in HOSTS_RUN or not log.results:
        raise RunFailed(
            f"Ansible could not look at the hosts (exit code {code}).",
            detail="\n".join(log.text[-TAIL:]),
        )
    return {name: _host(name, log, groups) for name in questions.hosts}


def _environment(space: Workspace) -> dict[str, str]:
    environment = event_environment({**os.environ, **space.environment()})
    return {
        # SSH would keep its connections open for a minute after we are gone.
        "ANSIBLE_SSH_ARGS": "-C -o ControlMaster=auto -o ControlPersist=5s",
        **environment,
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_LIBRARY": str(PROJECT / "plugins" / "modules"),
        "ANSIBLE_TIMEOUT": str(CONNECT_SECONDS),
        # Modules are piped into Python, so that no file of theirs is put on a host.
        "ANSIBLE_PIPELINING": "true",
        "ANSIBLE_KEEP_REMOTE_FILES": "false",
    }


def _take(line: str, log: _Log) -> None:
    text, raw = events.decode(line)
    if text.strip():
        log.text.append(text)
    event = events.typed(raw) if raw is not None else None
    if isinstance(event, HostStart):
        log.started[event.host, event.uuid] = event.time
    elif isinstance(event, HostResult):
        log.results[event.host, event.task] = event


def _host(name: str, log: _Log, groups: Mapping[str, Iterable[str]]) -> Host:
    wants = log.results.get((name, WANTS))
    root = log.results.get((name, AS_ROOT))
    without = log.results.get((name, WITHOUT))
    answers = log.results.get((name, ANSWERS))
    looked = next((one for one in (root, without) if one and one.status == "ok"), None)
    wanted = wants.msg if wants and wants.status == "ok" and isinstance(wants.msg, dict) else {}
    said = _result(looked).get("facts") if looked else None
    last = without or root or wants
    return Host(
        name,
        groups=frozenset(group for group, hosts in groups.items() if name in hosts),
        wanted=wanted,
        facts=Facts(said) if isinstance(said, dict) else None,
        answers=_result(answers).get("answers") or {},
        unreachable=_why(root or without, "unreachable"),
        trouble="" if looked else _why(last, "failed") or ("" if last else "Ansible left it out"),
        denied=_why(root, "failed") if without and without.status == "ok" else "",
        unasked=_why(answers, "failed") or _why(answers, "unreachable"),
        unevaluated=_why(wants, "failed"),
        skew=_skew(looked, log) if looked else None,
    )


def _result(event: HostResult | None) -> Mapping[str, Any]:
    found = event.raw.get("result") if event and event.status == "ok" else None
    return found if isinstance(found, Mapping) else {}


def _why(event: HostResult | None, status: str) -> str:
    if event is None or event.status != status:
        return ""
    return diagnose.reason({**event.raw, "msg": event.msg}) or status


def _skew(event: HostResult, log: _Log) -> float | None:
    """By how many seconds a host's clock is ahead of ours, at least; its answer took a while."""
    now = _result(event).get("facts", {}).get("clock", {}).get("now")
    begun = log.started.get((event.host, event.uuid))
    if not isinstance(now, int | float) or begun is None:
        return None
    return min(now - begun, 0.0) + max(now - event.time, 0.0)
