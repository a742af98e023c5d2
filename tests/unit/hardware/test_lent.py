"""When hardware is lent, by its calendar."""

from __future__ import annotations

import datetime
from typing import Any

import clockwalk
import pytest
from clockwalk import YEAR
from hypothesis import given, settings
from hypothesis import strategies as st
from somecalendars import calendars

from cc_ansible.hardware.lent import blackouts, windows, zone_of
from cc_ansible.hardware.spans import Span, intersect, merge
from cc_ansible.site.model.calendars import Calendar

UTC = datetime.UTC
MINUTE = datetime.timedelta(minutes=1)


def utc(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=UTC)


def span(start: str, end: str) -> Span:
    return Span(utc(start), utc(end))


def lent(zone: str, window: Any, first: str, last: str, *exceptions: Any) -> list[str]:
    """The windows of a calendar, in its own time."""
    value = {"timezone": zone, "windows": [window], "exceptions": list(exceptions)}
    calendar = Calendar.model_validate(value)

    def local(moment: datetime.datetime) -> str:
        return f"{moment.astimezone(zone_of(calendar)):%m-%d %H:%M%z}"

    found = windows(calendar, span(first, last))
    return [f"{local(each.start)} - {local(each.end)}" for each in found]


@pytest.mark.parametrize(
    ("window", "first", "last", "expected"),
    [
        pytest.param(
            "20:00 to 06:00", "2027-03-13T20", "2027-03-15T12",
            ["03-13 20:00-0600 - 03-14 06:00-0500", "03-14 20:00-0500 - 03-15 06:00-0500"],
            id="clocks go forward in the window",
        ),
        pytest.param(
            "02:30 to 05:00", "2027-03-14T00", "2027-03-15T00",
            ["03-14 03:00-0500 - 03-14 05:00-0500"],
            id="it opens at a time that is skipped",
        ),
        pytest.param(
            "00:00 to 02:30", "2027-03-14T05", "2027-03-15T00",
            ["03-14 00:00-0600 - 03-14 03:00-0500"],
            id="it closes at a time that is skipped",
        ),
        pytest.param(
            "02:15 to 02:45", "2027-03-14T05", "2027-03-15T00", [],
            id="all of it is skipped",
        ),
        pytest.param(
            "01:30 to 04:00", "2027-11-07T00", "2027-11-08T00",
            ["11-07 01:30-0500 - 11-07 04:00-0600"],
            id="it opens at a time that comes twice",
        ),
        pytest.param(
            "00:00 to 01:30", "2027-11-07T00", "2027-11-08T00",
            ["11-07 00:00-0500 - 11-07 01:30-0500"],
            id="it closes at a time that comes twice",
        ),
        pytest.param(
            "Fri 18:00 to Mon 06:00", "2027-11-06T12", "2027-11-07T12",
            ["11-06 07:00-0500 - 11-07 06:00-0600"],
            id="it opens before the horizon and closes after it",
        ),
        pytest.param(
            "first Sat 08:00 to day 1 00:00", "2027-06-01T06", "2027-07-01T05",
            ["06-05 08:00-0500 - 07-01 00:00-0500"],
            id="once a month",
        ),
        pytest.param(
            "first Sat 08:00 to day 1 00:00", "2027-06-30T06", "2027-07-10T05",
            ["06-30 01:00-0500 - 07-01 00:00-0500", "07-03 08:00-0500 - 07-10 00:00-0500"],
            id="a long one that opened before the horizon",
        ),
        pytest.param(
            "first Sat 08:00 to first Sat 07:00", "2027-08-06T12", "2027-08-07T18",
            ["08-06 07:00-0500 - 08-07 07:00-0500", "08-07 08:00-0500 - 08-07 13:00-0500"],
            id="the longest there is, five weeks",
        ),
        pytest.param(
            "last day 18:00 to day 2 06:00", "2028-02-20T00", "2028-03-20T00",
            ["02-29 18:00-0600 - 03-02 06:00-0600"],
            id="a leap day",
        ),
        pytest.param(
            "second Tue 00:00 to 24:00", "2027-06-01T05", "2027-07-01T05",
            ["06-08 00:00-0500 - 06-09 00:00-0500"],
            id="24:00 is the end of the day",
        ),
        pytest.param(
            {"from": "Mon-Fri 20:00", "to": "22:00", "start": "2027-06-02", "until": "2027-06-03"},
            "2027-06-01T05", "2027-07-01T05",
            ["06-02 20:00-0500 - 06-02 22:00-0500", "06-03 20:00-0500 - 06-03 22:00-0500"],
            id="it may open on two days only",
        ),
        pytest.param(
            {"from": "Mon 20:00", "to": "Tue 22:00", "until": "2027-06-07 20:00"},
            "2027-06-02T05", "2027-07-01T05", [],
            id="it may not open when its time is over",
        ),
        pytest.param(
            {"from": "Mon 20:00", "to": "Tue 22:00", "until": "2027-06-08T01:01Z"},
            "2027-06-02T05", "2027-07-01T05",
            ["06-07 20:00-0500 - 06-08 22:00-0500"],
            id="a limit with an offset",
        ),
    ],
)  # fmt: skip
def test_windows_in_chicago(window: Any, first: str, last: str, expected: list[str]) -> None:
    assert lent("America/Chicago", window, first, last) == expected


def test_one_window_closes_when_the_next_opens() -> None:
    """Also at a time that comes twice, or never."""
    value = {"timezone": "Europe/Berlin", "windows": ["02:30 to 14:00", "14:00 to 02:30"]}
    assert windows(Calendar.model_validate(value), YEAR) == [YEAR]


def test_half_an_hour_of_daylight_saving() -> None:
    found = lent("Australia/Lord_Howe", "01:30 to 02:30", "2028-04-01T00", "2028-04-02T00")
    assert found == ["04-02 01:30+1100 - 04-02 02:30+1030"]
    found = lent("Australia/Lord_Howe", "02:10 to 03:00", "2028-09-30T00", "2028-10-01T00")
    assert found == ["10-01 02:30+1100 - 10-01 03:00+1100"]


def test_exceptions_are_not_lent() -> None:
    weekends = ("America/Chicago", "Fri 18:00 to Mon 06:00", "2027-06-04T05", "2027-06-08T05")
    assert lent(*weekends, "2027-06-05") == [
        "06-04 18:00-0500 - 06-05 00:00-0500",
        "06-06 00:00-0500 - 06-07 06:00-0500",
    ]
    assert lent(*weekends, {"start": "2027-06-04", "end": "2027-06-07"}) == []


def test_parts_of_a_minute_are_not_lent() -> None:
    window = {"start": "2027-06-04T08:00:30Z", "end": "2027-06-04T10:00:30Z"}
    exempt = {"start": "2027-06-04T09:00:30Z", "end": "2027-06-04T09:10:30Z"}
    assert lent("UTC", window, "2027-06-04", "2027-06-05", exempt) == [
        "06-04 08:01+0000 - 06-04 09:00+0000",
        "06-04 09:11+0000 - 06-04 10:00+0000",
    ]


def test_the_words() -> None:
    day = span("2028-02-29", "2028-03-01")
    assert windows("always", day) == blackouts("never", day) == [day]
    assert windows("never", day) == blackouts("always", day) == []
    assert windows(Calendar(windows="always"), day) == [day]
    assert windows(Calendar(windows="never"), day) == windows(Calendar(), day) == []
    closed = Calendar.model_validate({"windows": "always", "exceptions": ["2028-02-29"]})
    assert windows(closed, day) == []


def test_an_unknown_time_zone() -> None:
    value = {"timezone": "Mars/Olympus", "windows": ["08:00 to 12:00"]}
    with pytest.raises(ValueError, match="no time zone Mars/Olympus"):
        windows(Calendar.model_validate(value), YEAR)


def test_the_ends_of_time() -> None:
    value = {
        "timezone": "America/Chicago",
        "windows": [{"start": "0001-01-01", "end": "9999-12-31 23:59:59"}],
    }
    assert windows(Calendar.model_validate(value), YEAR) == [YEAR]
    value["timezone"] = "Asia/Kathmandu"
    assert windows(Calendar.model_validate(value), YEAR) == [YEAR]


@settings(deadline=None, max_examples=50)
@given(calendars)
def test_windows_are_what_a_clock_shows(calendar: Calendar) -> None:
    assert clockwalk.painted(windows(calendar, YEAR)) == clockwalk.lent(calendar)


@settings(deadline=None)
@given(calendars)
def test_windows_and_blackouts_are_the_horizon(calendar: Calendar) -> None:
    lent, rest = windows(calendar, YEAR), blackouts(calendar, YEAR)
    assert not intersect(lent, rest)
    assert merge([*lent, *rest]) == [YEAR]
    assert merge(lent) == lent


@settings(deadline=None)
@given(
    calendars,
    st.integers(0, 500_000),
    st.integers(1, 100_000),
    st.integers(0, 100_000),
)
def test_a_later_horizon_says_the_same(
    calendar: Calendar, start: int, length: int, later: int
) -> None:
    first = Span(YEAR.start + start * MINUTE, YEAR.start + (start + length) * MINUTE)
    second = Span(first.start + later * MINUTE, first.end + later * MINUTE)
    if later < length:
        both = [Span(second.start, first.end)]
        assert intersect(windows(calendar, first), both) == intersect(
            windows(calendar, second), both
        )
