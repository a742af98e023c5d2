"""A month of lent time in the terminal."""

from __future__ import annotations

import datetime
import io
import json
import zoneinfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from somecalendars import calendars

from cc_ansible.hardware import lent, monthview
from cc_ansible.site.model.calendars import Calendar

CHICAGO = zoneinfo.ZoneInfo("America/Chicago")
NOW = datetime.datetime(2026, 11, 22, 3, tzinfo=datetime.UTC)
WEEKENDS = Calendar.model_validate(
    {
        "timezone": "America/Chicago",
        "windows": ["Fri 18:00 to Mon 06:00"],
        "exceptions": ["2026-11-27 to 2026-11-29"],
    }
)
SHOWN = """\
weekends, November 2026 (America/Chicago)
 Mon   Tue   Wed   Thu   Fri   Sat   Sun
                                      1 █
  2 ▄   3 ·   4 ·   5 ·   6 ▄   7 █   8 █
  9 ▄  10 ·  11 ·  12 ·  13 ▄  14 █  15 █
 16 ▄  17 ·  18 ·  19 ·  20 ▄ [21]█  22 █
 23 ▄  24 ·  25 ·  26 ·  27 ·  28 ·  29 ·
 30 ▄
█ lent all day   ▄ part of the day   · not lent   [ ] today

earlier to Mon  2 06:00        Fri 20 18:00 to Mon 23 06:00
Fri  6 18:00 to Mon  9 06:00   Mon 30 00:00 to Mon 30 06:00
Fri 13 18:00 to Mon 16 06:00
"""


def month(when: lent.When, number: int = 11, title: str = "weekends") -> monthview.Month:
    zone = lent.zone_of(when)
    windows = lent.windows(when, monthview.horizon(2026, number, zone))
    return monthview.of(title, windows, 2026, number, zone, NOW)


def printed(view: monthview.Month, encoding: str = "utf-8") -> str:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")
    Console(file=stream, width=80).print(view)
    stream.seek(0)
    return "".join(f"{line.rstrip()}\n" for line in stream.read().splitlines())


def test_a_month_without_colour() -> None:
    assert printed(month(WEEKENDS)) == SHOWN


def test_a_terminal_that_knows_ascii_only() -> None:
    plain = SHOWN.replace("█", "#").replace("▄", "+").replace("·", ".")
    assert printed(month(WEEKENDS), "ascii") == plain


def test_a_month_that_is_always_or_never_lent() -> None:
    assert "earlier to later\n" in printed(month("always"))
    assert "Not lent in this month.\n" in printed(month("never"))


def test_the_same_as_data() -> None:
    found = json.loads(json.dumps(month(WEEKENDS).as_json()))
    assert found["name"] == "weekends"
    assert found["month"] == "2026-11"
    assert found["timezone"] == "America/Chicago"
    assert len(found["days"]) == 30
    # Clocks go back on that day.
    assert found["days"][0] == {"date": "2026-11-01", "lent": "whole", "minutes": 25 * 60}
    assert found["days"][1] == {"date": "2026-11-02", "lent": "part", "minutes": 6 * 60}
    assert found["windows"][:2] == [
        {"start": None, "end": "2026-11-02T06:00-06:00"},
        {"start": "2026-11-06T18:00-06:00", "end": "2026-11-09T06:00-06:00"},
    ]


def test_a_window_that_fills_the_month_and_no_more() -> None:
    value = {"timezone": "America/Chicago", "windows": ["2026-11-01 to 2026-11-30"]}
    found = month(Calendar.model_validate(value)).as_json()["windows"]
    assert found == [{"start": "2026-11-01T00:00-05:00", "end": "2026-12-01T00:00-06:00"}]


def test_a_month_that_does_not_exist() -> None:
    with pytest.raises(ValueError, match="month"):
        monthview.horizon(2026, 13, CHICAGO)


@settings(deadline=None)
@given(calendars, st.integers(1, 12))
def test_any_month_fits_and_adds_up(calendar: Calendar, number: int) -> None:
    zone = lent.zone_of(calendar)
    windows = lent.windows(calendar, monthview.horizon(2028, number, zone))
    view = monthview.of("an item with quite a long name, " * 4, windows, 2028, number, zone)
    assert all(cell_len(line) <= 80 for line in printed(view).splitlines())
    outside = sum(each.minutes for each in windows) - sum(day.lent_minutes for day in view.days)
    assert 0 <= outside <= 2
    assert all(0 <= day.lent_minutes <= day.minutes for day in view.days)
