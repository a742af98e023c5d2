"""From the events of an iCalendar file to the spans of time they take."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from cc_ansible.hardware.spans import Span, inner, merge
from cc_ansible.site.ical import recurrence
from cc_ansible.site.ical.events import Event, Length
from cc_ansible.site.ical.recurrence import by_clock
from cc_ansible.site.ical.values import Moment, instant

_NONE = datetime.timedelta()
# Farther than any two clocks are apart.
_MARGIN = datetime.timedelta(days=2)


def spans(events: Iterable[Event], horizon: Span, zone: datetime.tzinfo) -> list[Span]:
    """The time within ``horizon`` that events take, sorted and apart.

    :param zone: where events without a time zone are.
    """
    series = (_Series(versions, zone) for versions in _together(events))
    return merge(span for each in series for span in each.within(horizon))


def _together(events: Iterable[Event]) -> Iterable[list[Event]]:
    """Events of one UID; those without one are alone."""
    found: defaultdict[str | int, list[Event]] = defaultdict(list)
    for event in events:
        found[event.uid or event.line].append(event)
    return found.values()


class _Series:
    """One event: its newest version, and the occurrences of it that were changed.

    Times "by the clock" are those of the event's own zone, without it.
    """

    def __init__(self, events: Sequence[Event], zone: datetime.tzinfo) -> None:
        self._zone = zone
        heads = [event for event in events if event.replaces is None]
        newest = max((event.sequence for event in heads), default=0)
        self._heads = [event for event in heads if event.sequence == newest and event.held]
        # Of several versions of a change the newest stays.
        self._changes = {
            self._key(event.replaces): event
            for event in sorted(events, key=lambda event: event.sequence)
            if event.replaces is not None
        }
        self._later = sorted(
            (event for event in self._changes.values() if event.and_later),
            key=lambda event: instant(event.replaces or event.start, zone),
        )

    def within(self, horizon: Span) -> Iterator[Span]:
        """The part of it that is in the horizon."""
        for change in self._changes.values():
            if change.held:
                at = self._zone_of(change)
                yield from _span(by_clock(change.start), change.length, at, horizon)
        for head in self._heads:
            at = self._zone_of(head)
            for start, length in self._unchanged(head, horizon):
                yield from _span(start, length, at, horizon)

    def _unchanged(self, head: Event, horizon: Span) -> Iterator[tuple[datetime.datetime, Length]]:
        """Start by the clock and length of occurrences that no change stands for."""
        at = self._zone_of(head)
        gone = {self._key(each) for each in head.removed} | self._changes.keys()
        for start, length in self._starts(head, horizon):
            now = instant(start, at)
            if now in gone or start.date() in gone:
                continue
            change = self._change_before(now)
            if change is None:
                yield start, length
            elif change.held:
                yield _plus(start, self._shift(change, at)), change.length

    def _starts(self, head: Event, horizon: Span) -> Iterable[tuple[datetime.datetime, Length]]:
        """Every start by the clock that may concern the horizon, as if none were changed."""
        at = self._zone_of(head)
        first = by_clock(head.start)
        lengths = [head.length, *(change.length for change in self._later)]
        longest = max(length.clock + length.real for length in lengths)
        shift = max((abs(self._shift(change, at)) for change in self._later), default=_NONE)
        low = _plus(_plus(by_clock(horizon.start) - _MARGIN, -longest), -shift)
        high = _plus(by_clock(horizon.end) + _MARGIN, shift)

        def by_rules(rules: Iterable[str]) -> Iterator[datetime.datetime]:
            for text in rules:
                for start in recurrence.rule(text, first, at, low).xafter(low, inc=True):
                    if start > high:
                        break
                    yield start

        found = {first: head.length} | dict.fromkeys(by_rules(head.rules), head.length)
        for start in by_rules(head.but_rules):
            found.pop(start, None)
        for moment, length in head.added:
            found[self._by_clock(moment, at)] = length or head.length
        return found.items()

    def _change_before(self, now: datetime.datetime) -> Event | None:
        """The last change that holds for all later occurrences too."""
        before = [e for e in self._later if instant(e.replaces or e.start, self._zone) < now]
        return before[-1] if before else None

    def _shift(self, change: Event, at: datetime.tzinfo) -> datetime.timedelta:
        replaced = change.replaces or change.start
        return self._by_clock(change.start, at) - self._by_clock(replaced, at)

    def _by_clock(self, moment: Moment, at: datetime.tzinfo) -> datetime.datetime:
        if isinstance(moment, datetime.datetime) and moment.tzinfo not in (None, at):
            return instant(moment, at).astimezone(at).replace(tzinfo=None)
        return by_clock(moment)

    def _zone_of(self, event: Event) -> datetime.tzinfo:
        start = event.start
        return (start.tzinfo if isinstance(start, datetime.datetime) else None) or self._zone

    def _key(self, moment: Moment) -> Moment:
        """The instant; the date of a whole day, which also stands for the times in it."""
        timed = isinstance(moment, datetime.datetime)
        return instant(moment, self._zone) if timed else moment


def _span(
    start: datetime.datetime, length: Length, at: datetime.tzinfo, horizon: Span
) -> Iterator[Span]:
    begin = instant(start, at)
    end = _plus(instant(_plus(start, length.clock), at) if length.clock else begin, length.real)
    if found := inner(max(begin, horizon.start), min(end, horizon.end)):
        yield found


def _plus(moment: datetime.datetime, delta: datetime.timedelta) -> datetime.datetime:
    """The sum, or the first or last moment there is."""
    try:
        return moment + delta
    except OverflowError:
        edge = datetime.datetime.max if delta > _NONE else datetime.datetime.min
        return edge.replace(tzinfo=moment.tzinfo)
