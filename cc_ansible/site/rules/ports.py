"""Rules about ports: two services of a site do not answer on the same one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from cc_ansible.site.findings import Finding, error
from cc_ansible.site.net import numbers, plan, settings
from cc_ansible.site.net.refused import Refused
from cc_ansible.site.subject import Subject
from cc_ansible.site.values import Unknown

PORT_TAKEN = error("port-taken", "Services on the same hosts have ports of their own")

# One frontend for all services of a site: they share its port by design.
COMMON = "haproxy_single_external_frontend_public_port"


def clashes(subject: Subject) -> Iterator[Finding]:
    """Ports that the site gave to a service although another one that is on has them."""
    users: dict[int, list[str]] = defaultdict(list)
    for name in sorted(settings.numeric(subject)):
        if number := _effective(subject, name):
            users[number].append(name)
    for number, names in users.items():
        for name in names:
            other = next((other for other in names if _apart(subject, name, other)), None)
            if other and plan.said_by_site(subject, name) and _was_apart(subject, name, other):
                yield PORT_TAKEN.broken(
                    f"{name} and {other} are both {number}.",
                    subject.values.origin(name),
                    detail="Both services are on, and answer on the same addresses.",
                    fix="Choose a port that is free.",
                )


def _effective(subject: Subject, name: str) -> int | None:
    """The port of a service that is on; None where it is off or cannot be told."""
    tcp = name.endswith("_port") and "udp" not in name and name != COMMON
    if not tcp or not _is_on(subject, name):
        return None
    try:
        return numbers.port(subject.values.get(name))
    except (Refused, Unknown):
        return None


def _is_on(subject: Subject, name: str) -> bool:
    """Whether the service is on that a variable belongs to."""
    return any(subject.values.enabled(f"enable_{one}") for one in _services(subject, name))


def _services(subject: Subject, name: str) -> set[str]:
    """The services a variable belongs to: Kolla-Ansible has a file of defaults for each."""
    definitions = subject.known.variables().get(name, ())
    return {one.origin.file.stem for one in definitions if one.role is None}


def _apart(subject: Subject, name: str, other: str) -> bool:
    return not _services(subject, name) & _services(subject, other)


def _was_apart(subject: Subject, name: str, other: str) -> bool:
    """Whether their defaults are two numbers; services that share one by design are left alone."""
    one, two = (_default(subject, each) for each in (name, other))
    return one is not None and two is not None and one != two


def _default(subject: Subject, name: str) -> int | None:
    definitions = subject.known.variables().get(name, ())
    try:
        return numbers.port(subject.values.render(definitions[-1].value())) if definitions else None
    except (Refused, Unknown):
        return None
