"""The times of an item that leases have to cover."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from doni.workers.base import Window
from doni.workers.blazar import times

PREFIX = "availability_window_"
"""What the names of all leases of windows begin with."""


@dataclass(frozen=True)
class Span:
    """A time for one lease, to the minute, and the name of the lease."""

    name: str
    start: datetime.datetime
    end: datetime.datetime

    def __str__(self) -> str:
        return f"{times.text(self.start)} - {times.text(self.end)} UTC"


def of(windows: Iterable[Window]) -> list[Span]:
    """The spans of some windows, by start.

    Blazar books an item only once at a time: windows that overlap share the lease of the first.
    """
    found: list[Span] = []
    for window in sorted(windows, key=lambda window: (window.start, window.uuid)):
        start, end = times.minute(window.start), times.minute(window.end)
        if start >= end:
            continue
        if found and start < found[-1].end:
            last = found.pop()
            found.append(Span(last.name, last.start, max(last.end, end)))
        else:
            found.append(Span(PREFIX + window.uuid, start, end))
    return found
