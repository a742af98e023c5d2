"""Hardware and leases as they are now."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from cc_ansible.errors import CcError
from cc_ansible.hardware import credentials, declared, listing
from cc_ansible.hardware.blazar import Blazar, Lease
from cc_ansible.hardware.doni import Doni, Enrolled
from cc_ansible.hardware.listing import Row
from cc_ansible.report.facts import Hardware, Item, LeaseFact
from cc_ansible.report.together import reason

if TYPE_CHECKING:
    from cc_ansible.site.load import Site
    from cc_ansible.site.subject import Subject

NOT_ENROLLED = "declared, but not enrolled"


def hardware(site: Site, subject: Subject, now: datetime.datetime) -> Hardware:
    """Every item: lent or not as its calendar says, and in trouble or not as Doni says.

    :raises SiteInvalid: a calendar is not valid.
    """
    if not subject.values.enabled("enable_doni") and not declared.names(subject):
        return Hardware()
    found, why = _enrolled(site)
    rows = listing.rows(subject, found, now, declared.horizon_days(subject))
    return Hardware([_item(row, now, asked=not why) for row in rows], why)


def leases(site: Site) -> list[LeaseFact]:
    """The leases of users that are not over, the next to end first.

    :raises Missing: the site has no Blazar.
    :raises CcError: it cannot be asked.
    """
    cloud = credentials.looking(site.state_dir)
    names = {item.uuid: item.name for item in _enrolled(site)[0]}
    return gathered(Blazar(cloud).leases(), names)


def gathered(
    by_resource: Mapping[str, Iterable[Lease]], names: Mapping[str, str]
) -> list[LeaseFact]:
    """Leases with the hardware each of them takes, by its name where that is known."""
    taken: dict[Lease, set[str]] = defaultdict(set)
    for key, found in by_resource.items():
        for lease in found:
            taken[lease].add(names.get(key, key))
    facts = [
        LeaseFact(
            lease.name, lease.project_id, lease.span.start, lease.span.end, tuple(sorted(which))
        )
        for lease, which in taken.items()
    ]
    return sorted(facts, key=lambda fact: (fact.end, fact.name))


def _enrolled(site: Site) -> tuple[Sequence[Enrolled], str]:
    """What the site's own project enrolled, or why that is not known."""
    try:
        cloud = credentials.looking(site.state_dir)
        own = cloud.project_id
        return [item for item in Doni(cloud).hardware() if item.project_id == own], ""
    except CcError as problem:
        return [], reason(problem)


def _item(row: Row, now: datetime.datetime, *, asked: bool) -> Item:
    lent = None if row.lent is None else any(span.holds(now) for span in row.lent)
    until = row.maintenance_until
    serviced = row.maintenance if until is None or until > now else ""
    return Item(
        row.name,
        row.kind,
        False if serviced and lent else lent,
        row.when(now),
        serviced,
        _trouble(row) if asked else "",
    )


def _trouble(row: Row) -> str:
    if row.enrolled is None:
        return NOT_ENROLLED
    first = next(iter(row.troubles), None)
    return f"{first.worker} {first.kind}: {first.reason}" if first else ""
