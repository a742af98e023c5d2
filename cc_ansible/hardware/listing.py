"""What there is: every item, declared or enrolled, and how it is."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from cc_ansible.hardware import maintenance, settle, windows
from cc_ansible.hardware.doni import Enrolled
from cc_ansible.hardware.nodes import Node
from cc_ansible.hardware.plan import MAINTENANCE
from cc_ansible.hardware.schedules import Schedules
from cc_ansible.hardware.settle import Trouble
from cc_ansible.hardware.spans import Span
from cc_ansible.hardware.windows import Computed
from cc_ansible.site import hardware

if TYPE_CHECKING:
    from cc_ansible.site.machines import Machine
    from cc_ansible.site.subject import Subject

UNDECLARED = "-"


@dataclass(frozen=True)
class Row:
    """One item. ``lent`` are its next windows, the first of them perhaps under way.

    ``calendar`` and ``lent`` are None for what is not declared; ``enrolled`` is None for what Doni
    does not have, ``node`` for what Ironic does not have or was not asked about.
    """

    name: str
    kind: str
    calendar: str | None = None
    zone: datetime.tzinfo = datetime.UTC
    lent: Sequence[Span] | None = None
    declared_at: str = ""
    enrolled: Enrolled | None = None
    troubles: Sequence[Trouble] = field(default=())
    node: Node | None = None

    def behind(self, known: Mapping[str, Node]) -> Row:
        """The same with the node behind it, of those known by uuid."""
        return replace(self, node=known.get(self.enrolled.uuid) if self.enrolled else None)

    @property
    def state(self) -> str:
        """How it is in Doni."""
        return self.enrolled.state if self.enrolled else "not enrolled"

    @property
    def maintenance(self) -> str:
        """Why it is out of service; empty when it is in service."""
        found = self.enrolled.properties.get(MAINTENANCE) if self.enrolled else None
        timed = maintenance.parse(found)
        return timed.reason if timed else "yes" if found is True else str(found or "")

    @property
    def maintenance_until(self) -> datetime.datetime | None:
        """When it is in service again, where that is known."""
        found = self.enrolled.properties.get(MAINTENANCE) if self.enrolled else None
        timed = maintenance.parse(found)
        return timed.until if timed else None

    def when(self, now: datetime.datetime) -> str:
        """Whether it is lent now and what comes next, in the calendar's time zone."""
        if self.lent is None:
            return UNDECLARED
        until = self.maintenance_until
        if until and until > now:
            return f"maintenance until {self.clock(until)}"
        if not self.lent:
            return "not lent"
        first = self.lent[0]
        if not first.holds(now):
            return f"from {self.clock(first.start)}"
        return "always" if first.end >= windows.FOREVER else f"until {self.clock(first.end)}"

    def as_json(self, now: datetime.datetime) -> dict[str, Any]:
        """Plain data."""
        enrolled = self.enrolled
        lent = self.lent
        return {
            "name": self.name,
            "type": self.kind,
            "declared": self.declared_at or None,
            "calendar": self.calendar,
            "lent_now": None if lent is None else any(span.holds(now) for span in lent),
            "lent": None
            if lent is None
            else [
                {
                    "from": span.start.isoformat(),
                    "until": None if span.end >= windows.FOREVER else span.end.isoformat(),
                }
                for span in lent
            ],
            "state": self.state,
            "maintenance": self.maintenance or None,
            "maintenance_until": self.maintenance_until and self.maintenance_until.isoformat(),
            "uuid": enrolled.uuid if enrolled else None,
            "project_id": enrolled.project_id if enrolled else None,
            "properties": dict(enrolled.properties) if enrolled else None,
            "workers": [
                {"worker": task.worker, "state": task.state, "details": dict(task.details)}
                for task in enrolled.tasks
            ]
            if enrolled
            else [],
            "node": self.node.as_json() if self.node else None,
            "troubles": [vars(trouble) for trouble in self.troubles],
        }

    def clock(self, moment: datetime.datetime) -> str:
        """A time in the calendar's zone; ``further on`` for the end of what has none."""
        if moment >= windows.FOREVER:
            return "further on"
        return f"{moment.astimezone(self.zone):%a %Y-%m-%d %H:%M}"


def rows(
    subject: Subject, enrolled: Iterable[Enrolled], now: datetime.datetime, days: int
) -> list[Row]:
    """Every item by its name; what is declared first, in the order of the files.

    :raises SiteInvalid: a calendar is not valid.
    """
    by_name = {item.name: item for item in enrolled}
    schedules = Schedules(subject)
    computed = Computed(now, days)
    found = []
    for machine in subject.once(hardware.read).machines:
        schedule = schedules.of(machine)
        found.append(
            Row(
                machine.name,
                machine.type,
                schedule.name,
                schedule.zone,
                computed.lent(schedule),
                _place(machine, subject),
                by_name.pop(machine.name, None),
            )
        )
    found += [Row(item.name, item.kind, enrolled=item) for item in by_name.values()]
    return [_with_troubles(row) for row in found]


def _place(machine: Machine, subject: Subject) -> str:
    at = machine.at()
    root = subject.survey.path
    file = at.file.relative_to(root) if at.file.is_relative_to(root) else at.file
    return f"{file}:{at.line}" if at.line else str(file)


def _with_troubles(row: Row) -> Row:
    if row.enrolled is None:
        return row
    troubles = [each for each in settle.troubles(row.enrolled) if each.kind != "late"]
    return replace(row, troubles=troubles) if troubles else row
