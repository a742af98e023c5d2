"""From the text of an iCalendar file to its events."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from cc_ansible.site.ical import recurrence, values
from cc_ansible.site.ical.components import EVENT, Component, Line, Problem, read
from cc_ansible.site.ical.events import Event, File, Length, between
from cc_ansible.site.ical.values import Moment, Period, Zones

_NONE = datetime.timedelta()
_DAY = datetime.timedelta(days=1)
_LONGEST = datetime.timedelta(days=3_660_000)
_NOT_HELD = {"CANCELLED", "TENTATIVE"}


def parse(text: str) -> File:
    """Read the text of an iCalendar file; what is wrong in it is told, not raised."""
    calendars, problem = read(text)
    events: list[Event] = []
    problems: list[Problem] = [problem] if problem else []
    timezone = None
    for calendar in calendars:
        for line in calendar.named("X-WR-TIMEZONE"):
            timezone = timezone or line.text.partition(":")[2].strip()
        zones = values.own_zones(calendar)
        for component in calendar.of_kind(EVENT):
            try:
                if component.end:
                    events.append(_event(component, zones))
            except _Wrong as wrong:
                problems.append(wrong.problem)
    ordered = tuple(sorted(problems, key=lambda each: each.line))
    return File(tuple(events), ordered, timezone, calendars[0].line if calendars else 1)


class _Wrong(Exception):
    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.problem = Problem(line, why)


def _event(component: Component, zones: Zones) -> Event:
    start = _moment(component, "DTSTART", zones)
    if start is None:
        raise _Wrong(component.end, "an event has no DTSTART")
    replaced = component.named("RECURRENCE-ID")
    return Event(
        line=component.line,
        start=start,
        length=_length(component, start, zones),
        uid=_text(component, "UID"),
        sequence=int(number) if (number := _text(component, "SEQUENCE")).isdigit() else 0,
        rules=_rules(component, "RRULE", start),
        but_rules=_rules(component, "EXRULE", start),
        added=tuple(_added(component, zones)),
        removed=tuple(_removed(component, zones)),
        replaces=_moment(component, "RECURRENCE-ID", zones),
        and_later=any("THISANDFUTURE" in line.text.upper() for line in replaced),
        held=_text(component, "STATUS").upper() not in _NOT_HELD,
    )


def _moment(component: Component, name: str, zones: Zones) -> Moment | None:
    for line in component.named(name):
        try:
            return values.moment(line, zones)
        except ValueError as problem:
            raise _because(line, problem) from problem
    return None


def _value(line: Line) -> str:
    try:
        return line.parts()[1].strip()
    except ValueError as problem:
        raise _because(line, problem) from problem


def _because(line: Line, problem: Exception) -> _Wrong:
    return _Wrong(line.number, f"{line.name} cannot be read, {problem}")


def _text(component: Component, name: str) -> str:
    for line in component.named(name):
        return _value(line)
    return ""


def _length(component: Component, start: Moment, zones: Zones) -> Length:
    """How long an event is: from DURATION, from DTEND, or one day for a whole day."""
    for line in component.named("DURATION"):
        try:
            return _positive(Length(*values.length(_value(line))), line)
        except ValueError as problem:
            raise _because(line, problem) from problem
    for line in component.named("DTEND"):
        end = _moment(component, "DTEND", zones)
        length = between(start, end) if end else None
        if length is None:
            text = "DTSTART and DTEND of an event are not of one kind (dates, or times with a zone)"
            raise _Wrong(line.number, text)
        return _positive(length, line)
    return Length() if isinstance(start, datetime.datetime) else Length(_DAY)


def _positive(length: Length, line: Line) -> Length:
    if length.clock < _NONE or length.real < _NONE:
        raise _Wrong(line.number, "an event ends before it starts")
    if length.clock > _LONGEST or length.real > _LONGEST:
        raise _Wrong(line.number, "an event is longer than ten thousand years")
    return length


def _rules(component: Component, name: str, start: Moment) -> tuple[str, ...]:
    found = []
    for line in component.named(name):
        text = _value(line)
        try:
            recurrence.rule(text, recurrence.by_clock(start), None)
        except ValueError as problem:
            raise _because(line, problem) from problem
        found.append(text)
    return tuple(found)


def _moments(line: Line, zones: Zones) -> list[Moment | Period]:
    try:
        return values.moments(line, zones)
    except ValueError as problem:
        raise _because(line, problem) from problem


def _added(component: Component, zones: Zones) -> Iterator[tuple[Moment, Length | None]]:
    for line in component.named("RDATE"):
        for each in _moments(line, zones):
            if not isinstance(each, tuple):
                yield each, None
            elif isinstance(each[1], datetime.timedelta):
                yield each[0], Length(real=each[1])
            else:
                yield each[0], between(each[0], each[1])


def _removed(component: Component, zones: Zones) -> Iterator[Moment]:
    for line in component.named("EXDATE"):
        for each in _moments(line, zones):
            yield each[0] if isinstance(each, tuple) else each
