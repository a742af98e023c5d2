"""Values in iCalendar files: moments with their time zones, and lengths of time."""

from __future__ import annotations

import datetime
import io
import warnings
from collections.abc import Mapping
from typing import Any

from cc_ansible.site.ical.components import TIMEZONE, Component, Line

Moment = datetime.datetime | datetime.date
"""A date is a whole day; a datetime without a time zone floats, it is in that of the calendar."""
Period = tuple[datetime.datetime, datetime.datetime | datetime.timedelta]
Zones = Mapping[str, datetime.tzinfo]
"""Time zones that a file defines itself, by their names."""

_OF_ZONES = {"TZID", "DTSTART", "RRULE", "RDATE", "TZOFFSETFROM", "TZOFFSETTO", "TZNAME"}


def moments(line: Line, zones: Zones) -> list[Moment | Period]:
    """The moments in a line such as DTSTART or EXDATE, and the periods of an RDATE.

    :raises ValueError: it holds none, or names a time zone that nobody knows.
    """
    parameters, text = line.parts()
    name = parameters.get("TZID")
    at = _zone(name, zones) if name else None
    return [_value(part, at) for part in text.split(",")]


def moment(line: Line, zones: Zones) -> Moment:
    """The one moment in a line.

    :raises ValueError: there is none, or more than that.
    """
    found = moments(line, zones)
    if len(found) != 1 or isinstance(found[0], tuple):
        raise ValueError(f"{line.text.rpartition(':')[2]} is not one date")
    return found[0]


def instant(moment: Moment, zone: datetime.tzinfo) -> datetime.datetime:
    """A moment in UTC; ``zone`` is where it is when it floats, or is the start of a whole day.

    As RFC 5545 has it, a time that clocks show twice is the first of the two, and one that they
    skip is as long after the last one before it as it says.
    """
    if not isinstance(moment, datetime.datetime):
        moment = datetime.datetime.combine(moment, datetime.time())
    there = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    try:
        return there.astimezone(datetime.UTC)
    except OverflowError:
        edge = datetime.datetime.min if moment.year == 1 else datetime.datetime.max
        return edge.replace(tzinfo=datetime.UTC)


def length(text: str) -> tuple[datetime.timedelta, datetime.timedelta]:
    """A DURATION: its days, which clocks count, and the rest, which passes whatever clocks show.

    :raises ValueError: it is none.
    """
    _read("vDuration", text)
    days, _, time = text.partition("T")
    hours = (
        _read("vDuration", f"{days[: days.index('P')]}PT{time}") if time else datetime.timedelta()
    )
    return _read("vDuration", days), hours


def own_zones(calendar: Component) -> dict[str, datetime.tzinfo]:
    """The time zones that a calendar defines and IANA does not.

    Those that cannot be read are left out; an event that names one is told.
    """
    found = {}
    for component in calendar.of_kind(TIMEZONE):
        for line in component.named("TZID"):
            name = line.text.partition(":")[2].strip()
            zone = None if _known(name) else _defined(component)
            if zone:
                found[name] = zone
    return found


def _value(text: str, at: datetime.tzinfo | None) -> Moment | Period:
    value = _read("vDDDTypes", text)
    if isinstance(value, tuple):
        start, end = value
        return _placed(start, at), end if isinstance(end, datetime.timedelta) else _placed(end, at)
    if isinstance(value, datetime.datetime):
        return _placed(value, at)
    if isinstance(value, datetime.date):
        return value
    raise ValueError(f"{text} is no date")


def _placed(moment: datetime.datetime, at: datetime.tzinfo | None) -> datetime.datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=at)


def _read(kind: str, text: str) -> Any:
    import icalendar.prop

    return getattr(icalendar.prop, kind).from_ical(text)


def _zone(name: str, zones: Zones) -> datetime.tzinfo:
    found = zones.get(name) or _known(name)
    if not found:
        raise ValueError(f"there is no time zone {name}")
    return found


def _known(name: str) -> datetime.tzinfo | None:
    """A zone by its name of IANA or Windows, or by one that ends in IANA's."""
    from icalendar.timezone import tzp

    with warnings.catch_warnings():
        # It warns that names such as /example.org/Europe/Berlin may mean another Berlin.
        warnings.simplefilter("ignore")
        try:
            return tzp.timezone(name)
        except OSError:
            return None


def _defined(component: Component) -> datetime.tzinfo | None:
    from dateutil.tz import tzical

    try:
        zone: datetime.tzinfo | None = tzical(io.StringIO(_definition(component))).get()
    except (ValueError, TypeError, AttributeError):
        return None
    return zone


def _definition(component: Component) -> str:
    """The lines that dateutil reads; it takes no others."""
    lines = [line.text for line in component.lines if line.name in _OF_ZONES]
    parts = [_definition(part) for part in component.parts]
    return "\r\n".join([f"BEGIN:{component.kind}", *lines, *parts, f"END:{component.kind}"])
