"""What was done to a site: one directory per run, kept after it."""

from __future__ import annotations

import contextlib
import json
import re
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from cc_ansible.errors import UsageError
from cc_ansible.runs.files import private_dir, write_json
from cc_ansible.runs.owner import Owner, here

Outcome = Literal["running", "ok", "failed", "interrupted", "error", "died"]

RUNS = "runs"
RECORD = "run.json"
EVENTS = "events.jsonl"


@dataclass
class Record:
    """One run as its ``run.json`` tells it.

    ``started`` is ISO 8601 in UTC, ``duration`` in seconds, ``commit`` the site config's git commit
    (None outside git), ``dirty`` whether it had uncommitted changes, ``counts`` the tally of the
    run, ``roles`` the seconds each role took. ``outcome`` is "died" when it says "running" but its
    process is gone.
    """

    id: str
    action: str
    purpose: str
    arguments: list[str]
    tags: list[str]
    site: str
    commit: str | None
    dirty: bool | None
    version: str
    owner: Owner
    started: str
    outcome: Outcome = "running"
    exit_code: int | None = None
    duration: float | None = None
    counts: dict[str, int] = field(default_factory=dict)
    roles: dict[str, float] = field(default_factory=dict)
    path: Path = field(default=Path(), repr=False)

    @classmethod
    def load(cls, directory: Path) -> Record:
        """Read the record in a run's directory. Raises OSError, ValueError, KeyError, TypeError."""
        data = json.loads((directory / RECORD).read_text())
        data["owner"] = Owner.load(data["owner"])
        known = {item.name for item in fields(cls)} - {"path"}
        record = cls(**{key: data[key] for key in data if key in known}, path=directory)
        if record.outcome == "running" and record.owner.state() == "dead":
            record.outcome = "died"
        return record

    def to_json(self) -> dict[str, Any]:
        """Return the content of ``run.json``."""
        return {key: value for key, value in asdict(self).items() if key != "path"}

    def events(self) -> Iterator[dict[str, Any]]:
        """Yield the events of the run; a line cut off by a crash is left out."""
        with contextlib.suppress(FileNotFoundError), (self.path / EVENTS).open() as file:
            for line in file:
                with contextlib.suppress(ValueError):
                    yield json.loads(line)


class Journal:
    """The journal of the run under way. Everything given to it must be redacted already."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.path = private_dir(record.path)
        self._began = time.monotonic()
        self._save()
        self._events = (self.path / EVENTS).open("a", buffering=1)

    def event(self, event: dict[str, Any]) -> None:
        """Append one event."""
        self._events.write(json.dumps(event, default=str) + "\n")

    def text(self, stream: str, text: str) -> None:
        """Append a line that a command printed and that is no event."""
        self.event(text_event(stream, text))

    def close(
        self,
        outcome: Outcome,
        exit_code: int,
        counts: dict[str, int] | None = None,
        roles: dict[str, float] | None = None,
    ) -> None:
        """Write how the run ended. Closing twice is harmless; the first word counts."""
        if self._events.closed:
            return
        self._events.close()
        self.record.outcome = outcome
        self.record.exit_code = exit_code
        self.record.duration = round(time.monotonic() - self._began, 3)
        self.record.counts = counts or {}
        self.record.roles = roles or {}
        self._save()

    def _save(self) -> None:
        write_json(self.path / RECORD, self.record.to_json())


def text_event(stream: str, text: str) -> dict[str, Any]:
    """Return the event form of a plain line of output."""
    return {"event": "text", "time": round(time.time(), 3), "stream": stream, "text": text}


def new_id(action: str, now: datetime | None = None) -> str:
    """Return a run id that sorts by time: ``20261121T143000Z-deploy-ab12``."""
    stamp = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    slug = re.sub(r"[^a-z0-9]+", "-", action.lower()).strip("-") or "run"
    return f"{stamp}-{slug}-{secrets.token_hex(2)}"


def new_record(
    state_dir: Path,
    site: Path,
    action: str,
    arguments: Sequence[str],
    purpose: str,
    *,
    tags: Sequence[str] = (),
    version: str = "",
) -> Record:
    """Return the record of a run that begins now, by this process."""
    commit, dirty = git_state(site)
    run_id = new_id(action)
    return Record(
        id=run_id,
        action=action,
        purpose=purpose,
        arguments=list(arguments),
        tags=sorted(tags),
        site=str(site),
        commit=commit,
        dirty=dirty,
        version=version,
        owner=here(),
        started=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        path=state_dir / RUNS / run_id,
    )


def git_state(site: Path) -> tuple[str | None, bool | None]:
    """Return commit and dirty flag of a site config, (None, None) outside git."""

    def git(*words: str) -> str:
        command = ["git", "-C", str(site), *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
        return done.stdout.strip()

    try:
        commit: str | None = git("rev-parse", "HEAD")
    except (OSError, subprocess.SubprocessError):
        return None, None
    try:
        return commit, bool(git("status", "--porcelain", "--", "."))
    except (OSError, subprocess.SubprocessError):
        return commit, None


def list_runs(state_dir: Path) -> list[Record]:
    """Return the runs of a site, newest first. Directories that hold no record are passed over."""
    records = []
    for directory in sorted((state_dir / RUNS).glob("[0-9]*"), reverse=True):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            records.append(Record.load(directory))
    return records


def read(state_dir: Path, run: str = "") -> Record:
    """Return one run by its id or the beginning or end of it; without it, the latest.

    Raises UsageError when there is none, or more than one.
    """
    found = [r for r in list_runs(state_dir) if r.id.startswith(run) or r.id.endswith(run)]
    if not found:
        what = f"no run {run!r}" if run else "no run yet"
        raise UsageError(f"There is {what} in the journal of this site.", fix="cc-ansible runs")
    if run and len(found) > 1 and found[0].id != run:
        several = ", ".join(record.id for record in found[:5])
        raise UsageError(f"More than one run matches {run!r}.", detail=several)
    return found[0]


def usual_tasks(state_dir: Path, action: str, tags: Sequence[str]) -> int | None:
    """Return how many tasks the last good run of this action with these tags had, if any."""
    for record in list_runs(state_dir):
        same = record.action == action and record.tags == sorted(tags)
        if same and record.outcome == "ok" and record.counts.get("tasks"):
            return record.counts["tasks"]
    return None


def prune(state_dir: Path, keep: int = 100) -> int:
    """Delete the oldest runs beyond ``keep``, never one under way; return how many went."""
    gone = [record for record in list_runs(state_dir)[keep:] if record.outcome != "running"]
    for record in gone:
        shutil.rmtree(record.path, ignore_errors=True)
    return len(gone)
