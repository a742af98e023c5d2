"""Calendars as months for the terminal, plain data, or an iCalendar file."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING

from cc_ansible.errors import UsageError
from cc_ansible.hardware import declared, monthview
from cc_ansible.hardware.ical import to_ics
from cc_ansible.hardware.schedules import Schedule, Schedules
from cc_ansible.hardware.spans import Span
from cc_ansible.site import hardware
from cc_ansible.site.names import nearest

if TYPE_CHECKING:
    from cc_ansible.hardware.monthview import Month
    from cc_ansible.site.subject import Subject

_MONTH = re.compile(r"(\d{4})-(\d{1,2})")
_DAY = datetime.timedelta(days=1)


def months(
    subject: Subject, name: str | None, month: str | None, now: datetime.datetime
) -> list[Month]:
    """The month of a calendar or an item, or of every calendar of the site; this one if None.

    :raises UsageError: there is none of that name, or no such month.
    :raises SiteInvalid: what a calendar says is not valid.
    """
    found = []
    for title, schedule in _asked(subject, name).items():
        year, number = _month(month) if month else _this(now, schedule)
        try:
            horizon = monthview.horizon(year, number, schedule.zone)
        except (ValueError, OverflowError):
            raise _no_month(f"{year:04}-{number:02}") from None
        windows = schedule.windows(horizon)
        found.append(monthview.of(title, windows, year, number, schedule.zone, now))
    return found


def ics(subject: Subject, name: str | None, now: datetime.datetime) -> bytes:
    """The iCalendar file of one calendar or item, as far as windows are computed.

    :raises UsageError: there is none of that name, or several are asked for.
    :raises SiteInvalid: what a calendar says is not valid.
    """
    asked = _asked(subject, name)
    if len(asked) != 1:
        raise UsageError(
            "An iCalendar file is of one calendar.", fix=f"Name one of {', '.join(asked)}."
        )
    title, schedule = next(iter(asked.items()))
    horizon = Span(now, now + declared.horizon_days(subject) * _DAY)
    return to_ics(title, schedule.windows(horizon), now)


def _asked(subject: Subject, name: str | None) -> dict[str, Schedule]:
    """Schedules by their titles."""
    schedules = Schedules(subject)
    if name is None:
        return {each: schedules.named(each) for each in schedules.names() or ["always"]}
    known = [*schedules.names(), "always", "never"]
    if name in known:
        return {name: schedules.named(name)}
    for machine in subject.once(hardware.read).machines:
        if machine.name == name:
            schedule = schedules.of(machine)
            own = schedule.name == machine.name
            return {name if own else f"{name} ({schedule.name})": schedule}
    close = nearest(name, [*known, *declared.names(subject)])
    raise UsageError(
        f"There is no calendar and no hardware called {name}.",
        fix=f"Did you mean {close}?" if close else f"Calendars: {', '.join(known)}.",
    )


def _this(now: datetime.datetime, schedule: Schedule) -> tuple[int, int]:
    local = now.astimezone(schedule.zone)
    return local.year, local.month


def _month(text: str) -> tuple[int, int]:
    match = _MONTH.fullmatch(text.strip())
    if match is None:
        raise _no_month(text)
    return int(match[1]), int(match[2])


def _no_month(text: str) -> UsageError:
    return UsageError(f"{text} is no month.", fix="Write it as 2026-12.")
