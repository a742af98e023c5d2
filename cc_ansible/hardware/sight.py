"""A site and what there is of its hardware: everything a plan is made of."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cc_ansible.hardware import credentials, declared, plan, projects, remembered
from cc_ansible.hardware.blazar import Blazar, Lease
from cc_ansible.hardware.declared import Declared
from cc_ansible.hardware.doni import Doni
from cc_ansible.hardware.plan import Known, Plan
from cc_ansible.hardware.remembered import Memory
from cc_ansible.hardware.rest import Missing
from cc_ansible.hardware.wire import SENSITIVE
from cc_ansible.kolla import known as knowledge
from cc_ansible.kolla import validity
from cc_ansible.site.secrets import hide, use
from cc_ansible.site.subject import Subject
from cc_ansible.site.survey import Survey

if TYPE_CHECKING:
    from cc_ansible.hardware.credentials import Cloud
    from cc_ansible.site.load import Site
    from cc_ansible.site.secrets.use import InUse


@dataclass
class Sight:
    """One site config, and ways to what it speaks about. Made by :func:`of`."""

    site: Site
    subject: Subject
    declared: Sequence[Declared]
    names: Collection[str] | None = None
    hidden: Sequence[str] = field(default=(), repr=False)
    login: Callable[[Path], Cloud] = credentials.admins

    @cached_property
    def days(self) -> int:
        """How far windows are computed."""
        return declared.horizon_days(self.subject)

    @cached_property
    def cloud(self) -> Cloud:
        """Who asks, and writes."""
        return self.login(self.site.state_dir)

    @cached_property
    def doni(self) -> Doni:
        """The inventory service."""
        return Doni(self.cloud)

    @cached_property
    def memory(self) -> Memory:
        """What this machine remembers."""
        return remembered.load(self.site.state_dir)

    def plan(self, now: datetime.datetime, *, only_windows: bool = False) -> Plan:
        """Compare with what there is now; ``now`` is a whole minute in UTC.

        :raises CcError: the site cannot be asked.
        """
        return plan.compute(
            self.declared,
            self.known(),
            now,
            self.days,
            whole=self.names is None,
            only_windows=only_windows,
        )

    def leases(self) -> Mapping[str, Sequence[Lease]]:
        """The leases of users by uuid or name of the item; none where there is no Blazar."""
        try:
            return Blazar(self.cloud).leases()
        except Missing:
            return {}

    def known(self) -> Known:
        """What there is now, and what this machine remembers.

        :raises CcError: the site cannot be asked.
        """
        own = self.cloud.project_id
        need_projects = any(item.project is not None for item in self.declared)
        names = {item.name for item in self.declared}
        with ThreadPoolExecutor(2) as pool:
            by_name = pool.submit(projects.ids, self.cloud) if need_projects else None
            enrolled = self.doni.hardware()
            found = self.doni.windows(item.uuid for item in enrolled if item.name in names)
            ids = by_name.result() if by_name else {}
        leases = functools.cache(self.leases)
        return Known(enrolled, found, self.memory, ids, own, leases)


def of(
    site: Site,
    names: Collection[str] | None = None,
    login: Callable[[Path], Cloud] = credentials.admins,
) -> Sight:
    """A site whose config was checked, with all its items or those of ``names``.

    ``login`` finds the credentials with which it is asked.

    :raises SiteInvalid: the site config is not valid.
    :raises UsageError: it has no item of a name.
    """
    subject = Subject(Survey(site.path), knowledge)
    validity.require(site.path, subject)
    if names is not None:
        declared.require_known(names, declared.names(subject), "in hardware/")
    in_use = use.take(site)
    items = declared.read(subject, site, in_use.passwords, names)
    return Sight(site, subject, items, names, _hidden(in_use, items), login)


def _hidden(in_use: InUse, items: Sequence[Declared]) -> list[str]:
    """Every secret, those that are decrypted or put together in hardware files included."""
    of_items: list[Any] = [
        value for item in items for key, value in item.properties.items() if key in SENSITIVE
    ]
    return hide.longest_first([*in_use.hidden, *map(str, of_items)])
