"""Rules about names and types of variables, in every file that sets one."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from typing import Any

from cc_ansible.site.findings import Finding, error
from cc_ansible.site.model.declared import DECLARED
from cc_ansible.site.names import nearest
from cc_ansible.site.subject import Subject
from cc_ansible.site.survey import Layer, Source
from cc_ansible.site.values import is_template, truth
from cc_ansible.site.yamlfile import Tagged

OWN = "site_variables"

UNKNOWN_VARIABLE = error("unknown-variable", "Variables are read by something")
REMOVED_VARIABLE = error("removed-variable", "Variables exist in this OpenStack release")
WRONG_TYPE = error("wrong-type", "Variables have the type that their readers expect")
BAD_DECLARATION = error("bad-declaration", "site_variables lists names, or patterns with *")


def unknown(subject: Subject) -> Iterator[Finding]:
    """Variables that nobody reads, with the nearest name that somebody does."""
    declared, wrong = _own(subject)
    yield from wrong
    candidates = [
        (source, name)
        for source in subject.survey.sources
        if source.of_site
        for name in source.document.value
        if not _is_known(subject, name, declared)
    ]
    removed = subject.known.removed("variables")
    mentioned = subject.known.mentioned({name for _, name in candidates} - removed.keys())
    for source, name in candidates:
        if name in removed:
            yield _removed(subject, source, name)
        elif name not in mentioned:
            yield _unknown(subject, source, name)


def types(subject: Subject) -> Iterator[Finding]:
    """Values of another type than the default that Kolla-Ansible or the project gives."""
    for source in subject.survey.sources:
        if source.of_site:
            for name, value in source.document.value.items():
                expected = _expected(subject, name)
                if expected and not expected.takes(value):
                    yield WRONG_TYPE.broken(
                        f"{name} must be {expected.noun}, not {_noun(value)}.",
                        source.document.origin(name),
                        detail=_said(name, value),
                        fix=expected.fix.format(name=name),
                    )


def _own(subject: Subject) -> tuple[list[str], list[Finding]]:
    """The patterns of names that the site declares as its own."""
    found = subject.survey.merged.get(OWN)
    if found is None:
        return [], []
    if not isinstance(found.value, list) or not all(isinstance(x, str) for x in found.value):
        text = f"{OWN} must be a list of names."
        return [], [BAD_DECLARATION.broken(text, found.origin, fix=f"Write `{OWN}: [name, my_*]`.")]
    wide = [index for index, pattern in enumerate(found.value) if not pattern.strip("*")]
    wrong = [
        BAD_DECLARATION.broken(
            f"{OWN} would take every name.",
            subject.values.origin(OWN, index),
            fix="Give a prefix, such as `mysite_*`.",
        )
        for index in wide
    ]
    return [pattern for pattern in found.value if pattern.strip("*")], wrong


def _is_known(subject: Subject, name: str, declared: list[str]) -> bool:
    known = subject.known
    return (
        name in known.variables()
        or name in DECLARED
        or name in known.passwords()
        or name in known.ansible_variables()
        or any(fnmatch.fnmatchcase(name, pattern) for pattern in declared)
    )


def _removed(subject: Subject, source: Source, name: str) -> Finding:
    removed = subject.known.removed("variables")[name]
    return REMOVED_VARIABLE.broken(
        f"{name} is gone since {removed.since}.",
        source.document.origin(name),
        detail=removed.reason,
        fix=f"Use {removed.successor}." if removed.successor else "Remove it.",
    )


def _unknown(subject: Subject, source: Source, name: str) -> Finding:
    known = {*subject.known.variables(), *DECLARED, *subject.known.ansible_variables()}
    if source.layer >= Layer.ALL and name in subject.known.groups():
        hint = f"{name} is a group; put it into the inventory."
    elif close := nearest(name, known):
        hint = f"Did you mean `{close}`?"
    else:
        hint = f"Remove it, or declare a variable of your own: `{OWN}: [{name}]`."
    return UNKNOWN_VARIABLE.broken(f"Nothing reads {name}.", source.document.origin(name), fix=hint)


class _Kind:
    """A type of variable: how to recognise, name and correct it."""

    def __init__(self, noun: str, fix: str, *accepted: type) -> None:
        self.noun = noun
        self.fix = fix
        self.accepted = accepted

    def takes(self, value: Any) -> bool:
        """Whether a value will do; templates always will."""
        if value is None or isinstance(value, Tagged) or is_template(value):
            return True
        if self is FLAG:
            return truth(value) is not None and not isinstance(value, float)
        if isinstance(value, bool):
            return bool in self.accepted
        if self is NUMBER and isinstance(value, str):
            return value.strip().lstrip("+-").replace(".", "", 1).isdigit()
        return isinstance(value, self.accepted)


FLAG = _Kind("true or false", "Write `{name}: true` or `{name}: false`.", bool)
NUMBER = _Kind("a number", "Write a number without unit.", int, float)
LIST = _Kind("a list", "Start each item with a dash, or write `{name}: []` for none.", list)
MAP = _Kind("a map", "Write `key: value` lines below it, or `{name}: {{}}` for none.", dict)
TEXT = _Kind("a text or number", "Write one value.", str, int, float, bool)


def _expected(subject: Subject, name: str) -> _Kind | None:
    """The type that the defaults of a variable show; None when they show none."""
    if name in DECLARED:
        return None  # its model checks it
    definitions = subject.known.variables().get(name, ())
    defaults = [definition.value() for definition in definitions]
    if name.startswith("enable_"):
        defaults = [value for value in defaults if value is not None] or [True]
        plain = [value for value in defaults if not is_template(value)]
        return FLAG if all(truth(value) is not None for value in plain) else None
    kinds = {_kind(value) for value in defaults}
    return kinds.pop() if len(kinds) == 1 else None


def _kind(value: Any) -> _Kind | None:
    if value is None or is_template(value):
        return None
    if isinstance(value, bool) or value in ("yes", "no"):
        return FLAG
    if isinstance(value, int | float):
        return NUMBER
    if isinstance(value, list):
        return LIST
    if isinstance(value, dict):
        return MAP
    return NUMBER if str(value).isdigit() else TEXT


def _noun(value: Any) -> str:
    names: dict[type, str] = {list: "a list", dict: "a map", str: "a text", bool: "true or false"}
    return names.get(type(value), "a number")


def _said(name: str, value: Any) -> str:
    from cc_ansible.site.names import is_secret

    return "" if isinstance(value, dict | list) or is_secret(name) else f"It says {value!r}."
