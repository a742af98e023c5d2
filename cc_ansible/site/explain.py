"""Where a value comes from: the effective one, those it overrides, and who reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cc_ansible.errors import Origin, UsageError
from cc_ansible.site.layers import clean
from cc_ansible.site.names import is_secret, nearest
from cc_ansible.site.subject import Subject
from cc_ansible.site.survey import Layer, Source
from cc_ansible.site.values import Unknown, is_template
from cc_ansible.site.yamlfile import Tagged

MASK = "********"
KOLLA = "Kolla-Ansible"
LAYERS = {
    Layer.PROJECT: "CHI-in-a-Box",
    Layer.SCENARIO: "scenario",
    Layer.SITE: "site",
    Layer.RUN: "every run",
    Layer.ALL: "group all",
}


@dataclass(frozen=True)
class Setting:
    """One place that sets the variable; ``layer`` says which layer it belongs to."""

    layer: str
    value: Any
    origin: Origin


@dataclass(frozen=True)
class Explanation:
    """All there is to say about a variable.

    ``settings`` are the places that set it for the host asked about, strongest first;
    ``elsewhere`` those of other groups and hosts. ``value`` is the effective value with its
    templates evaluated, or as written where only a run can evaluate them (``evaluated`` False).
    """

    name: str
    value: Any
    evaluated: bool
    settings: list[Setting]
    elsewhere: list[Setting]
    roles: list[str]


def explain(subject: Subject, name: str, host: str | None = None) -> Explanation:
    """Say what a variable is and why.

    Raises:
        UsageError: nobody knows the variable or the host.
    """
    if host is not None and host not in subject.survey.inventory.hosts:
        hosts = subject.survey.inventory.hosts
        close = nearest(host, hosts)
        raise UsageError(
            f"There is no host {host} in the inventory.",
            fix=f"Did you mean {close}?" if close else f"Hosts: {', '.join(hosts) or 'none'}.",
        )
    mine, others = _settings(subject, name, host)
    if not mine and not others:
        _require_known(subject, name)
    value, evaluated = _effective(subject, name, host, mine)
    return Explanation(name, value, evaluated, mine, others, subject.known.roles_using(name))


def changed(subject: Subject) -> list[Setting]:
    """What the site itself sets to something else than the layers below it, by name.

    The ``layer`` of each is the name of the variable; its value is the merged one.
    """
    found: dict[str, Setting] = {}
    for source in subject.survey.sources:
        if source.layer in (Layer.SITE, Layer.ALL):
            for name in source.document.value:
                merged = subject.survey.merged[name]
                if merged.value != _below(subject, name):
                    found[name] = Setting(name, masked(name, merged.value), merged.origin)
    return [found[name] for name in sorted(found)]


def masked(name: str, value: Any) -> Any:
    """A value fit to be shown: secrets in it, by the names of their keys, are hidden."""
    if isinstance(value, Tagged):
        return MASK if value.tag == "!vault" else value.value
    if isinstance(value, dict):
        return {key: masked(str(key), item) for key, item in value.items()}
    if isinstance(value, list):
        return [masked(name, item) for item in value]
    hidden = is_secret(name) and value not in (None, "") and not is_template(value)
    return MASK if hidden else value


def _settings(subject: Subject, name: str, host: str | None) -> tuple[list[Setting], list[Setting]]:
    """Every place that sets the variable, strongest first: for the host, and for others."""
    survey = subject.survey
    groups = survey.inventory.groups_of.get(host, []) if host else []
    mine: list[Setting] = []
    others: list[Setting] = []
    for source in reversed(survey.sources):
        if name in source.document.value:
            applies = (
                source.layer < Layer.GROUP
                or (source.layer is Layer.GROUP and source.scope in groups)
                or (source.layer is Layer.HOST and source.scope == host)
            )
            (mine if applies else others).append(_setting(source, name))
    defaults = subject.known.variables().get(name, ())
    seen = {setting.origin.file for setting in mine}
    for definition in reversed(defaults):
        if definition.origin.file not in seen:
            layer = f"{KOLLA}, role {definition.role}" if definition.role else KOLLA
            value = masked(name, definition.value())
            mine.append(Setting(layer, value, definition.origin))
    return mine, others


def _setting(source: Source, name: str) -> Setting:
    scoped = {Layer.GROUP: f"group {source.scope}", Layer.HOST: f"host {source.scope}"}
    layer = scoped.get(source.layer) or LAYERS[source.layer]
    value = masked(name, clean(source.document.value[name]))
    return Setting(layer, value, source.document.origin(name))


def _effective(
    subject: Subject, name: str, host: str | None, settings: list[Setting]
) -> tuple[Any, bool]:
    if not settings:
        return None, True
    try:
        return masked(name, subject.values.get(name, host)), True
    except Unknown:
        found = subject.values.raw(name, host)
        return masked(name, found.value if found else None), False


def _below(subject: Subject, name: str) -> Any:
    """What the variable would be without the site; a value nothing else has when it is new."""
    from cc_ansible.site.layers import merge_layers

    lower = (Layer.PROJECT, Layer.SCENARIO)
    documents = [each.document for each in subject.survey.sources if each.layer in lower]
    if found := merge_layers(documents).get(name):
        return found.value
    definitions = subject.known.variables().get(name)
    return definitions[-1].value() if definitions else object()


def _require_known(subject: Subject, name: str) -> None:
    known = subject.known
    if name in known.passwords() or name in known.undefaulted() or known.mentioned([name]):
        return
    if gone := known.removed("variables").get(name):
        raise UsageError(
            f"{name} is gone since {gone.since}.",
            detail=gone.reason,
            fix=f"Use {gone.successor}." if gone.successor else "",
        )
    close = nearest(name, _names(subject))
    raise UsageError(
        f"Nothing sets or reads {name}.", fix=f"Did you mean {close}?" if close else ""
    )


def _names(subject: Subject) -> Iterator[str]:
    yield from subject.survey.merged
    yield from subject.known.variables()
    yield from subject.known.passwords()
