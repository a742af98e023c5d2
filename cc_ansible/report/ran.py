"""Runs as the journal of this machine has them; of each only what may be shown."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cc_ansible.errors import Locked
from cc_ansible.report.moments import moment
from cc_ansible.runs import journal, lock
from cc_ansible.verify import deploys

if TYPE_CHECKING:
    from pathlib import Path

KEPT = 40


@dataclass(frozen=True)
class RunFact:
    """A run. ``seconds`` is None while it is under way or when nobody saw its end."""

    id: str
    action: str
    tags: tuple[str, ...]
    outcome: str
    who: str
    started: datetime.datetime
    seconds: float | None = None
    commit: str | None = None
    dirty: bool | None = None

    @property
    def ok(self) -> bool:
        """Whether it did what it was meant to."""
        return self.outcome == "ok"

    @property
    def bad(self) -> bool:
        """Whether it ended without doing so."""
        return self.outcome not in ("ok", "running")


@dataclass(frozen=True)
class Journal:
    """What this machine did to the site, newest first. ``now`` is who holds the lock."""

    runs: Sequence[RunFact] = ()
    deploy: RunFact | None = None
    """The last one that was to bring services to what the site config says; see `deploys`."""
    now: str = ""


def read(state_dir: Path) -> Journal:
    """The journal of a site; an empty one where nothing ran yet."""
    facts = [(each, fact) for each in journal.list_runs(state_dir) if (fact := _fact(each))]
    deploy = next((fact for each, fact in facts if deploys.is_one(each)), None)
    return Journal([fact for _, fact in facts[:KEPT]], deploy, _now(state_dir))


def _fact(record: journal.Record) -> RunFact | None:
    started = moment(record.started)
    if started is None:
        return None
    return RunFact(
        record.id,
        record.action,
        tuple(record.tags),
        record.outcome,
        f"{record.owner.user}@{record.owner.host}",
        started,
        record.duration,
        record.commit,
        record.dirty,
    )


def _now(state_dir: Path) -> str:
    try:
        held = lock.status(state_dir)
    except Locked as problem:
        return problem.summary
    if held is None:
        return ""
    gone = " (its process is gone)" if held.state == "dead" else ""
    owner = held.owner
    # Its purpose may hold arguments; the action is enough.
    action = held.purpose.split(" ", 1)[0]
    return f"{action} by {owner.user}@{owner.host} since {held.since}{gone}"
