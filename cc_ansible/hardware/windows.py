"""From when an item is lent to the blackouts that Doni shall have, with the fewest changes.

Doni is told when nobody may reserve an item. What a calendar says is computed up to a horizon;
behind it is one long blackout, so that nobody reserves what was not computed yet. As the horizon
moves on, so does the start of that blackout.
"""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from cc_ansible.hardware.spans import Span, complement, merge

if TYPE_CHECKING:
    from cc_ansible.hardware.schedules import Schedule

FOREVER = datetime.datetime(2100, 1, 1, tzinfo=datetime.UTC)
"""The end of blackouts that have none."""

HORIZON_DAYS = 90
"""How far calendars are computed where the site does not say."""

LONGEST_BEYOND = datetime.timedelta(days=31)
"""A lent window that reaches across the horizon is not cut there, unless it is longer."""


@dataclass(frozen=True)
class Window:
    """A blackout that Doni has."""

    uuid: str
    span: Span


@dataclass(frozen=True)
class Change:
    """A blackout to ``add``, to ``move`` or to ``drop``; spans are before and after."""

    kind: Literal["add", "move", "drop"]
    uuid: str | None = None
    before: Span | None = None
    after: Span | None = None


def minute(moment: datetime.datetime) -> datetime.datetime:
    """The minute that a moment is in, in UTC."""
    return moment.astimezone(datetime.UTC).replace(second=0, microsecond=0)


def lent(schedule: Schedule, now: datetime.datetime, days: int) -> list[Span]:
    """When an item is lent, from ``now`` (a whole minute) on, for ``days`` days and a bit."""
    from cc_ansible.site.model.calendars import Calendar

    when = schedule.when
    if when == "never":
        return []
    if isinstance(when, Calendar) and when.windows != "always":
        # Midnight, so that what is computed is the same all day.
        midnight = now.replace(hour=0, minute=0) + datetime.timedelta(days=days + 1)
        return _up_to(schedule, Span(now, midnight))
    return list(schedule.windows(Span(now, FOREVER)))


def _up_to(schedule: Schedule, horizon: Span) -> list[Span]:
    beyond = horizon.end + LONGEST_BEYOND
    found = [
        span for span in schedule.windows(Span(horizon.start, beyond)) if span.start < horizon.end
    ]
    if found and found[-1].end == beyond:
        found[-1] = Span(found[-1].start, horizon.end)
    return found


def blackouts(
    lent_spans: Sequence[Span], now: datetime.datetime, until: datetime.datetime | None = None
) -> list[Span]:
    """When an item is not lent from ``now`` on; ``until`` is when its maintenance ends."""
    found = complement(lent_spans, Span(now, FOREVER))
    if until is not None and until > now:
        found = merge([*found, Span(now, until)])
    return found


class Computed:
    """What calendars say from ``now`` on, made once for all items that share one."""

    def __init__(self, now: datetime.datetime, days: int) -> None:
        self.now = now
        self._days = days
        self._kept: dict[int, tuple[Schedule, list[Span], list[Span]]] = {}

    def lent(self, schedule: Schedule) -> list[Span]:
        """When it is lent, as :func:`lent`."""
        return self._of(schedule)[1]

    def blackouts(self, schedule: Schedule, until: datetime.datetime | None = None) -> list[Span]:
        """When it is not, as :func:`blackouts`."""
        _, spans, plain = self._of(schedule)
        return plain if until is None else blackouts(spans, self.now, until)

    def _of(self, schedule: Schedule) -> tuple[Schedule, list[Span], list[Span]]:
        if id(schedule) not in self._kept:
            spans = lent(schedule, self.now, self._days)
            # The schedule itself is kept too, so that no other one gets its id.
            self._kept[id(schedule)] = schedule, spans, blackouts(spans, self.now)
        return self._kept[id(schedule)]


def split(wanted: Iterable[Span], taken: Sequence[Span]) -> list[Span]:
    """Blackouts cut where times that users have ``taken`` begin and end.

    A blackout over a lease has to wait for the end of it, and the whole of it waits. The parts
    beside the lease need not.
    """
    cuts = sorted({moment for span in taken for moment in (span.start, span.end)})
    found = []
    for span in wanted:
        inside = [cut for cut in cuts if span.start < cut < span.end]
        ends = itertools.pairwise([span.start, *inside, span.end])
        found += [Span(start, end) for start, end in ends]
    return found


def changes(have: Iterable[Window], wanted: Sequence[Span], now: datetime.datetime) -> list[Change]:
    """What makes the wanted blackouts of those that Doni has, in the order of time.

    A blackout that began keeps its start; one that is over is dropped.
    """
    left = sorted(have, key=lambda window: (window.span, window.uuid))
    found = [_drop(window) for window in left if window.span.end <= now]
    left = [window for window in left if window.span.end > now]
    missing = list(wanted)

    def pair(fits: Callable[[Span, Span], bool]) -> None:
        for span in list(missing):
            window = next((each for each in left if fits(each.span, span)), None)
            if window is not None:
                left.remove(window)
                missing.remove(span)
                found.extend(_move(window, span, now))

    same = {window.span: window for window in left}
    for span in list(missing):
        if (window := same.get(span)) is not None:
            left.remove(window)
            missing.remove(span)
    if left and missing:
        # Each of these leaves the other more work; so the one that changes least comes first.
        pair(lambda old, new: old.end == new.end and (old.start <= now) == (new.start <= now))
        pair(lambda old, new: old.start <= now and new.start <= now)
        pair(lambda old, new: old.start > now and (old.start == new.start or old.end == new.end))
        pair(lambda old, new: old.start > now and _overlap(old, new))
        pair(lambda old, new: old.start > now)
    found += [_drop(window) for window in left]
    found += [Change("add", after=span) for span in missing]
    return sorted(found, key=_order)


def _move(window: Window, span: Span, now: datetime.datetime) -> list[Change]:
    begun = window.span.start <= now and span.start <= now
    after = Span(window.span.start, span.end) if begun else span
    if after == window.span:
        return []
    return [Change("move", window.uuid, window.span, after)]


def _drop(window: Window) -> Change:
    return Change("drop", window.uuid, window.span)


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _order(change: Change) -> tuple[Span, str]:
    span = change.after or change.before
    assert span is not None
    return span, change.kind


def this_minute() -> datetime.datetime:
    """Now, as plans count it."""
    return minute(datetime.datetime.now(datetime.UTC))
