"""Lent times as an iCalendar file, which calendar programs import."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable

from cc_ansible.hardware.spans import Span

PRODUCT = "-//Chameleon//cc-ansible//EN"


def to_ics(
    name: str, windows: Iterable[Span], now: datetime.datetime, *, summary: str = ""
) -> bytes:
    """An iCalendar file with an event per window, in UTC; lines end as RFC 5545 has it.

    A window keeps its UID while it starts at the same time, so that a program which imports the
    file again replaces its events. Windows that a horizon cuts off start with the horizon.

    :param name: what programs call the calendar; with the start of a window it makes the UID.
    :param now: when the file is made, for DTSTAMP.
    :param summary: title of the events; ``lent: NAME`` where not given.
    """
    import icalendar

    file = icalendar.Calendar()
    file.add("version", "2.0")
    file.add("prodid", PRODUCT)
    file.add("x-wr-calname", name)
    stamp = now.astimezone(datetime.UTC).replace(microsecond=0)
    for window in windows:
        event = icalendar.Event()
        event.add("uid", _uid(name, window.start))
        event.add("dtstamp", stamp)
        event.add("dtstart", window.start)
        event.add("dtend", window.end)
        event.add("summary", summary or f"lent: {name}")
        # It says what the testbed may use, not when a person is busy.
        event.add("transp", "TRANSPARENT")
        file.add_component(event)
    made: bytes = file.to_ical()
    return made


def _uid(name: str, start: datetime.datetime) -> str:
    digest = hashlib.sha256(name.encode()).hexdigest()[:16]
    return f"{start:%Y%m%dT%H%M%SZ}-{digest}@cc-ansible"
