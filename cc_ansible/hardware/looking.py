"""Answers about hardware that need no vault password and no valid site config: list and show."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cc_ansible.errors import CcError, UsageError
from cc_ansible.hardware import credentials, declared, listing, nodes
from cc_ansible.hardware.blazar import Blazar, Lease
from cc_ansible.hardware.detail import Detail
from cc_ansible.hardware.doni import Doni
from cc_ansible.hardware.listing import Row
from cc_ansible.hardware.nodes import Mishap, Node
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


@dataclass(frozen=True)
class Seen:
    """Items; ``silence`` is why nothing is known of their nodes, empty where it is."""

    rows: Sequence[Row]
    silence: str = ""


def rows(site: Site, now: datetime.datetime, *, everyones: bool = False) -> Seen:
    """What is declared or was enrolled by the site's own project; with ``everyones`` all.

    :raises CcError: the site cannot be asked.
    """
    about = subject(site)
    cloud = credentials.looking(site.state_dir)
    with ThreadPoolExecutor(1) as aside:
        asked = aside.submit(_nodes, site)
        found = listing.rows(about, Doni(cloud).hardware(), now, declared.horizon_days(about))
        known, silence = asked.result()
    kept = [row for row in found if everyones or row.declared_at or _own(row, cloud.project_id)]
    return Seen([row.behind(known) for row in kept], silence)


def detail(site: Site, name: str, now: datetime.datetime) -> tuple[Detail, str]:
    """One item by its name or uuid, and why nothing is known of its node, as in :class:`Seen`.

    :raises UsageError: there is none.
    :raises CcError: the site cannot be asked.
    """
    seen = rows(site, now, everyones=True)
    for row in seen.rows:
        enrolled = row.enrolled
        if name in (row.name, enrolled.uuid if enrolled else None):
            leases = _leases(site) if enrolled else {}
            own = leases.get(enrolled.uuid, ()) if enrolled else ()
            known = sorted({*own, *leases.get(row.name, ())})
            return Detail(row, known, _mishap(site, row)), seen.silence
    close = nearest(name, [row.name for row in seen.rows])
    raise UsageError(
        f"There is no hardware {name}.",
        fix=f"Did you mean {close}?" if close else "cc-ansible hardware list",
    )


def _nodes(site: Site) -> tuple[dict[str, Node], str]:
    """Ironic's nodes by uuid; where it cannot be asked, why."""
    try:
        found = nodes.read(credentials.whole_system(site.state_dir))
    except Missing:
        return {}, ""
    except CcError as problem:
        return {}, f"{problem.summary} {problem.detail}".strip()
    return {node.uuid: node for node in found}, ""


def _mishap(site: Site, row: Row) -> Mishap | None:
    """What failed last; what can be shown without it is shown all the same."""
    if row.node is None:
        return None
    try:
        found = nodes.mishaps(credentials.whole_system(site.state_dir), row.node.uuid)
    except CcError:
        return None
    return found[-1] if found else None


def _leases(site: Site) -> dict[str, list[Lease]]:
    try:
        return Blazar(credentials.looking(site.state_dir)).leases()
    except Missing:
        return {}


def _own(row: Row, project_id: str) -> bool:
    return row.enrolled is not None and row.enrolled.project_id == project_id
