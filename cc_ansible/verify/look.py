"""Looks at all hosts of a running site at once, and at what the site wants of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cc_ansible.errors import SiteInvalid
from cc_ansible.kolla import images, variables
from cc_ansible.online import playbook
from cc_ansible.online.facts import Facts, Host
from cc_ansible.online.playbook import Log
from cc_ansible.verify import catalogue, deploys

if TYPE_CHECKING:
    from cc_ansible.kolla.images import Service
    from cc_ansible.kolla.workspace import Workspace
    from cc_ansible.runs.events import HostResult
    from cc_ansible.site.load import Site
    from cc_ansible.verify.catalogue import Entry

PLAYBOOK = "look-at-services.yml"
WANTS, LOOK = "What the site wants", "Look at it"
"""Names of the playbook's tasks."""
SECONDS = 25
"""How long a host may take for one task."""


@dataclass(frozen=True)
class Wanted:
    """What the site should run: containers by host, and the catalogue. ``said`` are variables."""

    services: Sequence[Service]
    catalogue: Sequence[Entry]
    said: Mapping[str, Any] = field(repr=False)

    def text(self, name: str) -> str:
        """A variable of the site, evaluated; empty where that is not possible."""
        found = variables.evaluated(self.said, name)
        return "" if found is None else str(found)


def wanted(space: Workspace) -> Wanted:
    """Ask Kolla-Ansible's own variables what the site should run.

    Raises:
        SiteInvalid: a variable that decides about a service cannot be evaluated.
    """
    said, groups = variables.effective(space)
    services = images.enabled_services(said, groups, space.tree)
    roles = {service.role for service in services}
    entries = catalogue.expected(space.tree, roles, said)
    return Wanted(services, entries, said)


def hosts(
    space: Workspace,
    names: Sequence[str],
    groups: Mapping[str, Iterable[str]],
    say: Callable[[str], None] = lambda text: None,
) -> dict[str, Host]:
    """Look at these hosts; those that cannot be looked at say why. Nothing is changed.

    The facts of a host are what module ``cc_service_health`` said. ``groups`` are the
    hosts of every group, ``say`` is told how far we are.

    Raises:
        RunFailed: Ansible did not even start.
        Interrupted: stopped by the user; nothing that was started goes on.
    """
    # For hosts that keep no record of the last deploy themselves.
    since = deploys.last(space.site.state_dir)
    asked = {"hosts": list(names), "seconds": SECONDS, "since": since}

    def heard(log: Log) -> None:
        done = {host for host, task in log.results if task == LOOK}
        say(f"{len(done)} of {len(names)} looked at")

    log = playbook.run(space, PLAYBOOK, {"cc_look": asked}, len(names), heard)
    return {name: _host(name, log, groups) for name in names}


def require(names: Sequence[str], site: Site) -> None:
    """Refuse a site without hosts.

    Raises:
        SiteInvalid: the inventory has none.
    """
    if not names:
        raise SiteInvalid(
            "The inventory has no hosts to look at.",
            fix=f"Name at least one host in group control in {site.inventory_dir}.",
        )


def _host(name: str, log: Log, groups: Mapping[str, Iterable[str]]) -> Host:
    wants, looked = log.results.get((name, WANTS)), log.results.get((name, LOOK))
    said = playbook.result(looked).get("health")
    settled = wants and wants.status == "ok" and isinstance(wants.msg, dict)
    return Host(
        name,
        groups=frozenset(group for group, members in groups.items() if name in members),
        wanted=wants.msg if wants and settled else {},
        facts=Facts(said) if isinstance(said, dict) else None,
        unreachable=playbook.why(looked or wants, "unreachable"),
        trouble=playbook.why(looked, "failed") or ("" if looked else "Ansible left it out"),
        unevaluated=playbook.why(wants, "failed"),
        skew=_skew(looked, log, said) if looked and isinstance(said, dict) else None,
    )


def _skew(event: HostResult, log: Log, said: Mapping[str, Any]) -> float | None:
    """By how many seconds a host's clock is ahead of ours, at least.

    It read its clock when it began and when it had done, both between our two times.
    """
    clock, begun = said.get("clock", {}), log.began(event)
    first, last = clock.get("now"), clock.get("end")
    if not isinstance(first, int | float) or not isinstance(last, int | float) or begun is None:
        return None
    return float(min(first - begun, 0.0) + max(last - event.time, 0.0))
