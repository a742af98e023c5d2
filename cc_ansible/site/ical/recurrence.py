"""Rules by which an event comes again (RRULE)."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from cc_ansible.site.ical.values import Moment

if TYPE_CHECKING:
    from dateutil.rrule import rrule

_UNTIL = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?")
_TOO_OFTEN = {"SECONDLY", "MINUTELY"}
_NEVER = datetime.timedelta()
_STEPS = {
    "HOURLY": datetime.timedelta(hours=1),
    "DAILY": datetime.timedelta(days=1),
    "WEEKLY": datetime.timedelta(weeks=1),
}
"""Frequencies whose steps are of one length, by the clock."""
_LAST_SECOND = datetime.time(23, 59, 59)


def by_clock(moment: Moment) -> datetime.datetime:
    """What clocks where it is show at a moment; midnight at the start of a whole day."""
    if isinstance(moment, datetime.datetime):
        return moment.replace(tzinfo=None)
    return datetime.datetime.combine(moment, datetime.time())


def rule(
    text: str,
    start: datetime.datetime,
    zone: datetime.tzinfo | None,
    since: datetime.datetime | None = None,
) -> rrule:
    """The starts of an event that a rule gives, by the clock of its time zone.

    :param text: value of an RRULE.
    :param start: when the event starts first, without time zone.
    :param zone: that time zone; None while nobody knows it.
    :param since: what comes before may be left out.
    :raises ValueError: it is no rule, or one by which events come every minute.
    """
    from dateutil.rrule import rrulestr

    parts = {}
    for part in text.upper().strip(";").split(";"):
        key, _, value = part.partition("=")
        parts[key] = value
    if parts.get("FREQ") in _TOO_OFTEN:
        raise ValueError(f"it comes again {parts['FREQ'].lower()}, which is too often")
    for key in ("INTERVAL", "COUNT"):
        # dateutil would look for ever.
        if key in parts and not (parts[key].isdigit() and int(parts[key])):
            raise ValueError(f"{key} must be 1 or more")
    if since and "COUNT" not in parts:
        start = _nearer(start, since, parts)
    until = _until(parts.pop("UNTIL"), zone) if "UNTIL" in parts else None
    try:
        found = rrulestr(";".join("=".join(item) for item in parts.items()), dtstart=start)
    except (TypeError, AttributeError, IndexError, KeyError, OverflowError) as problem:
        raise ValueError(f"RRULE:{text} is no rule") from problem
    return found.replace(until=until) if until else found


def _nearer(
    start: datetime.datetime, since: datetime.datetime, parts: Mapping[str, str]
) -> datetime.datetime:
    """A start shortly before another moment from which the rule goes on in the same way.

    dateutil counts from the start, through years that nobody asks for.
    """
    step = _STEPS.get(parts.get("FREQ", ""), _NEVER) * int(parts.get("INTERVAL", "1"))
    return start + max(0, (since - start) // step - 1) * step if step else start


def _until(text: str, zone: datetime.tzinfo | None) -> datetime.datetime:
    """The last moment by the clock of the zone; a date means all of that day."""
    found = _UNTIL.fullmatch(text)
    if not found:
        raise ValueError(f"UNTIL={text} is no date")
    day = datetime.datetime.strptime(found[1], "%Y%m%d")
    if not found[2]:
        return datetime.datetime.combine(day, _LAST_SECOND)
    moment = datetime.datetime.strptime(found[1] + found[2], "%Y%m%d%H%M%S")
    if not found[3]:
        return moment
    try:
        there = moment.replace(tzinfo=datetime.UTC).astimezone(zone or datetime.UTC)
    except OverflowError:
        return moment  # the last second of all, which means for ever
    return there.replace(tzinfo=None)
