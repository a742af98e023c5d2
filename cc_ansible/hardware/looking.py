"""Answers about hardware that need no secret and no valid site config: list and show."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from cc_ansible.errors import UsageError
from cc_ansible.hardware import credentials, declared, listing
from cc_ansible.hardware.blazar import Blazar, Lease
from cc_ansible.hardware.detail import Detail
from cc_ansible.hardware.doni import Doni
from cc_ansible.hardware.listing import Row
from cc_ansible.hardware.rest import Missing
from cc_ansible.kolla import known
from cc_ansible.site.names import nearest
from cc_ansible.site.subject import Subject
from cc_ansible.site.survey import Survey

if TYPE_CHECKING:
    from cc_ansible.site.load import Site


def subject(site: Site) -> Subject:
    """The site as its files say."""
    return Subject(Survey(site.path), known)


def rows(site: Site, now: datetime.datetime, *, everyones: bool = False) -> list[Row]:
    """What is declared or was enrolled by the site's own project; with ``everyones`` all.

    :raises CcError: the site cannot be asked.
    """
    about = subject(site)
    cloud = credentials.looking(site.state_dir)
    found = listing.rows(about, Doni(cloud).hardware(), now, declared.horizon_days(about))
    return [row for row in found if everyones or row.declared_at or _own(row, cloud.project_id)]


def detail(site: Site, name: str, now: datetime.datetime) -> Detail:
    """One item by its name or uuid.

    :raises UsageError: there is none.
    :raises CcError: the site cannot be asked.
    """
    found = rows(site, now, everyones=True)
    for row in found:
        enrolled = row.enrolled
        if name in (row.name, enrolled.uuid if enrolled else None):
            if enrolled is None:
                return Detail(row, ())
            leases = _leases(site)
            return Detail(row, sorted({*leases.get(enrolled.uuid, ()), *leases.get(row.name, ())}))
    close = nearest(name, [row.name for row in found])
    raise UsageError(
        f"There is no hardware {name}.",
        fix=f"Did you mean {close}?" if close else "cc-ansible hardware list",
    )


def _leases(site: Site) -> dict[str, list[Lease]]:
    try:
        return Blazar(credentials.looking(site.state_dir)).leases()
    except Missing:
        return {}


def _own(row: Row, project_id: str) -> bool:
    return row.enrolled is not None and row.enrolled.project_id == project_id
