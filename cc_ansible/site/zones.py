"""Time zones, and local times that they skip when clocks go forward."""

from __future__ import annotations

import datetime
import functools
import zoneinfo
from dataclasses import dataclass

from cc_ansible.site.names import nearest

UTC = datetime.UTC
_DAY = datetime.timedelta(days=1)


@functools.cache
def zone(name: str) -> zoneinfo.ZoneInfo | None:
    """The time zone of an IANA name; None when there is none."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


def nearest_zone(name: str) -> str | None:
    """The zone that a misspelt name means."""
    known = {found.lower(): found for found in zoneinfo.available_timezones()}
    tidy = name.strip().lower().replace(" ", "_")
    if tidy in known:
        return known[tidy]
    by_city = {found.rpartition("/")[2]: found for found in known}
    close = nearest(tidy, known) or by_city.get(tidy) or by_city.get(tidy.rpartition("/")[2])
    return known.get(close) if close else None


@dataclass(frozen=True)
class Gap:
    """Local times from ``start`` to before ``end`` that a zone skips."""

    start: datetime.datetime
    end: datetime.datetime

    def holds(self, moment: datetime.datetime) -> bool:
        """Whether a local time is skipped."""
        return self.start <= moment < self.end


def exists(moment: datetime.datetime, at: zoneinfo.ZoneInfo) -> bool:
    """Whether clocks in a zone ever show a local time."""
    there = moment.replace(tzinfo=at)
    return there.astimezone(UTC).astimezone(at).replace(tzinfo=None) == moment


@functools.lru_cache(maxsize=256)
def gaps(name: str, first: datetime.date, days: int) -> tuple[Gap, ...]:
    """What a zone skips in so many days."""
    at = zone(name)
    if at is None:
        return ()
    found = []
    day = datetime.datetime.combine(first, datetime.time(), tzinfo=UTC)
    for _ in range(days):
        if _offset(day, at) < _offset(day + _DAY, at):
            found.append(_gap(day, day + _DAY, at))
        day += _DAY
    return tuple(found)


def _offset(moment: datetime.datetime, at: zoneinfo.ZoneInfo) -> datetime.timedelta:
    return moment.astimezone(at).utcoffset() or datetime.timedelta()


def _gap(before: datetime.datetime, after: datetime.datetime, at: zoneinfo.ZoneInfo) -> Gap:
    """Narrow a change between two moments down to its second."""
    old = _offset(before, at)
    while after - before > datetime.timedelta(seconds=1):
        middle = before + (after - before) / 2
        before, after = (middle, after) if _offset(middle, at) == old else (before, middle)
    change = after.replace(microsecond=0)
    naive = change.replace(tzinfo=None)
    return Gap(naive + old, naive + _offset(after, at))
