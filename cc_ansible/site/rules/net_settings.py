"""Rules about variables that hold one value of a network each, wherever they are set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cc_ansible.site.findings import Finding
from cc_ansible.site.net.refused import Refused
from cc_ansible.site.net.settings import FQDNS, VIPS, parsers
from cc_ansible.site.rules import misread, variables
from cc_ansible.site.subject import Subject
from cc_ansible.site.survey import Layer, Source
from cc_ansible.site.values import Unknown


def forms(subject: Subject) -> Iterator[Finding]:
    """Addresses, interfaces, names and numbers that cannot be what they should."""
    kinds = parsers(subject)
    elsewhere = misread.places(subject) | _mistyped(subject)
    for source in subject.survey.sources:
        for name, value in source.document.value.items() if source.of_site else ():
            origin = source.document.origin(name)
            if name not in kinds or origin in elsewhere or _unused(subject, name, value):
                continue
            found = _told(subject, source, value)
            try:
                if found is not None:
                    kinds[name](found[0])
            except Refused as refused:
                yield refused.rule.broken(
                    f"{name} {refused}.", origin, detail=_shown(found), fix=refused.fix
                )


def _mistyped(subject: Subject) -> set[Any]:
    return {finding.origin for finding in variables.types(subject)}


def _unused(subject: Subject, name: str, value: Any) -> bool:
    """Whether nothing reads an empty value: without HAProxy there is no virtual address."""
    empty = value is None or value == ""
    return empty and name in (*VIPS, *FQDNS) and subject.values.enabled("enable_haproxy") is False


def _told(subject: Subject, source: Source, value: Any) -> tuple[Any] | None:
    """A value with its templates evaluated; None where only a run can tell."""
    host = source.scope if source.layer is Layer.HOST else None
    try:
        return (subject.values.render(value, host),)
    except Unknown:
        return None


def _shown(found: tuple[Any] | None) -> str:
    value = found[0] if found else None
    return "" if value is None or isinstance(value, list | dict) else f"It says {value!r}."
