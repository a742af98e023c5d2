"""Runs a playbook that only looks, in the site's own context; its results by host and task."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cc_ansible.errors import RunFailed
from cc_ansible.kolla.workspace import Workspace
from cc_ansible.paths import PROJECT, VENV_BIN
from cc_ansible.runs import diagnose, events, process
from cc_ansible.runs.events import HostResult, HostStart
from cc_ansible.runs.run import event_environment

CONNECT_SECONDS = 8
"""How long a host may take to let us in."""
GRACE = 3.0
"""Seconds Ansible gets to end after Ctrl-C."""
FORKS = 50
HOSTS_RUN = (0, 2, 4)
"""Exit codes of Ansible when it got as far as the hosts."""
TAIL = 15
PLUGINS = PROJECT / "plugins"


@dataclass
class Log:
    """What the playbook said, host by host."""

    results: dict[tuple[str, str], HostResult] = field(default_factory=dict)
    started: dict[tuple[str, str], float] = field(default_factory=dict)
    text: list[str] = field(default_factory=list)

    def take(self, line: str) -> None:
        """Take in one line of Ansible's output."""
        text, raw = events.decode(line)
        if text.strip():
            self.text.append(text)
        event = events.typed(raw) if raw is not None else None
        if isinstance(event, HostStart):
            self.started[event.host, event.uuid] = event.time
        elif isinstance(event, HostResult):
            self.results[event.host, event.task] = event

    def began(self, event: HostResult) -> float | None:
        """When the task of a result was begun on its host, seconds since 1970."""
        return self.started.get((event.host, event.uuid))


def run(
    space: Workspace,
    playbook: str,
    asked: Mapping[str, Any],
    hosts: int,
    heard: Callable[[Log], None] = lambda log: None,
) -> Log:
    """Run one of our playbooks with extra variables ``asked`` on so many ``hosts``.

    ``heard`` is told after every line of output.

    Raises:
        RunFailed: Ansible did not even start.
        Interrupted: stopped by the user; nothing that was started goes on.
    """
    name = playbook.removesuffix(".yml")
    variables = space.path / f"{name}.json"
    variables.write_text(json.dumps(asked))
    argv = [str(VENV_BIN / "ansible-playbook"), "-i", str(space.inventory), "-v"]
    argv += ["--forks", str(min(FORKS, hosts)), "-e", f"@{variables}"]
    argv += [*space.vault_arguments(), str(space.tree / playbook)]
    log = Log()

    def on_line(stream: process.Stream, line: str) -> None:
        log.take(line)
        heard(log)

    code = process.spawn(
        argv,
        on_line=on_line,
        env=environment(space),
        cwd=space.path,
        run_id=f"{name}-{uuid.uuid4().hex}",
        grace=GRACE,
    )
    if code not in HOSTS_RUN or not log.results:
        raise RunFailed(
            f"Ansible could not look at the hosts (exit code {code}).",
            detail="\n".join(log.text[-TAIL:]),
        )
    return log


def environment(space: Workspace) -> dict[str, str]:
    """Environment of Ansible: our modules, events on its output, no trace left on hosts."""
    return {
        # SSH would keep its connections open for a minute after we are gone.
        "ANSIBLE_SSH_ARGS": "-C -o ControlMaster=auto -o ControlPersist=5s",
        **event_environment({**os.environ, **space.environment()}),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_LIBRARY": str(PLUGINS / "modules"),
        # Modules share functions: one of them may be part of another.
        "ANSIBLE_MODULE_UTILS": f"{PLUGINS / 'module_utils'}:{PLUGINS / 'modules'}",
        "ANSIBLE_TIMEOUT": str(CONNECT_SECONDS),
        # Modules are piped into Python, so that no file of theirs is put on a host.
        "ANSIBLE_PIPELINING": "true",
        "ANSIBLE_KEEP_REMOTE_FILES": "false",
    }


def result(event: HostResult | None) -> Mapping[str, Any]:
    """What a module returned; empty when it did not get that far."""
    found = event.raw.get("result") if event and event.status == "ok" else None
    return found if isinstance(found, Mapping) else {}


def why(event: HostResult | None, status: str) -> str:
    """Why a task ended like this, in a line; empty when it did not."""
    if event is None or event.status != status:
        return ""
    return diagnose.reason({**event.raw, "msg": event.msg}) or status
