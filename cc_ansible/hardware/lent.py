"""When hardware with a calendar is lent, and when it is not."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Callable, Iterator
from typing import Literal

from cc_ansible.hardware import moments, occurrences
from cc_ansible.hardware.spans import Span, complement, inner, merge, outer, subtract
from cc_ansible.site import zones
from cc_ansible.site.ical.events import File
from cc_ansible.site.model import calendars

When = calendars.Calendar | Literal["always", "never"]
"""A calendar, or the word for one that every site has."""

_UTC = zoneinfo.ZoneInfo("UTC")
_DAY = datetime.timedelta(days=1)
# The first Mondays of two months are 35 days apart; no moment comes more seldom.
_LONGEST_WINDOW = 36 * _DAY


def windows(when: When, horizon: Span, ics: File | None = None) -> list[Span]:
    """The times within ``horizon`` at which hardware with a calendar is lent, sorted and apart.

    One that began before the horizon starts with it, one that goes on ends with it.

    :param ics: content of the iCalendar file that the calendar names.
    :raises ValueError: nobody knows the calendar's time zone.
    """
    if isinstance(when, str):
        return [horizon] if when == "always" else []
    zone = zone_of(when, ics)
    found = [] if ics is None else occurrences.spans(ics.events, horizon, zone)
    if when.windows == "always":
        found.append(horizon)
    for window in when.windows if isinstance(when.windows, list) else ():
        if isinstance(window, calendars.Recurrence):
            found += _recurring(window, horizon, zone)
        else:
            found += _within(inner, *_ends(window, zone), horizon)
    exceptions = [
        span for exempt in when.exceptions for span in _within(outer, *_ends(exempt, zone), horizon)
    ]
    return subtract(merge(found), merge(exceptions))


def blackouts(when: When, horizon: Span, ics: File | None = None) -> list[Span]:
    """The rest of ``horizon``: when hardware with a calendar is not lent. As :func:`windows`."""
    return complement(windows(when, horizon, ics), horizon)


def zone_of(when: When, ics: File | None = None) -> zoneinfo.ZoneInfo:
    """The time zone of a calendar; else the one its iCalendar file gives, else UTC.

    :raises ValueError: nobody knows the calendar's time zone.
    """
    name = None if isinstance(when, str) else when.timezone
    if name is None:
        return zones.zone((ics and ics.timezone) or "") or _UTC
    found = zones.zone(name)
    if found is None:
        raise ValueError(f"there is no time zone {name}")
    return found


def _recurring(
    window: calendars.Recurrence, horizon: Span, zone: zoneinfo.ZoneInfo
) -> Iterator[Span]:
    """The windows of one recurrence, opened early enough to reach into the horizon."""
    first = (horizon.start.astimezone(zone) - _LONGEST_WINDOW - _DAY).date()
    last = horizon.end.astimezone(zone).date()
    closings = list(moments.between(window.closes, first, last))
    for opening in moments.between(window.opens, first, last):
        if _may_open(window, opening, zone):
            closing = moments.after(closings, opening)
            end = moments.instant(closing, zone) if closing else horizon.end
            yield from _within(inner, moments.instant(opening, zone), end, horizon)


def _may_open(
    window: calendars.Recurrence, opening: datetime.datetime, zone: zoneinfo.ZoneInfo
) -> bool:
    """Whether a local time is from ``start`` on, and before ``until``."""

    def before(one: datetime.datetime, other: datetime.datetime) -> bool:
        if one.tzinfo is None and other.tzinfo is None:
            return one < other
        return moments.instant(one, zone) < moments.instant(other, zone)

    if window.start and before(opening, window.start):
        return False
    return window.until is None or before(opening, window.until)


def _ends(
    span: calendars.Span, zone: zoneinfo.ZoneInfo
) -> tuple[datetime.datetime, datetime.datetime]:
    return moments.instant(span.start, zone), moments.instant(span.end, zone)


def _within(
    rounded: Callable[[datetime.datetime, datetime.datetime], Span | None],
    start: datetime.datetime,
    end: datetime.datetime,
    horizon: Span,
) -> list[Span]:
    """The part of a time that is in the horizon, in whole minutes; empty for none."""
    span = rounded(max(start, horizon.start), min(end, horizon.end))
    return [span] if span else []
