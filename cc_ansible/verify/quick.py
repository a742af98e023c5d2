"""Level quick: one look at every host and a few questions to the cloud, at the same time."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cc_ansible.verify import agents, api, look, metal
from cc_ansible.verify.aside import Aside
from cc_ansible.verify.check import Check, unexpected
from cc_ansible.verify.experiment import logins
from cc_ansible.verify.judge import (
    certificates,
    containers,
    doni,
    galera,
    haproxy,
    hosts,
    logs,
    rabbitmq,
    vip,
)
from cc_ansible.verify.only import possible
from cc_ansible.verify.result import Result
from cc_ansible.verify.view import View
from cc_ansible.verify.view import containers as of_host

if TYPE_CHECKING:
    from openstack.connection import Connection

    from cc_ansible.kolla.workspace import Workspace
    from cc_ansible.online.facts import Host
    from cc_ansible.runs.steps import Steps
    from cc_ansible.verify.agents import Heard
    from cc_ansible.verify.allow import Allowed
    from cc_ansible.verify.look import Wanted

Judge = tuple[str, Callable[[View], Iterator[Result]]]
OF_HOST: tuple[Judge, ...] = (
    (hosts.REACH, hosts.reached),
    (containers.NAME, containers.judge),
    (hosts.CLOCK, hosts.clocks),
    (hosts.DISKS, hosts.disks),
    (hosts.MEMORY, hosts.memory),
)
"""Judges of each host by itself: what the names of their results begin with, and who they are."""
OF_SITE: tuple[Judge, ...] = (
    (vip.NAME, vip.judge),
    (haproxy.NAME, haproxy.judge),
    (galera.NAME, galera.judge),
    (rabbitmq.NAME, rabbitmq.judge),
    (doni.NAME, doni.judge),
)
"""Those of what several hosts do together."""
JUDGES: tuple[Judge, ...] = (
    *OF_HOST[:2], *OF_SITE, *OF_HOST[2:],
    (certificates.NAME, certificates.files), (logs.NAME, logs.judge),
)  # fmt: skip
"""All, in the order in which their results are shown."""
OF_CLOUD = (api.TOKEN, api.ENDPOINT, agents.NAME, metal.NAME, certificates.ENDPOINT)


@dataclass(frozen=True)
class Cloud:
    """What the cloud said. ``connection`` is None where nobody could log in."""

    results: list[Result]
    connection: Connection | None = None
    heard: Sequence[Heard] = ()
    metal: Sequence[Result] = ()


def run(
    space: Workspace,
    names: Sequence[str],
    groups: Mapping[str, Iterable[str]],
    allowed: Sequence[Allowed],
    only: Sequence[str],
    steps: Steps,
    *,
    needs_cloud: bool,
) -> tuple[list[Result], Wanted, Connection | None]:
    """The results, what the site wants, and a connection for deeper levels.

    ``names`` are the hosts, ``groups`` those of every group; ``needs_cloud`` says that those
    levels come.

    Raises:
        RunFailed: Ansible did not even start.
        Interrupted: stopped by the user.
    """
    clouds_yaml = space.site.state_dir / "credentials" / "clouds.yaml"
    asked = needs_cloud or any(possible(begin, only) for begin in OF_CLOUD)
    sought = Aside(lambda: look.wanted(space))
    cloud = Aside(lambda: ask_cloud(clouds_yaml, sought)) if asked else None
    found: dict[str, Host] = {}
    if any(possible(begin, only) for begin, _ in JUDGES):
        with steps.step(f"Hosts ({len(names)})") as step:
            found = look.hosts(space, names, groups, step.update)
    with steps.step("What the site runs"):
        wanted = sought.result()
    view = View(found, wanted.services, allowed)
    results = judged(JUDGES, view)
    if cloud is None:
        return results, wanted, None
    with steps.step("Cloud"):
        said = cloud.result()
    states = {
        host.name: {name: str(each["state"]) for name, each in of_host(host).items()}
        for host in view.seen
    }
    results += [*said.results, *agents.judge(said.heard, states), *said.metal]
    return results, wanted, said.connection


def judged(judges: Iterable[Judge], view: View) -> list[Result]:
    """What these judges say; one that breaks off keeps no other from speaking."""
    found: list[Result] = []
    for begin, judge in judges:
        try:
            found += judge(view)
        except Exception as problem:
            cause = "What a host said is not what cc-ansible expects: this is a defect of it."
            trouble = replace(unexpected(problem), cause=cause, fix="Report it, please.")
            found.append(Check(f"{begin}: judging it", "a-judge-that-fails").judged([trouble], ""))
    return found


def ask_cloud(clouds_yaml: Path, sought: Aside[Wanted]) -> Cloud:
    """A token, every endpoint, certificates, and who reports to which service."""
    token, connection = api.token(clouds_yaml)
    if connection is None:
        skipped = [
            Check(api.ENDPOINT + "s", "endpoints").skipped("no token, so the catalogue is unknown"),
            Check(agents.NAME + " all services", agents.PAGE).skipped("no token"),
        ]
        return Cloud([token, *skipped])
    system = logins.whole_system(connection)
    found = Aside(lambda: agents.ask(connection, system))
    metals = Aside(lambda: metal.check(system))
    results = [token, *api.endpoints(connection)]
    urls = [e["url"] for service in connection.service_catalog for e in service["endpoints"]]
    urls += dashboards_of(sought.result())
    results += api.tls(urls, datetime.datetime.now(datetime.UTC))
    return Cloud(results, connection, found.result(), metals.result())


def dashboards_of(wanted: Wanted) -> list[str]:
    """Addresses of Horizon, each once; none where the site does not run it."""
    if not any(service.role == "horizon" for service in wanted.services):
        return []
    names = ("horizon_internal_endpoint", "horizon_public_endpoint")
    return [url for url in dict.fromkeys(map(wanted.text, names)) if url]
