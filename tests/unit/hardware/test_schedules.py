"""Which calendar an item has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from clockwalk import YEAR

from cc_ansible.errors import SiteInvalid
from cc_ansible.hardware.schedules import Schedule, Schedules
from cc_ansible.site import hardware
from cc_ansible.site.subject import Subject

Make = Callable[[dict[str, Any]], Subject]

ICS = """\
BEGIN:VCALENDAR
BEGIN:VEVENT
DTSTART;VALUE=DATE:20280605
END:VEVENT
END:VCALENDAR
"""
WEEKENDS = {"timezone": "America/Chicago", "windows": ["Fri 18:00 to Mon 06:00"]}


def item(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "fake-hardware", **more}


def schedules(subject: Subject) -> dict[str, Schedule]:
    known = Schedules(subject)
    return {each.name: known.of(each) for each in subject.once(hardware.read).machines}


def test_items_refer_to_calendars(site: Make) -> None:
    items = [
        item("a"),
        item("b", calendar="never"),
        item("c", calendar="weekends"),
        item("d", profile="half"),
        item("e", calendar=WEEKENDS),
        item("f", calendar=WEEKENDS),
    ]
    profiles = {"half": {"calendar": "weekends"}}
    subject = site(
        {
            "a.yml": {"hardware": items, "profiles": profiles},
            "b.yml": {"calendars": {"weekends": WEEKENDS}},
        }
    )
    found = schedules(subject)
    assert [each.name for each in found.values()] == [
        *("always", "never", "weekends", "weekends", "e", "f")
    ]
    assert found["a"].windows(YEAR) == (YEAR,)
    assert found["b"].blackouts(YEAR) == (YEAR,)
    assert found["c"] is found["d"]
    assert found["c"].zone.key == "America/Chicago"
    # Calendars that say the same are one.
    assert found["c"].windows(YEAR) is found["e"].windows(YEAR) is found["f"].windows(YEAR)
    assert Schedules(subject).names() == ["weekends"]
    assert Schedules(subject).named("weekends") == found["c"]


def test_calendar_files_lie_beside_the_file_that_names_them(site: Make) -> None:
    profile = {"half": {"calendar": {"timezone": "Asia/Kathmandu", "ics": "more/a.ics"}}}
    items = [item("a", profile="half"), item("b", calendar="c")]
    calendars = {"c": {"timezone": "UTC", "ics": "more/a.ics"}}
    files = {"a.yml": {"hardware": items}, "more/a.ics": ICS}
    found = schedules(site({**files, "b.yml": {"profiles": profile, "calendars": calendars}}))
    assert [f"{each.start:%m-%d %H:%M}" for each in found["a"].windows(YEAR)] == ["06-04 18:15"]
    assert [f"{each.start:%m-%d %H:%M}" for each in found["b"].windows(YEAR)] == ["06-05 00:00"]


@pytest.mark.parametrize(
    ("calendar", "message"),
    [
        ("weekdays", "There is no calendar weekdays."),
        ("{{ unknown_variable }}", "only a run can evaluate"),
        ({"windows": ["Fry 18:00 to 20:00"]}, "no day of the week"),
        ({"windows": ["08:00 to 09:00"], "timezone": "Mars/City"}, "no time zone Mars/City"),
        ({"windows": "always", "exceptions": ["{{ unknown }}"]}, "only a run can evaluate"),
        ({"ics": "missing.ics"}, "Cannot read missing.ics"),
        ({"ics": "broken.ics"}, "broken.ics cannot be read"),
        ({"windows": []}, "windows"),
    ],
)
def test_nothing_is_lent_by_what_is_not_valid(site: Make, calendar: Any, message: str) -> None:
    files = {"broken.ics": "BEGIN:VCALENDAR\nBEGIN:VEVENT\n"}
    subject = site({"a.yml": {"hardware": [item("a", calendar=calendar)]}, **files})
    with pytest.raises(SiteInvalid) as failure:
        schedules(subject)
    assert message in failure.value.summary
    assert failure.value.fix
    assert failure.value.origin


def test_templates_are_evaluated(site: Make) -> None:
    calendar = {"windows": "always", "timezone": "UTC", "exceptions": ["{{ maintenance_day }}"]}
    named = {"calendars": {"c": calendar}, "hardware": [item("a", calendar=calendar)]}
    subject = site({"a.yml": named})
    known = Schedules(subject)
    assert len(known.named("c").windows(YEAR)) == len(schedules(subject)["a"].windows(YEAR)) == 2
