"""Rules about the windows of one calendar."""

from __future__ import annotations

import calendar as months
import datetime
import zoneinfo
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from cc_ansible.errors import Origin
from cc_ansible.site import zones
from cc_ansible.site.findings import Finding, error, warning

if TYPE_CHECKING:
    from cc_ansible.site.model.anchors import Anchor
    from cc_ansible.site.model.calendars import Recurrence, Span

WINDOW_ORDER = error("window-order", "Windows end after they start")
ENDLESS_WINDOW = error("endless-window", "Windows that come again also close")
OVERLAP = warning("overlapping-windows", "Windows of a calendar do not overlap")
SKIPPED_TIME = warning("skipped-time", "Windows open and close at times that clocks show")

HORIZON_DAYS = 400
At = Callable[..., Origin]
Path = tuple[str, int]
Entry: TypeAlias = "tuple[Path, Span | Recurrence]"
"""A window or exception, and its place below the calendar."""


@dataclass(frozen=True)
class Clock:
    """The time zone of a calendar, by its name, and the present."""

    name: str | None
    now: datetime.datetime

    @property
    def zone(self) -> zoneinfo.ZoneInfo | None:
        """The time zone; None when there is none of that name."""
        return zones.zone(self.name) if self.name else None


def check(
    windows: list[Entry], exceptions: list[Entry], clock: Clock, what: str, at: At
) -> Iterator[Finding]:
    """What is wrong with the windows and exceptions of a calendar, given where each is."""
    from cc_ansible.site.model.calendars import Span

    spans = [(path, entry) for path, entry in windows if isinstance(entry, Span)]
    again = [(path, entry) for path, entry in windows if not isinstance(entry, Span)]
    for path, entry in (*spans, *exceptions):
        if isinstance(entry, Span):
            yield from _span(entry, what, at, path, clock.zone)
    for path, window in again:
        yield from _recurrence(window, what, at, path, clock.zone)
        yield from _skipped(window, what, at, path, clock)
    yield from _overlapping_spans(spans, what, at, clock.zone)
    yield from _overlapping_recurrences(again, what, at)


def needs_zone(entry: Span | Recurrence) -> bool:
    """Whether a window has times without offset."""
    from cc_ansible.site.model.calendars import Span

    if not isinstance(entry, Span):
        return True
    return entry.start.tzinfo is None or entry.end.tzinfo is None


def _span(
    span: Span, what: str, at: At, path: Path, zone: zoneinfo.ZoneInfo | None
) -> Iterator[Finding]:
    if _before(span.end, span.start, zone):
        kind = "exception" if path[0] == "exceptions" else "window"
        yield WINDOW_ORDER.broken(
            f"{what}: {kind} {path[1] + 1} ends before it starts.",
            at(*path, "end"),
            detail=f"From {span.start:%Y-%m-%d %H:%M} to {span.end:%Y-%m-%d %H:%M}.",
            fix="Swap or correct the two.",
        )
    for key, moment in (("start", span.start), ("end", span.end)):
        local = zone and moment.tzinfo is None and moment.time() != datetime.time()
        if zone and local and not zones.exists(moment, zone):
            yield _not_there(what, f"{moment:%Y-%m-%d %H:%M}", zone.key, at(*path, key))


def _recurrence(
    window: Recurrence, what: str, at: At, path: Path, zone: zoneinfo.ZoneInfo | None
) -> Iterator[Finding]:
    if window.opens == window.closes:
        yield ENDLESS_WINDOW.broken(
            f"{what}: window {path[1] + 1} closes when it opens again.",
            at(*path, "to"),
            fix="Correct `to`; write `windows: always` for hardware that is always lent.",
        )
    if window.start and window.until and _before(window.until, window.start, zone):
        yield WINDOW_ORDER.broken(
            f"{what}: window {path[1] + 1} is over before it starts.",
            at(*path, "until"),
            fix="Swap or correct `start` and `until`.",
        )


def _before(
    first: datetime.datetime, second: datetime.datetime, zone: zoneinfo.ZoneInfo | None
) -> bool:
    """Whether the first moment is not after the second one."""
    return _absolute(first, zone) <= _absolute(second, zone)


def _absolute(moment: datetime.datetime, zone: zoneinfo.ZoneInfo | None) -> datetime.datetime:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone or zones.UTC)
    return aware.astimezone(zones.UTC)


def _skipped(window: Recurrence, what: str, at: At, path: Path, clock: Clock) -> Iterator[Finding]:
    zone = clock.name or ""
    gaps = zones.gaps(zone, clock.now.date(), HORIZON_DAYS) if clock.zone else ()
    for key, anchor in (("from", window.opens), ("to", window.closes)):
        for gap in gaps:
            moment = _on(anchor, gap.start.date())
            if moment and moment.time() != datetime.time() and gap.holds(moment):
                text = f"{moment:%Y-%m-%d %H:%M}"
                yield _not_there(what, text, zone, at(*path, key))
                break


def _not_there(what: str, moment: str, zone: str, at: Origin) -> Finding:
    return SKIPPED_TIME.broken(
        f"{what}: clocks in {zone} do not show {moment}.",
        at,
        detail="They go forward in that night.",
        fix="Use a time an hour earlier or later.",
    )


def _on(anchor: Anchor, date: datetime.date) -> datetime.datetime | None:
    """The anchor's moment on a date; None when it does not come on that date."""
    last = months.monthrange(date.year, date.month)[1]
    if anchor.days and date.weekday() not in anchor.days:
        return None
    if anchor.day_of_month is not None:
        wanted = last if anchor.day_of_month == -1 else anchor.day_of_month
        if date.day != wanted:
            return None
    if anchor.week is not None:
        of_month = date.day + 7 > last if anchor.week == -1 else (date.day + 6) // 7 == anchor.week
        if not of_month:
            return None
    return datetime.datetime.combine(date, datetime.time()) + datetime.timedelta(
        minutes=anchor.minute
    )


def _overlapping_spans(
    spans: list[tuple[Path, Span]], what: str, at: At, zone: zoneinfo.ZoneInfo | None
) -> Iterator[Finding]:
    timed = sorted(
        (_absolute(span.start, zone), _absolute(span.end, zone), path) for path, span in spans
    )
    last: tuple[datetime.datetime, Path] | None = None
    for start, end, path in timed:
        if last and start < last[0]:
            yield _overlap(what, at, *sorted((last[1], path)))
        if last is None or end > last[0]:
            last = (end, path)


def _overlapping_recurrences(
    again: list[tuple[Path, Recurrence]], what: str, at: At
) -> Iterator[Finding]:
    """Windows of every day or week; months are not compared with weeks."""
    weekly = [
        (path, window, _week(window))
        for path, window in again
        if not (window.opens.monthly or window.closes.monthly or window.opens == window.closes)
    ]
    for index, (path, window, minutes) in enumerate(weekly):
        if minutes.bit_count() < sum(_lengths(window)):
            yield OVERLAP.broken(
                f"{what}: window {path[1] + 1} opens again before it closes.",
                at(*path),
                detail="Its days together are one long window.",
                fix="Correct `to`, or write one window from the first day to the last.",
            )
        for other_path, other, taken in weekly[:index]:
            if minutes & taken and _same_time(window, other):
                yield _overlap(what, at, other_path, path)
                break


def _overlap(what: str, at: At, first: Path, second: Path) -> Finding:
    return OVERLAP.broken(
        f"{what}: windows {first[1] + 1} and {second[1] + 1} overlap.",
        at(*second),
        detail="Together they are one window.",
        fix="Make them one, or correct the one that is wrong.",
    )


def _week(window: Recurrence) -> int:
    """The minutes of a week in which a window is open, one bit each."""
    from cc_ansible.site.model.anchors import WEEK_MINUTES

    whole = (1 << WEEK_MINUTES) - 1
    taken = 0
    for start, length in zip(window.opens.weekly_minutes(), _lengths(window), strict=True):
        shifted = ((1 << length) - 1) << (start % WEEK_MINUTES)
        taken |= (shifted | shifted >> WEEK_MINUTES) & whole
    return taken


def _lengths(window: Recurrence) -> list[int]:
    """For how many minutes each window of a week is open: until the next moment to close."""
    from cc_ansible.site.model.anchors import WEEK_MINUTES

    closes = window.closes.weekly_minutes()
    return [
        min((end - start) % WEEK_MINUTES or WEEK_MINUTES for end in closes)
        for start in window.opens.weekly_minutes()
    ]


def _same_time(one: Recurrence, other: Recurrence) -> bool:
    """Whether the spans in which two windows come again have a day in common."""

    def apart(first: Recurrence, second: Recurrence) -> bool:
        if first.until is None or second.start is None:
            return False
        if (first.until.tzinfo is None) != (second.start.tzinfo is None):
            return False
        return first.until <= second.start

    return not (apart(one, other) or apart(other, one))
