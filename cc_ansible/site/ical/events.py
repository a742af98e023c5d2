"""What an iCalendar file says about times."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from cc_ansible.site.ical.components import Problem
from cc_ansible.site.ical.values import Moment, instant

_NONE = datetime.timedelta()


@dataclass(frozen=True)
class Length:
    """How long an event is: ``clock`` by the clocks of its zone, and ``real`` after that.

    They differ in nights in which clocks change.
    """

    clock: datetime.timedelta = _NONE
    real: datetime.timedelta = _NONE


@dataclass(frozen=True)
class Event:
    """A VEVENT, or one that takes the place of an occurrence of another.

    ``rules`` are the values of its RRULEs, ``but_rules`` those of EXRULEs. ``added`` are further
    starts, with a length where it is another than the event's; ``removed`` starts that are none.
    ``replaces`` is the start of the occurrence of the event of the same ``uid`` that it stands
    for, ``and_later`` whether also for all that come after. One that is not ``held``, because it
    is cancelled or not agreed on, is no time at all. ``line`` is its first in the file.
    """

    line: int
    start: Moment
    length: Length
    uid: str = ""
    sequence: int = 0
    rules: tuple[str, ...] = ()
    but_rules: tuple[str, ...] = ()
    added: tuple[tuple[Moment, Length | None], ...] = ()
    removed: tuple[Moment, ...] = ()
    replaces: Moment | None = None
    and_later: bool = False
    held: bool = True

    @property
    def floats(self) -> bool:
        """Whether it needs somebody to say in which time zone it is."""
        return floats(self.start)


@dataclass(frozen=True)
class File:
    """What an iCalendar file says. ``problems`` are in the order of their lines.

    ``timezone`` is that of its floating times, where it says so (X-WR-TIMEZONE); ``first`` is the
    line in which it begins.
    """

    events: tuple[Event, ...] = ()
    problems: tuple[Problem, ...] = ()
    timezone: str | None = None
    first: int = 1


def floats(moment: Moment) -> bool:
    """Whether a moment is without time zone, as whole days are."""
    return not isinstance(moment, datetime.datetime) or moment.tzinfo is None


def between(start: Moment, end: Moment) -> Length | None:
    """How long it is from one moment to another of its kind; None when nobody can tell.

    Between times of one zone it is what clocks there show, so that an event which comes again
    always ends at the time that is written.
    """
    if not isinstance(start, datetime.datetime):
        return None if isinstance(end, datetime.datetime) else Length(end - start)
    if not isinstance(end, datetime.datetime) or (start.tzinfo is None) != (end.tzinfo is None):
        return None
    if start.tzinfo is end.tzinfo:
        return Length(end.replace(tzinfo=None) - start.replace(tzinfo=None))
    return Length(real=instant(end, datetime.UTC) - instant(start, datetime.UTC))
