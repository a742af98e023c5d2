"""The difference between the hardware that is declared and what Doni has."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cc_ansible.hardware import maintenance, windows
from cc_ansible.hardware.blazar import Lease
from cc_ansible.hardware.declared import Declared
from cc_ansible.hardware.doni import Enrolled
from cc_ansible.hardware.remembered import Memory
from cc_ansible.hardware.spans import Span, merge, subtract
from cc_ansible.hardware.windows import Change, Computed, Window
from cc_ansible.hardware.wire import MANAGED, MASK, SENSITIVE

MAINTENANCE = "maintenance"


@dataclass(frozen=True)
class Known:
    """What was seen: Doni's items, their windows and leases, and what this machine remembers.

    ``projects`` are ids by name and id; ``own_project`` is that of items that name none. ``leases``
    answers, when it is asked, who reserved what, by uuid or name of the item.
    """

    enrolled: Sequence[Enrolled]
    windows: Mapping[str, Sequence[Window]]
    memory: Memory
    projects: Mapping[str, str]
    own_project: str
    leases: Callable[[], Mapping[str, Sequence[Lease]]] = dict

    def leases_of(self, item: Enrolled) -> list[Lease]:
        """The leases of one item."""
        found = self.leases()
        return [*found.get(item.uuid, ()), *found.get(item.name, ())]


@dataclass(frozen=True)
class ItemPlan:
    """What is to be done about one declared item.

    ``enrolled`` is None for one to create. ``keys`` are the properties that differ, secrets among
    them. A ``problem`` means that nothing is done, and why. ``hits`` are leases of users at times
    at which the item shall no longer be lent. Not ``whole`` is a plan that looks only at what comes
    with time.
    """

    declared: Declared
    project_id: str
    properties: Mapping[str, Any] = field(repr=False)
    enrolled: Enrolled | None = None
    keys: Sequence[str] = ()
    windows: Sequence[Change] = ()
    hits: Sequence[Lease] = ()
    problem: str = ""
    fix: str = ""
    whole: bool = True

    @property
    def name(self) -> str:
        """Its name."""
        return self.declared.name

    @property
    def action(self) -> str:
        """``create``, ``change``, ``windows`` (only these), ``problem`` or ``same``."""
        if self.problem:
            return "problem"
        if self.enrolled is None:
            return "create"
        return "change" if self.keys else "windows" if self.windows else "same"


@dataclass(frozen=True)
class Plan:
    """What is to be done about all items, and those that are enrolled but no longer declared."""

    items: Sequence[ItemPlan]
    retired: Sequence[Enrolled] = ()

    @property
    def work(self) -> list[ItemPlan]:
        """The items that something is written about."""
        return [item for item in self.items if item.action in ("create", "change", "windows")]

    @property
    def problems(self) -> list[ItemPlan]:
        """The items about which nothing can be done."""
        return [item for item in self.items if item.problem]

    @property
    def pending(self) -> bool:
        """Whether what is declared and what is enrolled differ."""
        return bool(self.work or self.problems or self.retired)

    @property
    def same(self) -> int:
        """How many items are as declared."""
        return sum(item.action == "same" for item in self.items)


def compute(
    declared: Sequence[Declared],
    known: Known,
    now: datetime.datetime,
    days: int,
    *,
    whole: bool = True,
    only_windows: bool = False,
) -> Plan:
    """Compare; ``now`` is a whole minute in UTC, ``days`` the horizon.

    ``whole`` says whether ``declared`` are all items, so that what is not among them is no longer
    declared. With ``only_windows`` just what comes with time is looked at: windows, and the end
    of a maintenance.
    """
    found = {item.name: item for item in known.enrolled}
    lent = Computed(now, days)
    items = [
        _item(each, found.get(each.name), known, lent, only_windows=only_windows)
        for each in declared
    ]
    if only_windows:
        items = [item for item in items if item.enrolled or item.problem]
    names = {each.name for each in declared}
    gone = [
        item
        for item in known.enrolled
        if item.name not in names and item.uuid in known.memory.items
    ]
    return Plan(items, gone if whole and not only_windows else ())


def _item(
    declared: Declared, found: Enrolled | None, known: Known, lent: Computed, *, only_windows: bool
) -> ItemPlan:
    project = known.own_project
    if declared.project is not None:
        project = known.projects.get(declared.project, "")
    problem, fix = _problem(declared, found, project)
    if problem:
        return ItemPlan(declared, project, {}, found, problem=problem, fix=fix)
    properties, until = _with_maintenance(declared.properties, found, lent.now)
    wanted = lent.blackouts(declared.schedule, until)
    if found is None:
        added = [Change("add", after=span) for span in wanted]
        return ItemPlan(declared, project, properties, None, (), added)
    keys = differing(properties, found, known.memory)
    if only_windows:
        keys = [key for key in keys if key == MAINTENANCE and maintenance.parse(_reason(found))]
    have = known.windows.get(found.uuid, ())
    changes, hits = _windows(have, wanted, lambda: known.leases_of(found), lent.now)
    return ItemPlan(
        declared, project, properties, found, keys, changes, hits, whole=not only_windows
    )


def _windows(
    have: Sequence[Window],
    wanted: Sequence[Span],
    leases: Callable[[], Sequence[Lease]],
    now: datetime.datetime,
) -> tuple[list[Change], list[Lease]]:
    """The changes of an item's blackouts, and the leases at times that only now become some.

    Leases are asked for only where a blackout may be in the way of one.
    """
    changes = windows.changes(have, wanted, now)
    if all(change.kind == "drop" for change in changes):
        return changes, []
    inside = hit(wanted, leases())
    if inside:
        changes = windows.changes(have, windows.split(wanted, [each.span for each in inside]), now)
    return changes, hit(subtract(wanted, merge(window.span for window in have)), inside)


def _reason(found: Enrolled) -> Any:
    return found.properties.get(MAINTENANCE)


def _problem(declared: Declared, found: Enrolled | None, project: str) -> tuple[str, str]:
    if not project:
        return (
            f"there is no project {declared.project}",
            f"Correct `project`, or: openstack project create {declared.project}",
        )
    if found is not None and found.project_id != project:
        return (
            f"another project ({found.project_id}) enrolled hardware of this name",
            "Rename it here, or have its owner retire it. It is left alone.",
        )
    if found is not None and found.kind != declared.kind:
        return (
            f"it is enrolled as {found.kind}, which cannot become {declared.kind}",
            f"cc-ansible hardware retire {declared.name}, then apply again.",
        )
    return "", ""


def _with_maintenance(
    properties: Mapping[str, Any], found: Enrolled | None, now: datetime.datetime
) -> tuple[Mapping[str, Any], datetime.datetime | None]:
    """The properties with a maintenance that is under way, and its end; it hides a declared one."""
    under_way = maintenance.parse(_reason(found)) if found else None
    if under_way is None or under_way.until <= now:
        return properties, None
    return {**properties, MAINTENANCE: str(under_way)}, under_way.until


def differing(properties: Mapping[str, Any], found: Enrolled, memory: Memory) -> list[str]:
    """The properties of an item that are not as they shall be."""
    unlike = {
        key
        for key in (properties.keys() | (found.properties.keys() & MANAGED)) - SENSITIVE
        if properties.get(key) != found.properties.get(key)
    }
    unlike.update(memory.differing(found.uuid, properties))
    for key in SENSITIVE:
        # One that is shown in plain cannot be ours; one that is absent was never written.
        if (key in properties) != (found.properties.get(key) == MASK):
            unlike.add(key)
    return sorted(unlike & (properties.keys() | found.properties.keys()))


def hit(blackouts: Iterable[Span], leases: Sequence[Lease]) -> list[Lease]:
    """The leases that are in the way of blackouts."""
    parts = list(blackouts)
    found = {
        lease.id: lease
        for lease in leases
        if any(lease.span.start < part.end and part.start < lease.span.end for part in parts)
    }
    return sorted(found.values())
