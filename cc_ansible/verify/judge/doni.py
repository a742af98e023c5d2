"""Doni's workers: they run, have their database, and no work waits for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cc_ansible.verify.check import Check, Trouble
from cc_ansible.verify.result import Result
from cc_ansible.verify.view import View, containers, part

if TYPE_CHECKING:
    from cc_ansible.online.facts import Host

NAME = "workers of Doni"
LATE = 180.0
"""Seconds that due work may wait for a worker."""


def judge(view: View) -> Iterator[Result]:
    """One result for all workers; none where the site has none."""
    hosts = view.having("doni")
    if not hosts:
        return
    check, seen = Check(NAME, "agents"), [host for host in hosts if host.facts]
    if not seen:
        yield check.skipped("no host with a worker could be looked at")
        return
    troubles = [trouble for host in seen for trouble in _worker(host)]
    yield check.judged(troubles, f"{len(hosts)} alive, nothing waits for them")


def _worker(host: Host) -> Iterator[Trouble]:
    said, log = part(host, "doni"), tuple(containers(host).get("doni_worker", {}).get("log", ()))
    fix = f"See container doni_worker and /var/log/kolla/doni on {host.name}."
    if "problem" in said:
        cause = f"doni-worker on {host.name} does not answer: it does not run, or hangs."
        yield Trouble(f"{host.name}: {said['problem']}", cause, fix, log)
    elif not said.get("database", True):
        cause = f"doni-worker on {host.name} runs, but does not reach its database."
        yield Trouble(f"{host.name}: no database", cause, "See checks Galera and HAProxy.", log)
    for kind, seconds in sorted(said.get("waiting", {}).items()):
        if seconds > LATE:
            cause = f"Work of type {kind} has been due for {seconds:.0f} s and no worker takes it."
            yield Trouble(f"{kind} waits for {seconds:.0f} s", cause, fix, log)
