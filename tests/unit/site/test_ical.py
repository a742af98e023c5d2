"""iCalendar files: what is read, and what is found wrong with them."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cc_ansible.site.ical import parse
from cc_ansible.site.ical.events import Length

EXAMPLE = Path(__file__).parents[2] / "bad_sites/valid/part-time/hardware/lent.ics"
DAY = datetime.timedelta(days=1)
HOUR = datetime.timedelta(hours=1)


def event(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR"])


@pytest.mark.parametrize(
    ("lines", "length"),
    [
        (["DTSTART;VALUE=DATE:20280229"], Length(DAY)),
        (["DTSTART;VALUE=DATE:20280228", "DTEND;VALUE=DATE:20280301"], Length(2 * DAY)),
        (["DTSTART:20280229T080000Z", "DTEND:20280229T090000Z"], Length(HOUR)),
        (["DTSTART:20280229T080000Z", "DURATION:P1DT1H"], Length(DAY, HOUR)),
        (["DTSTART:20280229T080000Z"], Length()),
        (
            ["DTSTART:20280229T080000Z", "DTEND;TZID=Europe/Berlin:20280229T100000"],
            Length(real=HOUR),
        ),
    ],
)
def test_how_long_an_event_is(lines: list[str], length: Length) -> None:
    found = parse.parse(event(*lines))
    assert not found.problems
    assert [each.length for each in found.events] == [length]


@pytest.mark.parametrize("start", ["\ufeff", "\n\n", ""])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_of_any_kind(start: str, newline: str) -> None:
    text = event("DTST", " ART:2028022", "\t9T080000Z", "DESCRIPTION:a\u2028b", "X-junk")
    found = parse.parse(start + text.replace("\r\n", newline))
    assert not found.problems
    assert found.events[0].start == datetime.datetime(2028, 2, 29, 8, tzinfo=datetime.UTC)
    assert found.events[0].line == 2 + start.count("\n")


@pytest.mark.parametrize(
    ("lines", "line", "why"),
    [
        (["DTSTART:20280230T080000Z"], 3, "DTSTART cannot be read"),
        (["UID:1", "DTSTART;TZID=Campus:20280229T080000"], 4, "no time zone Campus"),
        (["DTSTART:20280229T080000Z", "DTEND:20280229T070000Z"], 4, "ends before it starts"),
        (["DTSTART:20280229T080000Z", "DTEND:20280229T090000"], 4, "not of one kind"),
        (["DTSTART:20280229T080000Z", "DTEND;VALUE=DATE:20280301"], 4, "not of one kind"),
        (["DTSTART:20280229T080000Z", "DURATION:10H"], 4, "DURATION cannot be read"),
        (["DTSTART:20280229T080000Z", "DURATION:-PT1H"], 4, "ends before it starts"),
        (["DTSTART:20280229T080000Z", "DURATION:P9999999D"], 4, "ten thousand years"),
        (["DTSTART:20280229T080000Z", "RRULE:FREQ=FORTNIGHTLY"], 4, "RRULE cannot be read"),
        (["DTSTART:20280229T080000Z", "RRULE:FREQ=DAILY;INTERVAL=0"], 4, "INTERVAL must be"),
        (["DTSTART:20280229T080000Z", "RRULE:FREQ=MINUTELY"], 4, "too often"),
        (["DTSTART:20280229T080000Z", "RRULE:COUNT=3"], 4, "is no rule"),
        (["DTSTART:20280229T080000Z", "RRULE:FREQ=DAILY;UNTIL=soon"], 4, "UNTIL=SOON is no date"),
        (["DTSTART:20280229T080000Z", "EXDATE:PT1H"], 4, "EXDATE cannot be read"),
        (["UID:1"], 4, "no DTSTART"),
        (["END:VALARM"], 3, "ends what was not begun"),
        (["BEGIN:VALARM"], 4, "ends what was not begun"),
    ],
)
def test_what_is_wrong_and_where(lines: list[str], line: int, why: str) -> None:
    problem = parse.parse(event(*lines)).problems[0]
    assert why in problem.why
    assert problem.line == line


@pytest.mark.parametrize("text", ["", "\n", "<html></html>", "BEGIN:VEVENT\nEND:VEVENT\n"])
def test_what_is_no_calendar(text: str) -> None:
    assert "BEGIN:VCALENDAR" in parse.parse(text).problems[0].why


LINES = st.sampled_from(
    [
        *EXAMPLE.read_text().splitlines(),
        *("BEGIN:VTIMEZONE", "TZID:Campus", "BEGIN:STANDARD", "TZOFFSETTO:-0600", "END:STANDARD"),
        *("END:VTIMEZONE", "DURATION:P1W", "RRULE:FREQ=YEARLY;BYDAY=1SU", "EXDATE:20280229"),
        *("RDATE;VALUE=PERIOD:20280229T000000Z/PT1H", "RECURRENCE-ID:20280229", "SEQUENCE:x"),
        *("DTSTART;TZID=Campus:20280229T000000", "DTSTART:00010101T000000", ":", ";", "A;B:"),
    ]
)


@settings(deadline=None)
@given(st.lists(LINES | st.text(max_size=20), max_size=20))
def test_any_text_is_read_or_refused(lines: list[str]) -> None:
    parse.parse("\n".join(lines))
    parse.parse("BEGIN:VCALENDAR\n" + "\n".join(lines) + "\nEND:VCALENDAR")
    parse.parse(event("DTSTART:20280229T000000Z", *lines))


@settings(deadline=None)
@given(st.text("FREQ=DAILYWKMOTHBSU;,0123-UNTILCNERV", max_size=40))
def test_any_rule_is_read_or_refused(rule: str) -> None:
    for text in (rule, f"FREQ=MONTHLY;{rule}", f"FREQ=DAILY;BYDAY={rule}"):
        parse.parse(event("DTSTART:20280229T000000Z", f"RRULE:{text}"))
