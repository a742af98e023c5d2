"""Spans of time, and what can be done with sorted lists of them."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_MINUTE = datetime.timedelta(minutes=1)


@dataclass(frozen=True, order=True, slots=True)
class Span:
    """From ``start`` to before ``end``, both whole minutes in UTC.

    :raises ValueError: they are not, or no minute is between them.
    """

    start: datetime.datetime
    end: datetime.datetime

    def __post_init__(self) -> None:
        for moment in (self.start, self.end):
            if moment.tzinfo is not datetime.UTC or moment.second or moment.microsecond:
                raise ValueError(f"{moment.isoformat()} is no whole minute in UTC")
        if self.start >= self.end:
            raise ValueError(f"{self.end.isoformat()} is not after {self.start.isoformat()}")

    @property
    def minutes(self) -> int:
        """How many minutes are in it."""
        return (self.end - self.start) // _MINUTE

    def holds(self, moment: datetime.datetime) -> bool:
        """Whether a moment is in it."""
        return self.start <= moment < self.end


def inner(start: datetime.datetime, end: datetime.datetime) -> Span | None:
    """The whole minutes in a time, given by two moments in UTC; None when there are none."""
    first, last = _floor(start), _floor(end)
    if first < start and first < last:
        first += _MINUTE
    return Span(first, last) if first < last else None


def outer(start: datetime.datetime, end: datetime.datetime) -> Span | None:
    """The minutes that a time touches, given by two moments in UTC; None when it has no length."""
    if start >= end:
        return None
    last = _floor(end)
    return Span(_floor(start), last + _MINUTE if last < end else last)


def _floor(moment: datetime.datetime) -> datetime.datetime:
    return moment.replace(second=0, microsecond=0)


def merge(spans: Iterable[Span]) -> list[Span]:
    """The same time as a sorted list; spans that touch or overlap become one."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            if span.end > merged[-1].end:
                merged[-1] = Span(merged[-1].start, span.end)
        else:
            merged.append(span)
    return merged


def intersect(some: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """The time in both of two merged lists."""
    found: list[Span] = []
    rest = iter(others)
    other = next(rest, None)
    for span in some:
        while other and other.end <= span.start:
            other = next(rest, None)
        while other and other.start < span.end:
            found.append(Span(max(span.start, other.start), min(span.end, other.end)))
            if other.end > span.end:
                break
            other = next(rest, None)
    return found


def complement(spans: Iterable[Span], horizon: Span) -> list[Span]:
    """The time in ``horizon`` that is not in a merged list."""
    return list(_between(intersect(spans, [horizon]), horizon))


def subtract(some: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """The time in the first of two merged lists that is not in the second."""
    kept = list(some)
    if not kept:
        return []
    return intersect(kept, complement(others, Span(kept[0].start, kept[-1].end)))


def _between(spans: Iterable[Span], horizon: Span) -> Iterator[Span]:
    start = horizon.start
    for span in spans:
        if start < span.start:
            yield Span(start, span.start)
        start = span.end
    if start < horizon.end:
        yield Span(start, horizon.end)
