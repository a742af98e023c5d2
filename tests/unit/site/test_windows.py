"""Calendars: what is read, and what is found wrong with it."""

from __future__ import annotations

import datetime
import zoneinfo
from pathlib import Path

import hardware_site
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from cc_ansible.site import zones
from cc_ansible.site.model import anchors
from cc_ansible.site.model.calendars import Calendar, OneWindow, Recurrence, Span
from cc_ansible.site.rules import windows

MINUTES = st.integers(0, anchors.DAY_MINUTES)
DAYS = st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days)))


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


@given(DAYS, MINUTES)
def test_days_are_read_as_written(days: tuple[int, ...], minute: int) -> None:
    text = ",".join(anchors.DAYS[day] for day in days)
    assert anchors.parse(f"{text} {clock(minute)}") == anchors.Anchor(minute, days)


@given(st.integers(0, 6), st.integers(0, 6), MINUTES)
def test_a_range_goes_over_the_end_of_the_week(first: int, last: int, minute: int) -> None:
    found = anchors.parse(f"{anchors.DAYS[first]}-{anchors.DAYS[last]} {clock(minute)}")
    length = (last - first) % 7 + 1
    assert set(found.days) == {(first + offset) % 7 for offset in range(length)}


@pytest.mark.parametrize(
    ("text", "anchor"),
    [
        ("18:00", anchors.Anchor(1080)),
        ("friday 6:05", anchors.Anchor(365, (4,))),
        ("first Sat 08:00", anchors.Anchor(480, (5,), week=1)),
        ("last sunday 24:00", anchors.Anchor(1440, (6,), week=-1)),
        ("day 15 00:00", anchors.Anchor(0, day_of_month=15)),
        ("last day 18:00", anchors.Anchor(1080, day_of_month=-1)),
    ],
)
def test_forms_of_moments(text: str, anchor: anchors.Anchor) -> None:
    assert anchors.parse(text) == anchor


def test_short_and_long_forms_of_a_window_are_the_same() -> None:
    def read(value: object) -> Span | Recurrence:
        return OneWindow.model_validate(value).root

    assert read("Fri 18:00 to Mon 06:00") == read({"from": "Fri 18:00", "to": "Mon 06:00"})
    day = datetime.date(2026, 12, 24)
    assert read("2026-12-24 to 2026-12-24") == read({"start": day, "end": day}) == read(day)


def test_a_date_ends_with_its_day() -> None:
    window = OneWindow.model_validate("2026-12-24 to 2026-12-26").root
    assert isinstance(window, Span)
    assert window.start == datetime.datetime(2026, 12, 24)
    assert window.end == datetime.datetime(2026, 12, 27)


@given(st.text(max_size=20))
def test_any_text_is_a_window_or_refused(text: str) -> None:
    try:
        OneWindow.model_validate(text)
    except ValidationError as failure:
        assert failure.errors()[0]["msg"]


@given(
    st.tuples(DAYS, MINUTES, DAYS, MINUTES),
    st.tuples(DAYS, MINUTES, DAYS, MINUTES),
)
def test_overlaps_are_those_that_minutes_show(
    one: tuple[tuple[int, ...], int, tuple[int, ...], int],
    other: tuple[tuple[int, ...], int, tuple[int, ...], int],
) -> None:
    def window(parts: tuple[tuple[int, ...], int, tuple[int, ...], int]) -> Recurrence:
        opens = anchors.Anchor(parts[1], parts[0])
        closes = anchors.Anchor(parts[3], parts[2])
        return Recurrence.model_construct(opens=opens, closes=closes, start=None, until=None)

    def minutes(found: Recurrence) -> set[int]:
        taken: set[int] = set()
        closes = {minute % anchors.WEEK_MINUTES for minute in found.closes.weekly_minutes()}
        for minute in found.opens.weekly_minutes():
            while True:
                taken.add(minute % anchors.WEEK_MINUTES)
                minute += 1
                if minute % anchors.WEEK_MINUTES in closes:
                    break
        return taken

    shared = minutes(window(one)) & minutes(window(other))
    assert bool(windows._week(window(one)) & windows._week(window(other))) == bool(shared)


ZONES = st.sampled_from(
    ["America/Chicago", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]
)


@given(ZONES, st.dates(datetime.date(2025, 1, 1), datetime.date(2035, 1, 1)), st.data())
def test_gaps_hold_what_clocks_skip(name: str, first: datetime.date, data: st.DataObject) -> None:
    at = zoneinfo.ZoneInfo(name)
    found = zones.gaps(name, first, 370)
    for gap in found:
        assert not zones.exists(gap.start, at)
        assert not zones.exists(gap.end - datetime.timedelta(seconds=1), at)
        assert zones.exists(gap.end, at)
        assert zones.exists(gap.start - datetime.timedelta(seconds=1), at)
    moment = datetime.datetime.combine(first, datetime.time()) + datetime.timedelta(
        minutes=data.draw(st.integers(24 * 60, 365 * 24 * 60))
    )
    assert zones.exists(moment, at) != any(gap.holds(moment) for gap in found)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("america/chicago", "America/Chicago"),
        ("America/New York", "America/New_York"),
        ("Europe/Berln", "Europe/Berlin"),
        ("Chicago", "America/Chicago"),
        ("US/Chicago", "America/Chicago"),
    ],
)
def test_the_zone_that_was_meant(written: str, meant: str) -> None:
    assert zones.zone(written) is None
    assert zones.nearest_zone(written) == meant


@pytest.mark.parametrize("name", ["", "../etc/passwd", "/etc/passwd", "America", "x" * 300, "a\0b"])
def test_what_is_no_zone(name: str) -> None:
    assert zones.zone(name) is None


def test_a_zone_is_needed_for_local_times_only() -> None:
    absolute = {"windows": [{"start": "2027-01-01T08:00Z", "end": "2027-01-02T08:00+01:00"}]}
    assert Calendar.model_validate(absolute).timezone is None


def test_windows_of_different_terms_do_not_overlap(tmp_path: Path) -> None:
    terms = [
        {"from": "Fri 18:00", "to": "Mon 06:00", "start": "2026-09-01", "until": "2026-12-18"},
        {"from": "Fri 12:00", "to": "Mon 06:00", "start": "2027-01-08"},
    ]
    calendar = {"timezone": "UTC", "windows": terms}
    item = {"name": "n", "type": "fake-hardware", "calendar": calendar}
    assert hardware_site.rules(tmp_path, {"hardware/a.yml": {"hardware": [item]}}) == []
    del terms[0]["until"]
    found = hardware_site.rules(tmp_path, {"hardware/a.yml": {"hardware": [item]}})
    assert found == ["overlapping-windows"]


def test_a_window_that_opens_again_before_it_closes(tmp_path: Path) -> None:
    calendar = {"timezone": "UTC", "windows": ["Mon-Fri 20:00 to Mon 06:00"]}
    item = {"name": "n", "type": "fake-hardware", "calendar": calendar}
    (found,) = hardware_site.found(tmp_path, {"hardware/a.yml": {"hardware": [item]}})
    assert found.rule == "overlapping-windows" and "opens again" in found.summary
