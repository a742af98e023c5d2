"""The events of a run, read from the stream that the ``cc_events`` callback writes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

RECORD = "\x1e"

Status = Literal["ok", "changed", "skipped", "failed", "unreachable"]


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened; ``time`` is seconds since 1970, ``raw`` the event as written."""

    time: float = 0.0
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, kw_only=True)
class PlaybookStart(Event):
    path: str = ""


@dataclass(frozen=True, kw_only=True)
class PlayStart(Event):
    name: str = ""
    hosts: int = 0


@dataclass(frozen=True, kw_only=True)
class NoHosts(Event):
    play: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class TaskEvent(Event):
    """What all events about one task share.

    ``role`` holds the task; ``top`` is the role of the play on whose behalf it runs. ``uuid`` is
    Ansible's id of the task within one playbook.
    """

    uuid: str = ""
    task: str = ""
    role: str | None = None
    top: str | None = None


@dataclass(frozen=True, kw_only=True)
class TaskStart(TaskEvent):
    play: str = ""
    action: str = ""
    path: str | None = None
    is_handler: bool = False


@dataclass(frozen=True, kw_only=True)
class HostStart(Event):
    host: str = ""
    uuid: str = ""


@dataclass(frozen=True, kw_only=True)
class Retry(TaskEvent):
    host: str = ""
    attempts: int = 0
    retries_left: int = 0


@dataclass(frozen=True, kw_only=True)
class HostResult(TaskEvent):
    """How a task ended on a host, after ``seconds``.

    ``ignored``: the playbook goes on in spite of the failure. What a failure says is in ``msg``,
    ``raw`` (rc, stderr, stdout, exception) and, for loops, ``items``.
    """

    status: Status = "ok"
    host: str = ""
    action: str = ""
    seconds: float | None = None
    ignored: bool = False
    msg: Any = None
    container: str | None = None
    items: list[dict[str, Any]] = field(default_factory=list)
    diff: list[dict[str, Any]] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether this failure counts."""
        return self.status in ("failed", "unreachable") and not self.ignored


@dataclass(frozen=True, kw_only=True)
class Stats(Event):
    hosts: dict[str, dict[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Text(Event):
    """A line that is no event: a warning, or Ansible refusing to start."""

    stream: str = "stdout"
    text: str = ""


TYPES: dict[str, type[Event]] = {
    "playbook_start": PlaybookStart,
    "play_start": PlayStart,
    "no_hosts": NoHosts,
    "task_start": TaskStart,
    "host_start": HostStart,
    "retry": Retry,
    "stats": Stats,
    "text": Text,
    **{f"host_{name}": HostResult for name in ("ok", "changed", "skipped", "failed")},
    "host_unreachable": HostResult,
}
NAMES = {kind: {item.name for item in fields(kind)} - {"raw"} for kind in set(TYPES.values())}


def decode(line: str) -> tuple[str, dict[str, Any] | None]:
    """Split a line into plain text and the event in it, either of which may be missing."""
    text, mark, record = line.rpartition(RECORD)
    if not mark:
        return line, None
    try:
        data = json.loads(record)
    except ValueError:
        data = None
    if not isinstance(data, dict) or "event" not in data:
        return line.replace(RECORD, ""), None
    return text.replace(RECORD, ""), data


def typed(raw: Mapping[str, Any]) -> Event:
    """Return an event with its fields. One of an unknown kind is a bare Event."""
    name = str(raw.get("event", ""))
    kind = TYPES.get(name, Event)
    values = {key: raw[key] for key in NAMES.get(kind, {"time"}) if raw.get(key) is not None}
    if kind is HostResult:
        values["status"] = name.removeprefix("host_")
    return kind(**values, raw=raw)
