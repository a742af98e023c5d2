"""A month of hardware: a row for each item, a cell for each day."""

from __future__ import annotations

import calendar
import datetime
import zoneinfo
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cc_ansible.errors import UsageError
from cc_ansible.hardware import moments, monthview
from cc_ansible.hardware.schedules import Schedule, Schedules
from cc_ansible.report.facts import LeaseFact
from cc_ansible.site import hardware
from cc_ansible.site.model.anchors import DAYS

if TYPE_CHECKING:
    from cc_ansible.site.subject import Subject

_DAY = datetime.timedelta(days=1)
_BEYOND = 366 * _DAY
SATURDAY = 5


@dataclass(frozen=True)
class Cell:
    """A day of an item: ``lent`` is ``whole``, ``part`` or ``none``."""

    lent: str
    leased: bool = False

    @property
    def mark(self) -> str:
        """What stands for it where there are no colours."""
        return "L" if self.leased else MARKS[self.lent]


MARKS = {"whole": "●", "part": "◐", "none": "·"}


@dataclass(frozen=True)
class Head:
    """A day of the month."""

    number: int
    weekday: str
    weekend: bool
    today: bool


@dataclass(frozen=True)
class Row:
    """An item."""

    name: str
    kind: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Group:
    """The items of one calendar, whose days are those of clocks in ``zone``."""

    calendar: str
    zone: str
    rows: Sequence[Row]


@dataclass(frozen=True)
class Month:
    """A month of all declared items."""

    title: str
    days: Sequence[Head]
    groups: Sequence[Group]

    @property
    def items(self) -> int:
        return sum(len(group.rows) for group in self.groups)


def of(
    subject: Subject,
    leases: Sequence[LeaseFact],
    now: datetime.datetime,
    month: tuple[int, int] | None = None,
) -> Month:
    """The month of ``now`` in UTC, or the given one.

    :raises SiteInvalid: a calendar is not valid.
    """
    year, number = month or (now.year, now.month)
    schedules = Schedules(subject)
    taken = _by_item(leases)
    rows: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for machine in subject.once(hardware.read).machines:
        schedule = schedules.of(machine)
        own = schedule.name == machine.name
        cells = _cells(schedule, taken.get(machine.name, ()), year, number, now)
        key = ("calendars of their own" if own else schedule.name, schedule.zone.key)
        rows[key].append(Row(machine.name, machine.type, cells))
    days = _days(year, number, now)
    groups = [Group(name, zone, found) for (name, zone), found in rows.items()]
    return Month(f"{calendar.month_name[number]} {year}", days, groups)


def require(year: int, number: int) -> None:
    """Refuse a month that time zones and calendars cannot reach.

    :raises UsageError: it is none, or at an end of what dates count.
    """
    try:
        monthview.horizon(year, number, zoneinfo.ZoneInfo("UTC"))
        for days in (-_BEYOND, _BEYOND):
            datetime.date(year, number, 1) + days
    except (ValueError, OverflowError):
        raise UsageError(
            f"{year:04}-{number:02} is no month.", fix="Write it as 2026-12."
        ) from None


def _cells(
    schedule: Schedule,
    leases: Sequence[LeaseFact],
    year: int,
    number: int,
    now: datetime.datetime,
) -> list[Cell]:
    zone = schedule.zone
    windows = schedule.windows(monthview.horizon(year, number, zone))
    shown = monthview.of(schedule.name, windows, year, number, zone, now)
    found = []
    for day in shown.days:
        start, end = _midnight(day.date, zone), _midnight(day.date + _DAY, zone)
        held = any(lease.start < end and lease.end > start for lease in leases)
        found.append(Cell(day.lent, held))
    return found


def _days(year: int, number: int, now: datetime.datetime) -> list[Head]:
    first, length = calendar.monthrange(year, number)
    found = []
    for day in range(1, length + 1):
        weekday = (first + day - 1) % 7
        today = now.date() == datetime.date(year, number, day)
        found.append(Head(day, DAYS[weekday], weekday >= SATURDAY, today))
    return found


def _midnight(date: datetime.date, zone: zoneinfo.ZoneInfo) -> datetime.datetime:
    return moments.instant(datetime.datetime.combine(date, datetime.time()), zone)


def _by_item(leases: Sequence[LeaseFact]) -> Mapping[str, list[LeaseFact]]:
    found: dict[str, list[LeaseFact]] = defaultdict(list)
    for lease in leases:
        for name in lease.resources:
            found[name].append(lease)
    return found
