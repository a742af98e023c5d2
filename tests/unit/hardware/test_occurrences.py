"""From iCalendar files to the times that are lent."""

from __future__ import annotations

import datetime
import random
import zoneinfo

import pytest
from clockwalk import YEAR
from hypothesis import given, settings
from hypothesis import strategies as st
from somecalendars import calendars

from cc_ansible.hardware import lent
from cc_ansible.hardware.ical import to_ics
from cc_ansible.hardware.occurrences import spans
from cc_ansible.hardware.spans import Span, merge
from cc_ansible.site.ical import parse
from cc_ansible.site.model.calendars import Calendar

CHICAGO = zoneinfo.ZoneInfo("America/Chicago")
WEEK = """\
UID:w
DTSTART;TZID=America/Chicago:20270305T180000
DTEND;TZID=America/Chicago:20270308T060000
"""
NIGHT = "UID:n\nDTSTART:20270601T200000Z\nDURATION:PT10H\n"


def file(*events: str, zone: str = "") -> str:
    inner = "".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\n{zone}{inner}END:VCALENDAR\n"


def times(text: str, first: str, last: str) -> list[str]:
    """What a file says, in Chicago's time."""
    found = parse.parse(text)
    assert not found.problems
    horizon = Span(*(datetime.datetime.fromisoformat(f"{each}T00:00Z") for each in (first, last)))
    horizon = Span(horizon.start.astimezone(datetime.UTC), horizon.end.astimezone(datetime.UTC))

    def local(moment: datetime.datetime) -> str:
        return f"{moment.astimezone(CHICAGO):%m-%d %H:%M}"

    return [
        f"{local(each.start)} - {local(each.end)}" for each in spans(found.events, horizon, CHICAGO)
    ]


def test_an_event_ends_when_clocks_show_its_end() -> None:
    weekly = file(WEEK + "RRULE:FREQ=WEEKLY;COUNT=3\n")
    assert times(weekly, "2027-03-01", "2027-06-01") == [
        "03-05 18:00 - 03-08 06:00",
        "03-12 18:00 - 03-15 06:00",  # clocks go forward
        "03-19 18:00 - 03-22 06:00",
    ]


@pytest.mark.parametrize(
    ("duration", "end"),
    [
        ("PT24H", "03-14 19:00"),
        ("P1D", "03-14 18:00"),
        ("P1DT1H", "03-14 19:00"),
        ("P1W", "03-20 18:00"),
    ],
)
def test_hours_pass_and_days_are_counted(duration: str, end: str) -> None:
    text = f"DTSTART;TZID=America/Chicago:20270313T180000\nDURATION:{duration}"
    assert times(file(text), "2027-03-01", "2027-04-01") == [f"03-13 18:00 - {end}"]


def test_ends_in_another_time_zone() -> None:
    text = "DTSTART;TZID=America/Chicago:20270605T180000\nDTEND;TZID=Europe/Berlin:20270606T120000"
    assert times(file(text), "2027-06-01", "2027-07-01") == ["06-05 18:00 - 06-06 05:00"]


@pytest.mark.parametrize(
    "text",
    [
        "DTSTART;VALUE=DATE:20270605",
        "DTSTART;VALUE=DATE:20270605\nDTEND;VALUE=DATE:20270606",
        "DTSTART:20270605T000000\nDTEND:20270606T000000",
        "DTSTART:20270605T050000Z\nDURATION:PT24H",
        "DTSTART;TZID=Central Standard Time:20270605T000000\nDURATION:P1D",
        "DTSTART;TZID=/example.org/America/Chicago:20270605T000000\nDURATION:P1D",
        'DTSTART;TZID="America/Chicago":20270605T\n 000000\nDURATION:P1D',
        "DTSTART:20270605T050000Z\nDURATION:PT24H\nTRANSP:TRANSPARENT\nSTATUS:CONFIRMED",
        "DTSTART:20270605T050000Z\nDURATION:PT24H\nBEGIN:VALARM\nDURATION:P9D\nEND:VALARM",
    ],
)
def test_a_day_in_many_forms(text: str) -> None:
    assert times(file(text), "2027-06-01", "2027-07-01") == ["06-05 00:00 - 06-06 00:00"]


@pytest.mark.parametrize(
    "text", ["STATUS:CANCELLED", "STATUS:TENTATIVE", "RRULE:FREQ=DAILY\nSTATUS:CANCELLED"]
)
def test_what_is_not_held_is_not_lent(text: str) -> None:
    assert times(file(NIGHT + text), "2027-06-01", "2027-07-01") == []


def test_an_event_without_length_is_not_lent() -> None:
    assert times(file("DTSTART:20270601T200000Z"), "2027-06-01", "2027-07-01") == []


@pytest.mark.parametrize(
    ("lines", "days"),
    [
        ("RRULE:FREQ=DAILY;COUNT=3", [1, 2, 3]),
        ("RRULE:FREQ=DAILY;INTERVAL=2;UNTIL=20270605T200000Z", [1, 3, 5]),
        ("RRULE:FREQ=DAILY;UNTIL=20270602", [1, 2]),
        ("RRULE:FREQ=WEEKLY;BYDAY=TU,TH;COUNT=4", [1, 3, 8, 10]),
        ("RRULE:FREQ=MONTHLY;BYDAY=-1WE;UNTIL=20270701T000000Z", [1, 30]),
        ("RDATE:20270604T200000Z,20270606T200000Z", [1, 4, 6]),
        ("RRULE:FREQ=DAILY;COUNT=5\nEXDATE:20270602T200000Z,20270603T200000Z", [1, 4, 5]),
        ("RRULE:FREQ=DAILY;COUNT=3\nEXDATE;VALUE=DATE:20270602\nEXDATE:20270603T200000Z", [1]),
        ("RRULE:FREQ=DAILY;COUNT=5\nEXDATE;TZID=America/Chicago:20270602T150000", [1, 3, 4, 5]),
        ("RRULE:FREQ=DAILY;COUNT=4\nEXRULE:FREQ=DAILY;INTERVAL=3", [2, 3]),
        ("RRULE:FREQ=DAILY;COUNT=2\nRRULE:FREQ=DAILY;INTERVAL=5;COUNT=2", [1, 2, 6]),
        ("RRULE:FREQ=DAILY;COUNT=2\nRDATE;VALUE=PERIOD:20270604T200000Z/PT10H", [1, 2, 4]),
    ],
)
def test_events_that_come_again(lines: str, days: list[int]) -> None:
    found = times(file(NIGHT + lines), "2027-06-01", "2027-07-02")
    assert [each[:11] for each in found] == [f"06-{day:02} 15:00" for day in days]
    assert {each[-5:] for each in found} == {"01:00"}


def test_occurrences_that_were_changed() -> None:
    moved = (
        "UID:n\nRECURRENCE-ID:20270602T200000Z\nDTSTART:20270602T120000Z\nDTEND:20270602T130000Z"
    )
    cancelled = "UID:n\nRECURRENCE-ID:20270603T200000Z\nDTSTART:20270603T200000Z\nSTATUS:CANCELLED"
    older = moved.replace("T120000Z", "T110000Z")
    every = NIGHT + "RRULE:FREQ=DAILY;COUNT=4"
    expected = [
        "06-01 15:00 - 06-02 01:00",
        "06-02 07:00 - 06-02 08:00",
        "06-04 15:00 - 06-05 01:00",
    ]
    assert times(file(every, moved, cancelled), "2027-06-01", "2027-07-01") == expected
    versions = file(moved + "\nSEQUENCE:2", older + "\nSEQUENCE:1", cancelled, every)
    assert times(versions, "2027-06-01", "2027-07-01") == expected


def test_a_change_of_all_later_occurrences() -> None:
    later = (
        "UID:n\nRECURRENCE-ID;RANGE=THISANDFUTURE:20270603T200000Z\n"
        "DTSTART:20270603T220000Z\nDURATION:PT1H\n"
    )
    every = NIGHT + "RRULE:FREQ=DAILY;COUNT=4"
    assert times(file(every, later), "2027-06-01", "2027-07-01") == [
        "06-01 15:00 - 06-02 01:00",
        "06-02 15:00 - 06-03 01:00",
        "06-03 17:00 - 06-03 18:00",
        "06-04 17:00 - 06-04 18:00",
    ]
    ended = file(every, later + "STATUS:CANCELLED")
    assert len(times(ended, "2027-06-01", "2027-07-01")) == 2


def test_the_newest_version_of_an_event() -> None:
    older = NIGHT.replace("0601", "0610")
    text = file(NIGHT + "SEQUENCE:3", older + "SEQUENCE:2")
    assert times(text, "2027-06-01", "2027-07-01") == ["06-01 15:00 - 06-02 01:00"]


def test_a_time_zone_that_the_file_defines() -> None:
    zone = """\
BEGIN:VTIMEZONE
TZID:Campus
X-LIC-LOCATION:Campus
BEGIN:STANDARD
DTSTART:20201101T020000
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
TZOFFSETFROM:-0500
TZOFFSETTO:-0600
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20200308T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
TZOFFSETFROM:-0600
TZOFFSETTO:-0500
X-MORE:of it
END:DAYLIGHT
END:VTIMEZONE
"""
    event = WEEK.replace("America/Chicago", "Campus") + "RRULE:FREQ=WEEKLY;COUNT=2"
    assert times(file(event, zone=zone), "2027-03-01", "2027-04-01") == [
        "03-05 18:00 - 03-08 06:00",
        "03-12 18:00 - 03-15 06:00",
    ]
    # Another file's zone of that name is another zone.
    east = zone.replace("-0500", "-0400").replace("-0600", "-0500")
    assert times(file(event, zone=east), "2027-03-01", "2027-04-01")[0].startswith("03-05 17:00")
    assert parse.parse(file(event)).problems


def test_an_event_that_began_long_before() -> None:
    ages = "DTSTART:19700101T000000Z\nDTEND:99991231T235959Z"
    assert spans(parse.parse(file(ages)).events, YEAR, CHICAGO) == [YEAR]
    daily = NIGHT.replace("2027", "1990") + "RRULE:FREQ=DAILY;UNTIL=99991231T235959Z"
    found = spans(parse.parse(file(daily)).events, YEAR, CHICAGO)
    assert len(found) == 367


def test_a_rule_goes_on_as_it_began_long_before() -> None:
    for rule in ("DAILY;INTERVAL=3", "WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,TU", "HOURLY;INTERVAL=7"):
        old = NIGHT.replace("20270601", "19700106").replace("PT10H", "PT1H") + f"RRULE:FREQ={rule}"
        counted = f"{old};COUNT=100000"
        told = [spans(parse.parse(file(each)).events, YEAR, CHICAGO) for each in (old, counted)]
        assert told[0] == told[1] != []


def test_floating_times_are_in_the_zone_of_the_calendar_or_file() -> None:
    text = file("DTSTART:20280605T000000\nDURATION:P1D", zone="X-WR-TIMEZONE:Europe/Berlin\n")
    ics = parse.parse(text)
    berlin, chicago = Calendar(ics="a.ics"), Calendar(ics="a.ics", timezone="America/Chicago")
    assert [each.start.hour for each in lent.windows(berlin, YEAR, ics)] == [22]
    assert [each.start.hour for each in lent.windows(chicago, YEAR, ics)] == [5]


def test_events_and_windows_together() -> None:
    ics = parse.parse(file(NIGHT.replace("2027", "2028")))
    value = {"timezone": "UTC", "windows": ["2028-06-02"], "exceptions": ["2028-06-01"]}
    found = lent.windows(Calendar.model_validate(value), YEAR, ics)
    assert [f"{each.start:%m-%d %H} {each.end:%m-%d %H}" for each in found] == ["06-02 00 06-03 00"]


NOW = datetime.datetime(2027, 12, 24, 18, 0, 5, 77, tzinfo=CHICAGO)


def test_an_exported_file() -> None:
    window = Span(YEAR.start, YEAR.start + datetime.timedelta(hours=3))
    long = "nights; weekends, and the days between the years at our institute für Informatik ü"
    text = to_ics(long, [window], NOW)
    assert text.endswith(b"END:VCALENDAR\r\n")
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))
    assert b"\n" not in text.replace(b"\r\n", b"")
    for line in (b"VERSION:2.0", b"DTSTAMP:20271225T000005Z", b"DTSTART:20280101T000000Z"):
        assert line in text.split(b"\r\n")
    assert to_ics(long, [window], NOW) == text
    longer = to_ics(long, [Span(window.start, YEAR.end)], NOW)
    uid = parse.parse(text.decode()).events[0].uid
    assert parse.parse(longer.decode()).events[0].uid == uid != ""
    assert parse.parse(to_ics("other", [window], NOW).decode()).events[0].uid != uid


@settings(deadline=None, max_examples=25)
@given(calendars)
def test_an_export_says_the_same_when_imported(calendar: Calendar) -> None:
    windows = lent.windows(calendar, YEAR)
    ics = parse.parse(to_ics("c", windows, NOW).decode())
    assert not ics.problems
    assert lent.windows(Calendar(ics="c.ics"), YEAR, ics) == windows


# The first and last moments there are, and those around which clocks change.
MOMENTS = [
    *("00010101T000000", "19700101T000000Z", "20280312T023000", "20281105T013000"),
    *("20280101T000000Z", "99991231T235959Z", "99991231T235959"),
]
RULES = ["UNTIL=99991231T235959Z", "UNTIL=00010101", "COUNT=5", "BYDAY=1SU", "INTERVAL=3"]


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**32))
def test_any_events_can_be_told(seed: int) -> None:
    chance = random.Random(seed)

    def line() -> str:
        name = chance.choice(["DTEND", "EXDATE", "RDATE", "RECURRENCE-ID", "RRULE", "DURATION"])
        if name == "RRULE":
            return f"RRULE:FREQ=YEARLY;{chance.choice(RULES)}"
        if name == "DURATION":
            return f"DURATION:{chance.choice(['P1D', 'PT36H', 'P3650000D'])}"
        later = ";RANGE=THISANDFUTURE" if name == "RECURRENCE-ID" and chance.random() < 0.5 else ""
        return f"{name}{later}:{chance.choice(MOMENTS)}"

    starts = [f"UID:{chance.choice('ab')}\nDTSTART:{chance.choice(MOMENTS)}\n" for _ in range(3)]
    events = [start + "\n".join(line() for _ in range(chance.randint(0, 4))) for start in starts]
    found = spans(parse.parse(file(*events)).events, YEAR, CHICAGO)
    assert merge(found) == found
    assert all(YEAR.start <= each.start and each.end <= YEAR.end for each in found)
