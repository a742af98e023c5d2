"""A site of many items through a leap year."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import clockwalk
import pytest
from clockwalk import YEAR
from somecalendars import written

from cc_ansible.hardware import lent
from cc_ansible.hardware.schedules import Schedules
from cc_ansible.hardware.spans import merge
from cc_ansible.site import hardware
from cc_ansible.site.model.calendars import Calendar
from cc_ansible.site.subject import Subject

SEED = 20280229
Make = Callable[[dict[str, Any]], Subject]


def item(number: int, calendar: Any) -> dict[str, Any]:
    return {"name": f"n{number}", "type": "fake-hardware", "calendar": calendar}


def test_five_hundred_items_are_lent_as_a_clock_shows(site: Make) -> None:
    """To the minute; 200 calendars of which half are written in the items themselves."""
    chance = random.Random(SEED)
    named = {f"c{number}": written(chance) for number in range(100)}
    inline = [item(number, written(chance)) for number in range(100)]
    others = [item(number, f"c{number % 100}") for number in range(100, 498)]
    words = [item(498, "always"), item(499, "never")]
    subject = site({"all.yml": {"calendars": named, "hardware": inline + others + words}})
    schedules = Schedules(subject)
    machines = subject.once(hardware.read).machines
    assert len(machines) == 500
    seen: dict[str, bytes] = {"always": b"\1" * YEAR.minutes, "never": bytes(YEAR.minutes)}
    for machine in machines:
        schedule = schedules.of(machine)
        if schedule.name not in seen:
            value = named.get(schedule.name) or machine.value["calendar"]
            seen[schedule.name] = clockwalk.lent(Calendar.model_validate(value))
        assert clockwalk.painted(schedule.windows(YEAR)) == seen[schedule.name], machine.value
        assert merge([*schedule.windows(YEAR), *schedule.blackouts(YEAR)]) == [YEAR]
    assert len(seen) == 202


def test_a_thousand_items_take_no_time(site: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each calendar is looked at once, in whatever items it is written."""
    nights = {"timezone": "America/Chicago", "windows": ["20:00 to 06:00"]}
    items = [item(number, nights if number % 2 else "weekends") for number in range(1000)]
    weekends = {"timezone": "Europe/Berlin", "windows": ["Fri 18:00 to Mon 06:00"]}
    subject = site({"all.yml": {"calendars": {"weekends": weekends}, "hardware": items}})
    machines = subject.once(hardware.read).machines
    computed = []
    compute = lent.windows
    monkeypatch.setattr(lent, "windows", lambda *of: computed.append(of) or compute(*of))
    before = time.process_time()
    schedules = Schedules(subject)
    for machine in machines:
        schedule = schedules.of(machine)
        assert schedule.windows(YEAR)
        assert schedule.blackouts(YEAR)
    assert time.process_time() - before < 1.0
    assert len(computed) == 2
