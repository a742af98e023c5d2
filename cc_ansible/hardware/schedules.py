"""Which calendar an item has, with what the iCalendar file of it says."""

from __future__ import annotations

import functools
import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cc_ansible.errors import Origin, SiteInvalid
from cc_ansible.hardware import lent
from cc_ansible.hardware.spans import Span, complement
from cc_ansible.site import hardware, yamlfile
from cc_ansible.site.findings import Finding
from cc_ansible.site.ical import parse
from cc_ansible.site.ical.events import File
from cc_ansible.site.leaves import leaves
from cc_ansible.site.machines import Machine
from cc_ansible.site.model import read as reading
from cc_ansible.site.model.calendars import BUILT_IN, Calendar
from cc_ansible.site.subject import Subject
from cc_ansible.site.values import is_template

_CHECK = "Run `cc-ansible validate`."


@dataclass
class _Kept:
    """What was made of a calendar, by horizon."""

    windows: dict[Span, tuple[Span, ...]] = field(default_factory=dict)
    blackouts: dict[Span, tuple[Span, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Schedule:
    """A calendar that can be asked. ``name`` is its own, or that of the item it is written in."""

    name: str
    when: lent.When
    ics: File | None = None
    _kept: _Kept = field(default_factory=_Kept, repr=False, compare=False)

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The time zone its times are written in."""
        return lent.zone_of(self.when, self.ics)

    def windows(self, horizon: Span) -> Sequence[Span]:
        """When hardware with it is lent, as :func:`lent.windows` says; made once per horizon."""
        kept = self._kept.windows
        if horizon not in kept:
            kept[horizon] = tuple(lent.windows(self.when, horizon, self.ics))
        return kept[horizon]

    def blackouts(self, horizon: Span) -> Sequence[Span]:
        """The rest of the horizon; made once as well."""
        kept = self._kept.blackouts
        if horizon not in kept:
            kept[horizon] = tuple(complement(self.windows(horizon), horizon))
        return kept[horizon]


class Schedules:
    """The calendars of a site. Calendars of several items that say the same are made once."""

    def __init__(self, subject: Subject) -> None:
        self._hardware = subject.once(hardware.read)
        self._render = subject.values.render
        self._named: dict[str, Schedule] = {}
        self._kept: dict[tuple[str, Path | None], _Kept] = {}
        self._files: dict[Path, File] = {}

    def names(self) -> list[str]:
        """The calendars that the site defines."""
        return list(self._hardware.calendars)

    def of(self, machine: Machine) -> Schedule:
        """The calendar of an item.

        :raises SiteInvalid: there is none of that name, or what it says is not valid.
        """
        written = machine.value.get("calendar")
        what, at = f"hardware {machine.name}", functools.partial(machine.at, "calendar")
        if isinstance(written, Mapping):
            return self._made(machine.name, what, written, at)
        _require_known(written, what, at)
        return self.named("always" if written is None else str(written), at())

    def named(self, name: str, at: Origin | None = None) -> Schedule:
        """The calendar of a name, ``always`` or ``never``.

        :param at: where it is referred to.
        :raises SiteInvalid: there is none of that name, or what it says is not valid.
        """
        if name in BUILT_IN:
            return Schedule(name, "always" if name == "always" else "never")
        if name not in self._named:
            part = self._hardware.calendars.get(name)
            if part is None:
                raise SiteInvalid(f"There is no calendar {name}.", fix=_CHECK, origin=at)
            value = reading.rendered(part.value, self._render)
            self._named[name] = self._made(name, f"calendar {name}", value, part.at)
        return self._named[name]

    def _made(self, name: str, what: str, value: Any, at: Callable[..., Origin]) -> Schedule:
        _require_known(value, what, at)
        typed, wrong = reading.entry(Calendar, value, at, what, lambda leaf: leaf)
        if typed is None:
            raise _invalid(what, wrong, at())
        calendar = typed.model
        # The path of the iCalendar file counts from the file that names it.
        path = at("ics").file.parent / calendar.ics if calendar.ics else None
        try:
            lent.zone_of(calendar)
        except ValueError as problem:
            raise SiteInvalid(f"{what}: {problem}.", fix=_CHECK, origin=at("timezone")) from problem
        kept = self._kept.setdefault((repr(calendar), path), _Kept())
        return Schedule(name, calendar, self._file(path) if path else None, kept)

    def _file(self, path: Path) -> File:
        if path not in self._files:
            found = parse.parse(yamlfile.read_text(path))
            if found.problems:
                problem = found.problems[0]
                raise SiteInvalid(
                    f"{path.name} cannot be read as a calendar: {problem.why}.",
                    fix="Correct it, or export it again from the calendar program.",
                    origin=Origin(path, problem.line, 1),
                )
            self._files[path] = found
        return self._files[path]


def _require_known(value: Any, what: str, at: Callable[..., Origin]) -> None:
    """Refuse a part that only a run knows: it would be left out, and hardware lent by the rest."""
    for path, leaf in leaves(value):
        if is_template(leaf):
            raise SiteInvalid(
                f"{what}: only a run can evaluate a template in its calendar.",
                detail="When hardware is lent must be known before.",
                fix="Write the value itself.",
                origin=at(*path),
            )


def _invalid(what: str, wrong: Sequence[Finding], at: Origin) -> SiteInvalid:
    first = wrong[0] if wrong else None
    if first is None:
        return SiteInvalid(f"{what} is not valid.", fix=_CHECK, origin=at)
    return SiteInvalid(
        first.summary, detail=first.detail, fix=first.fix or _CHECK, origin=first.origin
    )
