"""Counts a run as its events come in. Knows nothing of screens or files."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from cc_ansible.runs.events import (
    Event,
    HostResult,
    HostStart,
    PlaybookStart,
    PlayStart,
    Stats,
    TaskStart,
)


@dataclass
class Section:
    """A stretch of tasks of one role (or, outside of roles, one play). Times in seconds."""

    name: str
    started: float
    seconds: float = 0.0
    ok: int = 0
    changed: int = 0
    failed: int = 0

    @property
    def worked(self) -> bool:
        """Whether any task of it ran anywhere."""
        return bool(self.ok or self.changed or self.failed)


@dataclass
class Tally:
    """Where a run is and what it has done so far."""

    clock: Callable[[], float] = time.monotonic
    tasks: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    play: str = ""
    task: str = ""
    section: Section | None = None
    roles: dict[str, float] = field(default_factory=dict)
    failures: list[HostResult] = field(default_factory=list)
    hosts: int = 0
    busy: set[str] = field(default_factory=set)
    done: set[str] = field(default_factory=set)
    _before: int = 0

    def add(self, event: Event) -> Section | None:
        """Count one event. Returns the section that it ends, if it ends one."""
        match event:
            case PlaybookStart():
                self._before = len(self.failures)
                return self.end_section()
            case PlayStart():
                finished = self.end_section()
                self.play, self.task, self.hosts = event.name, "", event.hosts
                return finished
            case TaskStart():
                return self._task(event)
            case HostStart():
                self.busy.add(event.host)
            case HostResult():
                self._result(event)
            case Stats():
                self._forget_rescued(event)
                return self.end_section()
        return None

    def end_section(self) -> Section | None:
        """End the present section and return it."""
        section, self.section = self.section, None
        if section:
            section.seconds = self.clock() - section.started
            self.roles[section.name] = self.roles.get(section.name, 0.0) + section.seconds
        return section

    def slowest(self, count: int = 3) -> list[tuple[str, float]]:
        """Return the roles that took longest with their seconds, those of at least 0.1 s."""
        ranked = sorted(self.roles.items(), key=lambda item: -item[1])[:count]
        return [(name, seconds) for name, seconds in ranked if seconds >= 0.1]

    def totals(self) -> dict[str, int]:
        """Return the numbers for the journal."""
        names = ("ok", "changed", "skipped", "failed", "unreachable", "ignored", "rescued")
        return {"tasks": self.tasks, **{name: self.counts[name] for name in names}}

    def _task(self, event: TaskStart) -> Section | None:
        self.tasks += 1
        self.task = event.task
        self.busy.clear()
        self.done.clear()
        name = event.top or event.play or self.play
        if self.section and self.section.name == name:
            return None
        finished = self.end_section()
        self.section = Section(name, self.clock())
        return finished

    def _result(self, event: HostResult) -> None:
        self.busy.discard(event.host)
        self.done.add(event.host)
        bad = event.status in ("failed", "unreachable")
        status = "ignored" if bad and event.ignored else event.status
        self.counts[status] += 1
        if event.failed:
            self.failures.append(event)
        if section := self.section:
            section.changed += status == "changed"
            section.failed += event.failed
            section.ok += status in ("ok", "ignored")

    def _forget_rescued(self, stats: Stats) -> None:
        """Drop the failures that a rescue block made good, which only the statistics tell."""
        kept = self.failures[: self._before]
        for host, counted in stats.hosts.items():
            final = counted.get("failures", 0) + counted.get("unreachable", 0)
            own = [item for item in self.failures[self._before :] if item.host == host]
            for item in own[: max(0, len(own) - final)]:
                self.counts[item.status] -= 1
                self.counts["rescued"] += 1
            kept += own[max(0, len(own) - final) :]
        self.failures = kept
