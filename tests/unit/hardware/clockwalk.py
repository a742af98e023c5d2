"""When hardware is lent, found by watching a clock: what computed windows are compared with.

A clock on the wall of the calendar's zone is read through a year. What it skips passes at once;
while it shows times a second time, it counts as standing still.
"""

from __future__ import annotations

import calendar as months
import datetime
import functools
import zoneinfo
from collections.abc import Iterable, Iterator

from cc_ansible.hardware.spans import Span
from cc_ansible.site.model.anchors import Anchor
from cc_ansible.site.model.calendars import Calendar, Recurrence
from cc_ansible.site.model.calendars import Span as Written

MINUTE = datetime.timedelta(minutes=1)
QUARTER = 15
DAY = 24 * 60
YEAR = Span(
    datetime.datetime(2028, 1, 1, tzinfo=datetime.UTC),
    datetime.datetime(2029, 1, 1, tzinfo=datetime.UTC),
)
"""A leap year."""

_FIRST = datetime.datetime(2027, 10, 1)
_DAYS = 500


def lent(calendar: Calendar) -> bytes:
    """A byte for each minute of the year: 1 where hardware is lent."""
    zone = calendar.timezone or "UTC"
    windows = calendar.windows if isinstance(calendar.windows, list) else []
    local = bytearray(_DAYS * DAY)
    for window in windows:
        if isinstance(window, Recurrence):
            _watch(window, local)
    taken = int.from_bytes(_shown(local, zone))
    for window in windows:
        if isinstance(window, Written):
            taken |= int.from_bytes(_filled(window, zone))
    for exempt in calendar.exceptions:
        taken &= ~int.from_bytes(_filled(exempt, zone))
    return taken.to_bytes(YEAR.minutes)


def painted(spans: Iterable[Span]) -> bytes:
    """The same for computed windows."""
    found = bytearray(YEAR.minutes)
    for span in spans:
        first, last = (_minutes(moment - YEAR.start) for moment in (span.start, span.end))
        found[first:last] = b"\1" * (last - first)
    return bytes(found)


def _watch(window: Recurrence, local: bytearray) -> None:
    """Open and close a window as the clock comes to its moments."""
    opened: int | None = None
    for minute, opens in sorted(set(_events(window))):
        if not opens and opened is not None:
            local[opened:minute] = b"\1" * (minute - opened)
            opened = None
        elif opens and opened is None:
            opened = minute
    if opened is not None:
        local[opened:] = b"\1" * (len(local) - opened)


def _events(window: Recurrence) -> Iterator[tuple[int, bool]]:
    for number in range(-1, _DAYS):
        date = (_FIRST + datetime.timedelta(days=number)).date()
        if _comes(window.closes, date):
            yield number * DAY + window.closes.minute, False
        if _comes(window.opens, date):
            minute = number * DAY + window.opens.minute
            now = _FIRST + minute * MINUTE
            early = window.start is not None and now < window.start
            late = window.until is not None and now >= window.until
            if not early and not late and minute >= 0:
                yield minute, True


def _comes(anchor: Anchor, date: datetime.date) -> bool:
    if anchor.day_of_month == -1:
        return (date + datetime.timedelta(days=1)).day == 1
    if anchor.day_of_month is not None:
        return date.day == anchor.day_of_month
    if anchor.days and date.weekday() not in anchor.days:
        return False
    if anchor.week == -1:
        return (date + datetime.timedelta(days=7)).month != date.month
    if anchor.week is not None:
        same = [
            week[date.weekday()]
            for week in months.monthcalendar(date.year, date.month)
            if week[date.weekday()]
        ]
        return same.index(date.day) + 1 == anchor.week
    return True


def _filled(span: Written, zone: str) -> bytes:
    """The minutes of the year in one span, whose two ends both have an offset, or neither."""
    absolute = span.start.tzinfo is not None
    first, length = (YEAR.start, YEAR.minutes) if absolute else (_FIRST, _DAYS * DAY)
    start, end = (max(0, min(length, _minutes(each - first))) for each in (span.start, span.end))
    inside = bytearray(length)
    inside[start:end] = b"\1" * max(0, end - start)
    return bytes(inside) if absolute else _shown(inside, zone)


def _shown(local: bytes | bytearray, zone: str) -> bytes:
    """What holds at each minute of the year, by what holds when the clock shows a time."""
    return b"".join(
        local[first : first + length] if runs else local[first : first + 1] * length
        for first, length, runs in _readings(zone)
    )


@functools.cache
def _readings(name: str) -> list[tuple[int, int, bool]]:
    """The clock through the year: first minute that it shows, for how long, whether it runs."""
    zone = zoneinfo.ZoneInfo(name)
    found: list[tuple[int, int, bool]] = []
    highest = -1
    for quarter in range(YEAR.minutes // QUARTER):
        moment = (YEAR.start + quarter * QUARTER * MINUTE).astimezone(zone).replace(tzinfo=None)
        shows = _minutes(moment - _FIRST)
        runs = shows > highest
        if runs:
            highest = shows + QUARTER - 1
        at = shows if runs else highest
        if found and found[-1][2] is runs and at == found[-1][0] + found[-1][1] * runs:
            first, length, _ = found.pop()
            found.append((first, length + QUARTER, runs))
        else:
            found.append((at, QUARTER, runs))
    return found


def _minutes(delta: datetime.timedelta) -> int:
    return delta // MINUTE
