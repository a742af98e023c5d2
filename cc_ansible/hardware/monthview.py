"""A month of lent time, as a calendar for the terminal and as plain data."""

from __future__ import annotations

import calendar as months
import datetime
import zoneinfo
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from cc_ansible.hardware import moments
from cc_ansible.hardware.spans import Span, intersect, merge
from cc_ansible.site.model.anchors import DAYS

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.text import Text

Lent = Literal["whole", "part", "none"]

MARKS: dict[Lent, str] = {"whole": "█", "part": "▄", "none": "·"}
PLAIN_MARKS: dict[Lent, str] = {"whole": "#", "part": "+", "none": "."}
"""For terminals that know ASCII only."""

_STYLES: dict[Lent, str] = {"whole": "green", "part": "yellow", "none": "dim"}
_MEANING: dict[Lent, str] = {"whole": "lent all day", "part": "part of the day", "none": "not lent"}
_MINUTE = datetime.timedelta(minutes=1)


@dataclass(frozen=True)
class Day:
    """One day: for how many of its minutes hardware is lent. A day has 1440, or 1380, or 1500."""

    date: datetime.date
    lent_minutes: int
    minutes: int

    @property
    def lent(self) -> Lent:
        """Whether it is lent for the whole day, a part of it, or not at all."""
        if not self.lent_minutes:
            return "none"
        return "whole" if self.lent_minutes == self.minutes else "part"


@dataclass(frozen=True)
class Window:
    """A window that touches the month, in local time; None where it goes on beyond the month."""

    start: datetime.datetime | None
    end: datetime.datetime | None


@dataclass(frozen=True)
class Month:
    """A month as clocks in ``zone`` count it; made by :func:`of`. ``title`` says whose it is."""

    title: str
    zone: zoneinfo.ZoneInfo
    days: Sequence[Day]
    windows: Sequence[Window]
    today: datetime.date | None = None

    def as_json(self) -> dict[str, Any]:
        """The same as plain data; times with their offset, null for beyond the month."""
        return {
            "name": self.title,
            "month": f"{self.days[0].date:%Y-%m}",
            "timezone": self.zone.key,
            "days": [
                {"date": day.date.isoformat(), "lent": day.lent, "minutes": day.lent_minutes}
                for day in self.days
            ],
            "windows": [
                {"start": _iso(window.start), "end": _iso(window.end)} for window in self.windows
            ],
        }

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> Iterator[RenderableType]:
        from rich.columns import Columns
        from rich.text import Text

        marks = PLAIN_MARKS if options.ascii_only else MARKS
        first = self.days[0].date
        yield Text(f"{self.title}, {first:%B %Y} ({self.zone.key})", "bold")
        yield Text("".join(f" {day}  " for day in DAYS))
        for week in months.Calendar().monthdayscalendar(first.year, first.month):
            yield Text().join(self._cell(number, marks) for number in week)
        yield Text.assemble(
            *((f"{mark} {_MEANING[lent]}   ", _STYLES[lent]) for lent, mark in marks.items()),
            "[ ] today",
        )
        yield Text()
        yield Columns(self._lines(), padding=(0, 3), column_first=True)

    def _cell(self, number: int, marks: dict[Lent, str]) -> Text:
        from rich.text import Text

        if not number:
            return Text(" " * 6)
        day = self.days[number - 1]
        now = day.date == self.today
        left, right = "[]" if now else "  "
        return Text.assemble(
            (f"{left}{number:2}{right}", "bold" if now else ""),
            (marks[day.lent], _STYLES[day.lent]),
            " ",
        )

    def _lines(self) -> list[Text]:
        """A line for each window, such as ``Fri 6 18:00 to Mon 9 06:00``."""
        from rich.text import Text

        if not self.windows:
            return [Text("Not lent in this month.")]
        return [
            Text(f"{_short(window.start) or 'earlier'} to {_short(window.end) or 'later'}")
            for window in self.windows
        ]


def horizon(year: int, month: int, zone: zoneinfo.ZoneInfo) -> Span:
    """The month, and a minute on either side: it tells a window that goes on from one that ends.

    :raises ValueError: there is no such month.
    """
    span = _month(year, month, zone)
    return Span(span.start - _MINUTE, span.end + _MINUTE)


def of(
    title: str,
    windows: Sequence[Span],
    year: int,
    month: int,
    zone: zoneinfo.ZoneInfo,
    now: datetime.datetime | None = None,
) -> Month:
    """A month of lent time.

    :param windows: merged, at least those within :func:`horizon`.
    :param now: marks today, where it is in the month.
    :raises ValueError: there is no such month.
    """
    whole = _month(year, month, zone)
    days = []
    for number in range(1, months.monthrange(year, month)[1] + 1):
        date = datetime.date(year, month, number)
        day = Span(_midnight(date, zone), _midnight(date + datetime.timedelta(days=1), zone))
        lent = sum(span.minutes for span in intersect(windows, [day]))
        days.append(Day(date, lent, day.minutes))
    shown = [
        Window(
            span.start.astimezone(zone) if span.start >= whole.start else None,
            span.end.astimezone(zone) if span.end <= whole.end else None,
        )
        for span in merge(windows)
        if span.start < whole.end and span.end > whole.start
    ]
    return Month(title, zone, days, shown, now.astimezone(zone).date() if now else None)


def _month(year: int, month: int, zone: zoneinfo.ZoneInfo) -> Span:
    first = datetime.date(year, month, 1)
    length = datetime.timedelta(days=months.monthrange(year, month)[1])
    return Span(_midnight(first, zone), _midnight(first + length, zone))


def _midnight(date: datetime.date, zone: zoneinfo.ZoneInfo) -> datetime.datetime:
    return moments.instant(datetime.datetime.combine(date, datetime.time()), zone)


def _short(moment: datetime.datetime | None) -> str:
    return f"{DAYS[moment.weekday()]} {moment.day:2} {moment:%H:%M}" if moment else ""


def _iso(moment: datetime.datetime | None) -> str | None:
    return moment.isoformat(timespec="minutes") if moment else None
