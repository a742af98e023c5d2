"""Calendars of every form, for tests that try many."""

from __future__ import annotations

import datetime
import random
from typing import Any

from hypothesis import strategies as st

from cc_ansible.site.model.anchors import DAYS, WEEKS
from cc_ansible.site.model.calendars import Calendar

ZONES = [
    "America/Chicago",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "America/Santiago",  # it skips midnight
    "Asia/Kathmandu",
    "UTC",
]
# Minutes that clocks skip or show twice, and the ends of a day.
_EDGES = [0, 1, 30, 60, 61, 90, 105, 119, 120, 121, 125, 135, 150, 179, 180, 181, 1410, 1439, 1440]
# Days on which clocks change.
_CHANGES = ["2028-03-12", "2028-11-05", "2028-03-26", "2028-10-29", "2028-04-02", "2028-10-01"]
_LEAP = ["2028-02-28", "2028-02-29", "2028-03-01"]


def written(chance: random.Random) -> dict[str, Any]:
    """A calendar; its windows may overlap, and open and close at times that clocks skip."""
    return {
        "timezone": chance.choice(ZONES),
        "windows": [
            chance.choice([_recurrence, _recurrence, _span])(chance)
            for _ in range(chance.randint(1, 3))
        ],
        "exceptions": [_span(chance) for _ in range(chance.randint(0, 3))],
    }


calendars = st.integers(0, 2**32).map(
    lambda seed: Calendar.model_validate(written(random.Random(seed)))
)
"""The same for hypothesis. It cannot make them simpler, but tries as many as it likes."""


def _recurrence(chance: random.Random) -> dict[str, str]:
    """A window that comes again, maybe between two dates only."""
    window = {"from": _moment(chance), "to": _moment(chance)}
    limits = sorted(_date(chance) for _ in range(2))
    for key, date in zip(("start", "until"), limits, strict=True):
        if chance.random() < 0.2:
            window[key] = date
    return window


def _moment(chance: random.Random) -> str:
    day, other = chance.choice(DAYS), chance.choice(DAYS)
    forms = [
        *["", "", "Sun", "last Sun", day, f"{day}-{other}", "Tue,Thu,Sun", "last day"],
        *[f"{chance.choice(list(WEEKS))} {day}", f"day {chance.randint(1, 28)}"],
    ]
    return f"{chance.choice(forms)} {_clock(_minute(chance))}".strip()


def _span(chance: random.Random) -> dict[str, str]:
    """Between two dates, local times, or times with an offset."""
    form = chance.choice(["", " {}", "T{}+05:45", "T{}Z"])
    first, last = sorted(
        _date(chance) + form.format(_clock(_minute(chance) % 1440)) for _ in range(2)
    )
    return {"start": first, "end": last}


def _date(chance: random.Random) -> str:
    if chance.random() < 0.3:
        return chance.choice(_CHANGES + _LEAP)
    return str(datetime.date(2027, 11, 1) + datetime.timedelta(days=chance.randint(0, 450)))


def _minute(chance: random.Random) -> int:
    return chance.choice([chance.choice(_EDGES), chance.randint(0, 1440)])


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
