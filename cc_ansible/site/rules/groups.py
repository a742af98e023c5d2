"""Rules about inventory groups: known to plays, and with hosts where a service needs them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from cc_ansible.errors import Origin
from cc_ansible.site.facts import Facts, facts
from cc_ansible.site.findings import UNREADABLE, Finding, error, warning
from cc_ansible.site.legacy import wrapper
from cc_ansible.site.names import nearest
from cc_ansible.site.services import AGENTS, CLUSTERS, SERVICES
from cc_ansible.site.subject import Subject

UNKNOWN_GROUP = error("unknown-group", "Plays know the groups of the inventory")
REMOVED_GROUP = warning("removed-group", "Groups exist in this OpenStack release")
EMPTY_GROUP = error("empty-group", "Services that are on have hosts to run on")
NO_AGENTS = warning("no-agents", "Neutron has hosts for its agents")
QUORUM = warning("even-quorum", "Clusters whose members vote have an odd number of them")

BUILTIN = frozenset({"all", "ungrouped"})
ALIKE = 0.85


def unknown(subject: Subject) -> Iterator[Finding]:
    """Groups that no play knows and that belong to none that does."""
    survey = subject.survey
    for (parent, name), origin in survey.places.children.items():
        if name.startswith("["):
            fix = "Write it as [group]."
            yield UNREADABLE.broken("A section has no closing bracket.", origin, fix=fix)
        elif name not in survey.own_groups and not _is_known(subject, name):
            yield _unknown(subject, name, f"[{parent}:children] names {name}", origin)
    mentioned = {name for _, name in survey.places.children}
    for name, origin in survey.places.sections.items():
        if name in survey.own_groups or name in mentioned or _is_known(subject, name):
            continue
        yield _unknown(subject, name, f"[{name}:vars] is about {name}", origin)
    for name in sorted(survey.own_groups):
        if _is_known(subject, name):
            continue
        if removed := subject.known.removed("groups").get(name):
            yield REMOVED_GROUP.broken(
                f"No play runs on {name}; the group is gone since {removed.since}.",
                survey.places.group(name),
                detail=removed.reason,
                fix=f"Use {removed.successor}." if removed.successor else "Remove it.",
            )
        elif _is_lost(subject, name):
            text = f"[{name}] is a group"
            yield _unknown(subject, name, text, survey.places.group(name))


def empty(subject: Subject) -> Iterator[Finding]:
    """Services that are on, but have no host; one finding for each group that is the reason."""
    asked = facts(subject)
    reasons: dict[str, list[str]] = defaultdict(list)
    for flag, service in SERVICES.items():
        if asked.on(flag):
            for group in service.groups:
                if asked.is_empty(group):
                    reasons[_root(subject, group)].append(service.title)
    meant = _meant(subject)
    for group, titles in reasons.items():
        if group in meant:
            continue
        names = list(dict.fromkeys(titles))
        more = f" and {len(names) - 3} more" if len(names) > 4 else ""
        shown = ", ".join(names[:3] if more else names)
        yield EMPTY_GROUP.broken(
            f"The group {group} has no host, but {shown}{more} {_run(names)} there.",
            _place(subject, group),
            fix=f"List a host below [{group}].",
        )
    if not reasons:
        yield from _agents(subject, asked)


def quorum(subject: Subject) -> Iterator[Finding]:
    """An even number of members survives no more failures than one less."""
    asked = facts(subject)
    clusters: dict[str, list[str]] = defaultdict(list)
    for group, flag in CLUSTERS.items():
        hosts = asked.hosts(group)
        if asked.on(flag) and len(hosts) > 1 and len(hosts) % 2 == 0:
            clusters[_root(subject, group)].append(group)
    for root, groups in clusters.items():
        number = len(asked.hosts(groups[0]))
        yield QUORUM.broken(
            f"{' and '.join(groups)} {'has' if len(groups) == 1 else 'have'} {number} members; "
            f"they stop when {number // 2} fail.",
            _place(subject, root),
            fix=f"Use {number - 1} or {number + 1} hosts.",
        )


def _agents(subject: Subject, asked: Facts) -> Iterator[Finding]:
    """The lab is the one site that wants none."""
    if subject.survey.scenario == "lab" or not asked.on("enable_neutron"):
        return
    if asked.value("neutron_plugin_agent") != "openvswitch":
        return
    lacking = {group: what for group, what in AGENTS.items() if asked.is_empty(group)}
    roots: dict[str, list[str]] = defaultdict(list)
    for group, what in lacking.items():
        roots[_root(subject, group)].append(what)
    for root, things in roots.items():
        yield NO_AGENTS.broken(
            f"The group {root} has no host, so networks of users get no {' and no '.join(things)}.",
            _place(subject, root),
            fix=f"List a host below [{root}].",
        )


def _is_known(subject: Subject, name: str) -> bool:
    return name in BUILTIN or name in subject.known.groups()


def _is_lost(subject: Subject, name: str) -> bool:
    """Whether a group of the site's own looks like a mistake.

    Own groups are welcome: below a known group, for hosts that are in known groups too, or for
    variables. One whose hosts nobody deploys to, or whose name is nearly a known one, is not.
    """
    survey = subject.survey
    if _belongs(subject, name, set()) or wrapper.group(name) is not None:
        return False
    hosts = survey.inventory.hosts_of.get(name, [])
    if any(is_idle(subject, host) for host in hosts):
        return True
    close = nearest(name, subject.known.groups(), ALIKE)
    return close is not None and not name.startswith((f"{close}-", f"{close}_"))


def _meant(subject: Subject) -> set[str | None]:
    """The groups that are only missing because their name is misspelt."""
    lost = {finding.origin: finding for finding in unknown(subject)}
    places = subject.survey.places.groups
    names = [name for name, origin in places.items() if origin in lost]
    return {nearest(name, subject.known.groups()) for name in names}


def _belongs(subject: Subject, name: str, seen: set[str]) -> bool:
    """Whether a group is below one that plays know."""
    if name in seen:
        return False
    children = subject.survey.inventory.children_of
    parents = [parent for parent, below in children.items() if name in below and parent != "all"]
    return any(
        _is_known(subject, parent) or _belongs(subject, parent, {*seen, name}) for parent in parents
    )


def is_idle(subject: Subject, host: str) -> bool:
    """Whether a host is in no group that plays know."""
    groups = set(subject.survey.inventory.groups_of.get(host, ())) - BUILTIN
    return not groups & subject.known.groups()


def _unknown(subject: Subject, name: str, what: str, origin: Origin | None) -> Finding:
    close = nearest(name, subject.known.groups())
    return UNKNOWN_GROUP.broken(
        f"{what}, which no play knows.",
        origin,
        fix=f"Did you mean `{close}`?" if close else "Put its hosts into groups of Kolla-Ansible.",
    )


def _root(subject: Subject, group: str) -> str:
    """The group that decides: down from ``group`` until the site defines it, or it forks."""
    survey = subject.survey
    seen = {group}
    while True:
        below = survey.inventory.children_of.get(group, [])
        if len(below) != 1 or below[0] in seen:
            return group
        group = below[0]
        seen.add(group)


def _place(subject: Subject, group: str) -> Origin | None:
    """Where a group is defined, else where it is mentioned, else the inventory."""
    places = subject.survey.places
    mentioned = (origin for (_, name), origin in places.children.items() if name == group)
    return places.groups.get(group) or next(mentioned, None) or places.group(group)


def _run(names: list[str]) -> str:
    return "runs" if len(names) == 1 else "run"
