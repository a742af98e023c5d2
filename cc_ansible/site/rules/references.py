"""Rules about variables that refer to others: to names that exist, and not to themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cc_ansible.site.findings import Finding, error
from cc_ansible.site.model.declared import DECLARED
from cc_ansible.site.names import is_secret, nearest
from cc_ansible.site.subject import Subject
from cc_ansible.site.survey import Layer
from cc_ansible.site.values import references

UNDEFINED_VARIABLE = error("undefined-variable", "Templates refer to variables that exist")
TEMPLATE_LOOP = error("template-loop", "Variables do not refer to themselves")

ALIKE = 0.85
BUILTIN = frozenset(
    {
        "cycler", "dict", "environment", "group_names", "groups", "hostvars", "inventory_dir",
        "inventory_file", "inventory_hostname", "inventory_hostname_short", "item", "joiner",
        "lipsum", "lookup", "namespace", "now", "omit", "play_hosts", "playbook_dir", "q",
        "query", "range", "role_name", "role_path", "undef", "vars",
    }
)  # fmt: skip
# What follows depends on a condition, which only a run decides.
_CONDITIONAL = re.compile(r"\{%|\sif\s|\bdefault\(|\|\s*d\(")


def undefined(subject: Subject) -> Iterator[Finding]:
    """References to a misspelt name. Others may be in passwords.yml, which is encrypted."""
    known = _known(subject)
    for source in subject.survey.sources:
        for name, value in source.document.value.items() if source.of_site else ():
            for wanted in sorted(references(value) - known):
                close = None if is_secret(wanted) else nearest(wanted, known, ALIKE)
                if close and not subject.known.mentioned([wanted]):
                    yield UNDEFINED_VARIABLE.broken(
                        f"{name} refers to {wanted}, which nothing defines.",
                        source.document.origin(name),
                        fix=f"Did you mean `{close}`?",
                    )


def loops(subject: Subject) -> Iterator[Finding]:
    """Variables that need their own value."""
    told: set[frozenset[str]] = set()
    for source in subject.survey.sources:
        if not source.of_site or source.layer > Layer.ALL:
            continue
        for name in source.document.value:
            way = _way_back(subject, name)
            if way and frozenset(way) not in told:
                told.add(frozenset(way))
                shown = " -> ".join([*way, name])
                yield TEMPLATE_LOOP.broken(
                    f"{name} refers to itself: {shown}."
                    if len(way) > 1
                    else f"{name} refers to itself.",
                    source.document.origin(name),
                    fix="Write the value itself in one of them.",
                )


def _known(subject: Subject) -> frozenset[str]:
    known = subject.known
    said = {name for source in subject.survey.sources for name in source.document.value}
    names = {*known.variables(), *known.passwords(), *known.undefaulted(), *DECLARED}
    return frozenset(names | said | BUILTIN)


def _way_back(subject: Subject, start: str) -> list[str]:
    """The variables by which one comes back to itself; none when it does not."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for name in sorted(_needs(subject, way[-1])):
            if name == start:
                return way
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []


def _needs(subject: Subject, name: str) -> frozenset[str]:
    """The variables without which one has no value, whatever the conditions."""
    raw = subject.values.raw(name)
    if raw is None or (isinstance(raw.value, str) and _CONDITIONAL.search(raw.value)):
        return frozenset()
    return references(raw.value)
