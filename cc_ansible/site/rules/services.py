"""Rules about services that need each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from cc_ansible.errors import Origin
from cc_ansible.site.facts import facts
from cc_ansible.site.findings import Finding, error, warning
from cc_ansible.site.services import SERVICES, USES_BUS, USES_DATABASE
from cc_ansible.site.subject import Subject

MISSING_SERVICE = error("missing-service", "Services have the services they need")
NO_EFFECT = warning("no-effect", "What is turned on belongs to a service that is on")

BUS_ELSEWHERE = ("rpc_transport_url", "om_rpc_transport", "om_rpc_group", "om_rpc_user")


def requirements(subject: Subject) -> Iterator[Finding]:
    """Services that are on without another that they need."""
    without: dict[str, list[str]] = defaultdict(list)
    for flag, service in SERVICES.items():
        if not subject.values.enabled(flag) or (
            service.harmless and not facts(subject).written(flag)
        ):
            continue
        for need in service.needs:
            choices = (need,) if isinstance(need, str) else need
            if all(facts(subject).off(choice) for choice in choices):
                without[" ".join(choices)].append(flag)
    for needed, flags in without.items():
        yield from _missing(subject, needed.split(), flags)


def backbone(subject: Subject) -> Iterator[Finding]:
    """Services keep their state in a database, and most talk over a message bus."""
    if subject.values.enabled("enable_rabbitmq") is False and not any(
        facts(subject).written(name) for name in BUS_ELSEWHERE
    ):
        users = [flag for flag in USES_BUS if subject.values.enabled(flag)]
        if users:
            yield MISSING_SERVICE.broken(
                f"RabbitMQ is off, but {_titles(users)} talk over it.",
                facts(subject).written("enable_rabbitmq"),
                fix="Remove the line, or set `rpc_transport_url` and `notify_transport_url`.",
            )
    if subject.values.enabled("enable_mariadb") is False and not _database_elsewhere(subject):
        users = [flag for flag in USES_DATABASE if subject.values.enabled(flag)]
        if users:
            yield MISSING_SERVICE.broken(
                f"MariaDB is off, but {_titles(users)} keep their state in it.",
                facts(subject).written("enable_mariadb"),
                fix="Remove the line, or set `database_address` to the database server.",
            )


def parts(subject: Subject) -> Iterator[Finding]:
    """Parts of a service that the site turns on while the service is off."""
    for name in subject.survey.merged:
        origin = facts(subject).written(name)
        if name in SERVICES or origin is None or not name.startswith("enable_"):
            continue
        off = [main for main in _mains(name) if facts(subject).off(main)]
        if off and subject.values.enabled(name):
            yield NO_EFFECT.broken(
                f"{name} does nothing, because {off[0]} is off.",
                origin,
                fix=f"Set `{off[0]}: true`, or remove the line.",
            )


def _mains(name: str) -> list[str]:
    """The services that a flag of this name is a part of."""
    dashboard = name.replace("enable_horizon_", "enable_", 1)
    found = [main for main in SERVICES if name.startswith(f"{main}_")]
    return [*found, *([dashboard] if dashboard != name and dashboard in SERVICES else [])]


def _missing(subject: Subject, needed: list[str], flags: list[str]) -> Iterator[Finding]:
    """One finding where the needed service is turned off; else one at each that needs it."""
    off = next((place for flag in needed if (place := facts(subject).written(flag))), None)
    blamed = {flag: facts(subject).written(flag) for flag in flags}
    if off and not all(place and _is_below(place, off) for place in blamed.values()):
        harmless = all(SERVICES[flag].harmless for flag in flags)
        yield (NO_EFFECT if harmless else MISSING_SERVICE).broken(
            f"{_titles(needed, 'and')} {_are(needed)} off, but {_titles(flags)} "
            f"{_need(flags)} {_it(needed)}.",
            off,
            fix=f"Set `{needed[0]}: true`, or turn the others off too.",
        )
        return
    for flag, place in blamed.items():
        yield (NO_EFFECT if SERVICES[flag].harmless else MISSING_SERVICE).broken(
            f"{SERVICES[flag].title} needs {_titles(needed, 'or')}, which {_are(needed)} off.",
            place or _main_place(subject, flag) or off or Origin(subject.survey.defaults),
            fix=f"Set `{needed[0]}: true`, or `{flag}: false`.",
        )


def _main_place(subject: Subject, flag: str) -> Origin | None:
    """Where the site turns on the service that a flag is a part of."""
    found = (facts(subject).written(main) for main in _mains(flag))
    return next((place for place in found if place), None)


def _database_elsewhere(subject: Subject) -> bool:
    """Whether the site says where else its database is."""
    if facts(subject).written("database_address") or not subject.survey.inventory_whole:
        return True
    hosts = subject.survey.inventory.hosts_of
    return not set(hosts.get("mariadb", ())) <= set(hosts.get("control", ()))


def _is_below(place: Origin, other: Origin) -> bool:
    return place.file == other.file and (place.line or 0) > (other.line or 0)


def _titles(flags: list[str], word: str = "and") -> str:
    names = [SERVICES[flag].title if flag in SERVICES else flag for flag in flags]
    *first, last = names
    return f"{', '.join(first)} {word} {last}" if first else last


def _are(flags: list[str]) -> str:
    return "is" if len(flags) == 1 else "are"


def _need(flags: list[str]) -> str:
    return "needs" if len(flags) == 1 else "need"


def _it(flags: list[str]) -> str:
    return "it" if len(flags) == 1 else "one of them"
