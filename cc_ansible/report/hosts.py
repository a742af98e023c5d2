"""Looks at every host once, as ``verify`` does, and lets its judges say what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cc_ansible.errors import CcError
from cc_ansible.kolla import workspace
from cc_ansible.online.look import hosts_of
from cc_ansible.report.health import Container, HostHealth, from_health
from cc_ansible.report.together import reason
from cc_ansible.verify import look as looking
from cc_ansible.verify import quick
from cc_ansible.verify.aside import Aside
from cc_ansible.verify.check import Check, Trouble
from cc_ansible.verify.judge import containers
from cc_ansible.verify.result import Result
from cc_ansible.verify.view import View

if TYPE_CHECKING:
    from cc_ansible.kolla.images import Service
    from cc_ansible.online.facts import Host
    from cc_ansible.site.load import Site
    from cc_ansible.site.subject import Subject

ON_HOST = tuple(judge for judge in quick.OF_HOST if judge[0] != containers.NAME)


@dataclass(frozen=True)
class Seen:
    """Every host, and results of checks of what several of them do together."""

    hosts: Sequence[HostHealth] = ()
    clusters: Sequence[Result] = ()


def look(site: Site, subject: Subject) -> Seen:
    """Every host that runs something of the site, in the order of the inventory.

    A site whose settings are not valid is looked at all the same.

    :raises CcError: none of them can be asked.
    """
    names = hosts_of(subject)
    looking.require(names, site)
    groups = subject.survey.inventory.hosts_of
    services: Sequence[Service] = ()
    more: list[Result] = []
    with workspace.assemble(site, {}) as space:
        wanted = Aside(lambda: looking.wanted(space))
        found = looking.hosts(space, names, groups)
        try:
            services = wanted.result().services
        except CcError as error:
            trouble = Trouble(f"unknown: {reason(error)}", "", "")
            more = [Check("what the site runs", "containers").judged([trouble], "")]
    view = View(found, services)
    hosts = [health(host, view) for host in found.values()]
    return Seen(hosts, [*quick.judged(quick.OF_SITE, view), *more])


def health(host: Host, view: View) -> HostHealth:
    """A host as the look left it, and what is wrong with it."""
    one = replace(view, hosts={host.name: host})
    boxes: dict[str, list[Trouble]] = {}

    def judge_boxes(view: View) -> Iterator[Result]:
        if host.facts and host.facts.has_engine:
            boxes.update(containers.by_name(view, host))
        else:
            yield from containers.judge(view)

    judges = (*ON_HOST, (containers.NAME, judge_boxes))
    failed = [result for result in quick.judged(judges, one) if result.failed]
    if host.facts is None:
        return HostHealth(host.name, why=failed[0].detail)
    found = from_health(host.name, host.facts.raw)
    there = {each.name: each for each in found.containers}
    for name, troubles in boxes.items():
        text = "; ".join(each.seen.removeprefix(f"{name} ") for each in troubles)
        there[name] = replace(there.get(name, Container(name, "missing")), trouble=text)
    others = [result.detail for result in failed]
    return replace(found, containers=list(there.values()), others=others)
