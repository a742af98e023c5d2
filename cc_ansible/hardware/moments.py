"""When recurring moments come, and which instant a local time is."""

from __future__ import annotations

import bisect
import calendar as months
import datetime
import zoneinfo
from collections.abc import Iterator

from cc_ansible.site import zones
from cc_ansible.site.ical import values
from cc_ansible.site.model.anchors import Anchor

_DAY = datetime.timedelta(days=1)
_LAST_OF_MONTH = -1


def between(
    anchor: Anchor, first: datetime.date, last: datetime.date
) -> Iterator[datetime.datetime]:
    """The local times of a recurring moment on days from ``first`` to ``last``, in order.

    One at 24:00 is that of the day which ends then.
    """
    minutes = datetime.timedelta(minutes=anchor.minute)
    days = _monthly(anchor, first, last) if anchor.monthly else _weekly(anchor, first, last)
    for day in days:
        yield datetime.datetime.combine(day, datetime.time()) + minutes


def after(moments: list[datetime.datetime], moment: datetime.datetime) -> datetime.datetime | None:
    """The first of sorted local times that is after one; None when there is none."""
    place = bisect.bisect_right(moments, moment)
    return moments[place] if place < len(moments) else None


def instant(moment: datetime.datetime, zone: zoneinfo.ZoneInfo) -> datetime.datetime:
    """A time in UTC; one without offset is local in ``zone``.

    A local time that clocks show twice is the first of the two; one that they skip is the instant
    at which they jump. So local times keep their order.
    """
    if moment.tzinfo is None:
        there = moment.replace(tzinfo=zone)
        if _offset(there) < _offset(there.replace(fold=1)):
            gaps = zones.gaps(zone.key, moment.date() - _DAY, 3)
            moment = next((gap.end for gap in gaps if gap.holds(moment)), moment)
    return values.instant(moment, zone)


def _offset(moment: datetime.datetime) -> datetime.timedelta:
    return moment.utcoffset() or datetime.timedelta()


def _weekly(anchor: Anchor, first: datetime.date, last: datetime.date) -> Iterator[datetime.date]:
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        # Day 1 of the calendar was a Monday.
        if not anchor.days or (ordinal - 1) % 7 in anchor.days:
            yield datetime.date.fromordinal(ordinal)


def _monthly(anchor: Anchor, first: datetime.date, last: datetime.date) -> Iterator[datetime.date]:
    for month in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        day = _in_month(anchor, month // 12, month % 12 + 1)
        if first <= day <= last:
            yield day


def _in_month(anchor: Anchor, year: int, month: int) -> datetime.date:
    weekday_of_first, length = months.monthrange(year, month)
    if anchor.day_of_month is not None:
        last = anchor.day_of_month == _LAST_OF_MONTH
        return datetime.date(year, month, length if last else anchor.day_of_month)
    first = 1 + (anchor.days[0] - weekday_of_first) % 7
    if anchor.week is None or anchor.week == _LAST_OF_MONTH:
        return datetime.date(year, month, first + (length - first) // 7 * 7)
    return datetime.date(year, month, first + 7 * (anchor.week - 1))
