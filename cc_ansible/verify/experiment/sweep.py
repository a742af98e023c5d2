"""Removing what experiments left whose process was killed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cc_ansible.verify.experiment import (
    floating,
    item,
    lease,
    logins,
    names,
    network,
    project,
    server,
)
from cc_ansible.verify.experiment.names import ALONE, OTHER_USER, SAME_USER
from cc_ansible.verify.experiment.trial import INVENTORY, RESERVATION, Site
from cc_ansible.verify.experiment.trouble import told
from cc_ansible.verify.experiment.wait import SERVICES

TEARING_DOWN = 3600.0
"""Seconds that a machine may take to be torn down."""


@dataclass(frozen=True)
class Swept:
    """What became of an abandoned experiment; ``problems`` are what could not be removed."""

    name: str
    problems: tuple[str, ...] = ()


def of(site: Site) -> list[Swept]:
    """Remove what abandoned experiments left, as the site's admin.

    An experiment is abandoned when its process is gone from this machine, or an hour after the
    time it may take at most. Others are left alone.

    Raises:
        CcError: a service does not answer.
        openstack.exceptions.SDKException: as above.
    """
    found = {name.text for name in map(names.parse, _seen(site)) if name and name.abandoned()}
    return [_remove(site, name) for name in sorted(found)]


def _seen(site: Site) -> Iterator[str | None]:
    """The names of everything that may be of an experiment, in every service."""
    admin = site.admin
    yield from (each.name for each in admin.compute.servers(all_projects=True, name=names.PREFIX))
    yield from (each.description for each in floating.owned(site, names.PREFIX))
    yield from (each.name for each in admin.network.routers())
    yield from (each.name for each in admin.network.networks())
    yield from (each.name for each in logins.identity(admin).projects())
    yield from (each.name for each in logins.identity(admin).users())
    if site.has(RESERVATION):
        yield from (each["name"] for each in site.blazar.get("/leases", "leases")["leases"])
    if site.has(INVENTORY):
        yield from (each.name for each in site.doni.hardware())


def _remove(site: Site, name: str) -> Swept:
    """Remove one, in the order in which an experiment does."""
    removals: list[Callable[[], None]] = [lambda: server.remove(site, name + ALONE, TEARING_DOWN)]
    for each in (name + SAME_USER, name + OTHER_USER, name):
        removals += _of_one(site, each)
    if site.has(INVENTORY):
        removals.append(lambda: item.remove(site, name))
    site.watch.tell(f"removing what {name} left")
    site.watch.allow(TEARING_DOWN, least=SERVICES)
    problems = []
    for remove in removals:
        try:
            remove()
        except Exception as error:
            problems.append(told(error).detail)
    return Swept(name, tuple(problems))


def _of_one(site: Site, name: str) -> list[Callable[[], None]]:
    """What removes a server of an experiment and all that it needed; most is not there."""
    removals: list[Callable[[], None]] = [
        lambda: floating.remove(site, name),
        lambda: server.remove(site, name, TEARING_DOWN),
        lambda: network.remove(site, name),
        lambda: project.remove(site, name),
    ]
    if site.has(RESERVATION):
        removals.insert(-1, lambda: lease.remove(site, name))
    return removals
