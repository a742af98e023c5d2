"""Rules about calendars: zones, windows and who refers to them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cc_ansible.errors import Origin
from cc_ansible.site import hardware, zones
from cc_ansible.site.findings import Finding, error, warning
from cc_ansible.site.model import read as reading
from cc_ansible.site.model.read import MISSING_KEY
from cc_ansible.site.names import nearest
from cc_ansible.site.rules import ics, windows
from cc_ansible.site.rules.repeated import once_per_place
from cc_ansible.site.rules.windows import Entry
from cc_ansible.site.subject import Subject
from cc_ansible.site.values import is_template

UNKNOWN_CALENDAR = error("unknown-calendar", "Calendars that hardware refers to exist")
UNUSED_CALENDAR = warning("unused-calendar", "Some hardware uses each calendar")
UNKNOWN_ZONE = error("unknown-timezone", "Time zones have names that IANA knows")
FIXED_ZONE = warning("fixed-timezone", "Time zones follow the clocks of a place")
NO_CALENDAR = warning("no-calendar", "Hardware of a part-time site says when it is lent")

_BUILT_IN = {"always", "never"}
# Names that look like the time of a place, but whose clocks never change.
_FIXED = {"EST": "America/New_York", "MST": "America/Denver"}


@dataclass(frozen=True)
class Found:
    """A calendar as far as it is valid, where it is, and how messages call it."""

    value: Mapping[str, Any]
    what: str
    at: Callable[..., Origin]

    def says(self, key: str) -> bool:
        """Whether it has a key, or one that is nearly called so and told as unknown."""
        return self.value.get(key) is not None or any(nearest(str(x), [key]) for x in self.value)

    @cached_property
    def windows(self) -> list[Entry]:
        """The windows that are valid, whatever their neighbours are."""
        from cc_ansible.site.model.calendars import OneWindow

        return self._entries("windows", OneWindow)

    @cached_property
    def exceptions(self) -> list[Entry]:
        """The exceptions that are valid."""
        from cc_ansible.site.model.calendars import OneExempt

        return self._entries("exceptions", OneExempt)

    @property
    def timezone(self) -> str | None:
        """The time zone as written."""
        found = self.value.get("timezone")
        return found if isinstance(found, str) and not is_template(found) else None

    def _entries(self, key: str, model: Any) -> list[Entry]:
        from pydantic import ValidationError

        found = []
        values = self.value.get(key)
        for index, value in enumerate(values if isinstance(values, list) else ()):
            try:
                found.append(((key, index), model.model_validate(value).root))
            except ValidationError:
                continue  # told with the form of the calendar
        return found


def calendars(subject: Subject) -> Iterator[Finding]:
    """What is wrong with each calendar, of the site or of an item."""
    found = subject.once(hardware.read)
    for name in _BUILT_IN & found.calendars.keys():
        yield hardware.DUPLICATE_CALENDAR.broken(
            f"`{name}` is a calendar that every site has.",
            found.calendars[name].at(),
            fix="Give it another name.",
        )
    if found.documents:
        yield from once_per_place(_all(subject, found))


def references(subject: Subject) -> Iterator[Finding]:
    """Calendars that are missing, and those that nothing uses."""
    found = subject.once(hardware.read)
    used = {str(part.value.get("calendar")) for part in found.profiles.values()}
    yield from once_per_place(_referred(subject, found, used))
    for name, part in found.calendars.items() if found.whole else ():
        if name not in used:
            yield UNUSED_CALENDAR.broken(
                f"No hardware uses calendar {name}.", part.at(), fix="Remove it, or refer to it."
            )


def _referred(subject: Subject, found: hardware.Hardware, used: set[str]) -> Iterator[Finding]:
    for machine in found.machines:
        name = machine.value.get("calendar")
        if name is None:
            if subject.survey.scenario == "part-time":
                yield NO_CALENDAR.broken(
                    f"hardware {machine.name} has no calendar, so it is always lent.",
                    machine.at("name"),
                    fix="Add `calendar:`, with the name of one, `always` or `never`.",
                )
        elif isinstance(name, str) and not is_template(name):
            used.add(name)
            if found.whole and name not in found.calendars and name not in _BUILT_IN:
                known = [*found.calendars, *sorted(_BUILT_IN)]
                close = nearest(name, known)
                used.add(close or name)
                define = f"Define it below `calendars:` as {name}."
                yield UNKNOWN_CALENDAR.broken(
                    f"hardware {machine.name}: there is no calendar {name}.",
                    machine.at("calendar"),
                    detail=f"Known: {', '.join(known)}.",
                    fix=f"Did you mean `{close}`?" if close else define,
                )


def _all(subject: Subject, found: hardware.Hardware) -> Iterator[Finding]:
    from cc_ansible.site.model.calendars import Calendar

    render = subject.values.render
    for name, part in found.calendars.items():
        what = f"calendar {name}"
        yield from reading.entry(Calendar, part.value, part.at, what, render)[1]
        value = reading.rendered(part.value, render)
        yield from _one(Found(value, what, part.at), subject)
    for machine in found.machines:
        inline: Any = machine.value.get("calendar")
        if isinstance(inline, Mapping):
            # What is wrong with its form is told with the item.
            at = functools.partial(machine.at, "calendar")
            yield from _one(Found(inline, f"hardware {machine.name}", at), subject)


def _one(found: Found, subject: Subject) -> Iterator[Finding]:
    if not found.says("windows") and not found.says("ics"):
        yield MISSING_KEY.broken(
            f"{found.what} needs `windows`.",
            found.at(),
            fix="Add `windows:`, or `ics:` with an iCalendar file.",
        )
    yield from _zone(found)
    local = _first_local(found)
    if not found.says("timezone") and local:
        yield MISSING_KEY.broken(
            f"{found.what} needs `timezone`: it has times without offset.",
            found.at(),
            detail=f"The first is in {local}.",
            fix="Add `timezone: America/Chicago`, with the zone of your site.",
        )
    clock = windows.Clock(found.timezone, subject.now)
    yield from windows.check(found.windows, found.exceptions, clock, found.what, found.at)
    if isinstance(name := found.value.get("ics"), str) and not is_template(name):
        at = found.at("ics")
        file, zoned = at.file.parent / name, found.says("timezone")
        yield from ics.check(file, found.what, at, has_zone=zoned)


def _zone(found: Found) -> Iterator[Finding]:
    name = found.timezone
    if name is None:
        return
    if zones.zone(name) is None:
        close = zones.nearest_zone(name)
        yield UNKNOWN_ZONE.broken(
            f"{found.what}: there is no time zone {name}.",
            found.at("timezone"),
            fix=f"Did you mean `{close}`?" if close else "Write one such as America/Chicago.",
        )
    elif name in _FIXED:
        yield FIXED_ZONE.broken(
            f"{found.what}: {name} has no daylight saving time.",
            found.at("timezone"),
            fix=f"Name a place, such as {_FIXED[name]}.",
        )


def _first_local(found: Found) -> str:
    """The first window or exception that needs a time zone; empty when none does."""
    for (key, index), entry in (*found.windows, *found.exceptions):
        if windows.needs_zone(entry):
            return f"{key}, item {index + 1}"
    return ""
