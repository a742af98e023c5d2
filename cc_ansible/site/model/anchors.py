"""Recurring moments as people write them: ``Fri 18:00``, ``Mon-Thu 20:00``, ``last Sun 12:00``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pydantic_core import PydanticCustomError

from cc_ansible.site.findings import error
from cc_ansible.site.names import nearest

INVALID_WINDOW = error("invalid-window", "Windows of a calendar are moments that calendars have")

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEKS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
DAY_MINUTES = 24 * 60
WEEK_MINUTES = 7 * DAY_MINUTES
EXAMPLE = "Fri 18:00, Mon-Thu 20:00, 18:00, first Sat 08:00, day 1 00:00 or last day 18:00"

_TIME = re.compile(r"(\d{1,2}):(\d{2})")
_LONG_DAYS = {
    "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5,
    "sunday": 6, "tues": 1, "thur": 3, "thurs": 3,
}  # fmt: skip
_DAY_NUMBERS = {**{day.lower(): index for index, day in enumerate(DAYS)}, **_LONG_DAYS}


@dataclass(frozen=True)
class Anchor:
    """A moment that comes again.

    ``minute`` counts from midnight, 1440 is the end of the day. ``days`` are weekdays from Monday
    = 0; empty for every day. ``week`` picks one of them in a month (-1 is the last),
    ``day_of_month`` a date (-1 is the last day).
    """

    minute: int
    days: tuple[int, ...] = ()
    week: int | None = None
    day_of_month: int | None = None

    @property
    def monthly(self) -> bool:
        """Whether it comes once a month, not every week."""
        return self.week is not None or self.day_of_month is not None

    def weekly_minutes(self) -> list[int]:
        """Minutes since Monday 00:00 at which it comes; only for what comes every week."""
        return sorted(day * DAY_MINUTES + self.minute for day in self.days or range(7))


def parse(text: str) -> Anchor:
    """Read a recurring moment.

    :raises PydanticCustomError: it is none.
    """
    *words, clock = text.split() or [""]
    minute = _minute(clock, text)
    match [word.lower() for word in words]:
        case []:
            return Anchor(minute)
        case ["day", number]:
            return Anchor(minute, day_of_month=_day_of_month(number))
        case ["last", "day"]:
            return Anchor(minute, day_of_month=-1)
        case [week, _] if week in WEEKS:
            return Anchor(minute, (_day(words[1]),), week=WEEKS[week])
        case [_]:
            return Anchor(minute, _days(words[0]))
    raise bad(f"says `{text}`, which is no recurring moment")


def bad(message: str, fix: str = f"Write one of: {EXAMPLE}.") -> PydanticCustomError:
    """What a validator raises for a window nobody can make sense of."""
    return PydanticCustomError("invalid_window", "{message}", {"message": message, "fix": fix})


def _minute(clock: str, text: str) -> int:
    found = _TIME.fullmatch(clock)
    if not found:
        raise bad(
            f"says `{text}`, which has no time of day", f"End it with HH:MM, as in: {EXAMPLE}."
        )
    hour, minute = int(found[1]), int(found[2])
    if hour * 60 + minute > DAY_MINUTES or minute > 59:
        raise bad(
            f"says {clock}, which is no time of day", "Write 00:00 to 23:59, or 24:00 for midnight."
        )
    return hour * 60 + minute


def _day_of_month(number: str) -> int:
    day = int(number) if number.isdigit() else 0
    if not 1 <= day <= 28:
        raise bad(
            f"says day {number}, which not every month has",
            "Write `day 1` to `day 28`, or `last day`.",
        )
    return day


def _days(text: str) -> tuple[int, ...]:
    days: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        start = _day(first)
        length = (_day(last) - start) % 7 if dash else 0
        days |= {(start + offset) % 7 for offset in range(length + 1)}
    return tuple(sorted(days))


def _day(word: str) -> int:
    try:
        return _DAY_NUMBERS[word.lower()]
    except KeyError:
        close = nearest(word.lower(), _DAY_NUMBERS)
        meant = DAYS[_DAY_NUMBERS[close]] if close else ""
        raise bad(
            f"says `{word}`, which is no day of the week",
            f"Did you mean `{meant}`?" if meant else f"Write one of {', '.join(DAYS)}.",
        ) from None
