"""Rules about names and types of variables, in every file that sets one."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from typing import Any

from cc_ansible.site.findings import Finding, error, warning
from cc_ansible.site.knowledge import Knowledge
from cc_ansible.site.legacy import wrapper
from cc_ansible.site.model.declared import CHECKED, DECLARED
from cc_ansible.site.names import nearest
from cc_ansible.site.subject import Subject
from cc_ansible.site.survey import Layer, Source
from cc_ansible.site.values import Unknown, is_template, truth
from cc_ansible.site.yamlfile import Tagged
from cc_ansible.site.yamlsalvage import UNREADABLE

OWN = "site_variables"
_FLAG_NAME = re.compile(r"(?:^|_)enable_|_enabled?$")

UNKNOWN_VARIABLE = error("unknown-variable", "Variables are read by something", explains=True)
REMOVED_VARIABLE = error(
    "removed-variable", "Variables exist in this OpenStack release", explains=True
)
IDLE_VARIABLE = warning("idle-variable", "Variables of older CHI-in-a-Box still do something")
WRONG_TYPE = error("wrong-type", "Variables have the type that their readers expect")
BAD_DECLARATION = error("bad-declaration", "site_variables lists names, or patterns with *")


def is_unreadable(value: Any) -> bool:
    """Whether a value could not be read, which is told where that was tried."""
    return isinstance(value, Tagged) and value.tag == UNREADABLE


def unknown(subject: Subject) -> Iterator[Finding]:
    """Variables that nobody reads, with the nearest name that somebody does."""
    declared, wrong = _own(subject)
    yield from wrong
    candidates = [
        (source, name)
        for source in subject.survey.sources
        if source.of_site
        for name, value in source.document.value.items()
        if not is_unreadable(value) and not _is_known(subject, name, declared)
    ]
    removed = subject.known.removed("variables")
    mentioned = subject.known.mentioned({name for _, name in candidates} - removed.keys())
    for source, name in candidates:
        if name in removed:
            yield _removed(subject, source, name)
        elif name not in mentioned:
            yield _idle(subject, source, name) or _unknown(subject, source, name)


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
        or name in known.undefaulted()
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


def _idle(subject: Subject, source: Source, name: str) -> Finding | None:
    """A setting of the old wrapper that nothing reads any more; a misspelling is none."""
    old = wrapper.treatment(name)
    if old is None or (not old.drop and nearest(name, _names(subject))):
        return None
    return IDLE_VARIABLE.broken(
        f"{name} does nothing any more.",
        source.document.origin(name),
        detail=old.reason,
        fix="Remove it; `cc-ansible import` does that for a whole site config.",
    )


def _names(subject: Subject) -> set[str]:
    known = subject.known
    return {*known.variables(), *DECLARED, *known.undefaulted()}


def _unknown(subject: Subject, source: Source, name: str) -> Finding:
    if source.layer >= Layer.ALL and name in subject.known.groups():
        hint = f"{name} is a group; put it into the inventory."
    elif close := nearest(name, _names(subject)):
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
WORD = _Kind(
    "a text or number",
    "Put quotes around yes, no, on or off that are meant as text.",
    str,
    int,
    float,
)


def _expected(subject: Subject, name: str) -> _Kind | None:
    """The type that values of a variable must have; None for any, or where a model checks it."""
    if name in DECLARED or name in CHECKED:
        return None  # its model checks it
    return kind_of(name, subject.known) or _evaluated(name, subject)


def _evaluated(name: str, subject: Subject) -> _Kind | None:
    """The type that the default of a variable has once its templates are evaluated."""
    definitions = subject.known.variables().get(name, ())
    kinds: set[_Kind | None] = set()
    for definition in definitions:
        try:
            found = subject.values.render(definition.value())
        except Unknown:
            return None
        kinds.add(_kind(found) if isinstance(found, bool | dict | list) else None)
    return kinds.pop() if len(kinds) == 1 else None


def kind_of(name: str, known: Knowledge) -> _Kind | None:
    """The type that the defaults of a variable of Kolla-Ansible show; None when they show none."""
    defaults = [definition.value() for definition in known.variables().get(name, ())]
    if _FLAG_NAME.search(name):
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
    if str(value).isdigit():
        return NUMBER
    return TEXT if value == "" or truth(value) is not None else WORD


def _noun(value: Any) -> str:
    names: dict[type, str] = {list: "a list", dict: "a map", str: "a text", bool: "true or false"}
    return names.get(type(value), "a number")


def _said(name: str, value: Any) -> str:
    from cc_ansible.site.names import is_secret

    return "" if isinstance(value, dict | list) or is_secret(name) else f"It says {value!r}."
