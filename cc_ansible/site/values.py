"""Effective values of variables without running Ansible, for checks and for ``explain``.

Sources are ranked as Ansible ranks them in a run. Templates are evaluated as far as Jinja alone
gets; a value that needs a host's facts or Ansible's filters stays unknown, never guessed.
"""

from __future__ import annotations

import copy
import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cc_ansible.errors import Origin
from cc_ansible.site.knowledge import Knowledge
from cc_ansible.site.net.filters import FILTERS
from cc_ansible.site.survey import Layer, Source, Survey
from cc_ansible.site.yamlfile import Tagged

_TEMPLATE = re.compile(r"\{\{|\{%")
_TRUE = ("yes", "true", "on", "1", "y", "t")
_FALSE = ("no", "false", "off", "0", "n", "f")
DEEPEST = 20


class Unknown(Exception):
    """A value cannot be told without a run."""


@dataclass(frozen=True)
class Effective:
    """A value and where it comes from; ``origin`` may lie in Kolla-Ansible's files."""

    value: Any
    origin: Origin


class Values:
    """Answers what a variable is, for all hosts or for one."""

    def __init__(self, survey: Survey, known: Knowledge) -> None:
        self.survey = survey
        self.known = known
        self._evaluated: dict[tuple[str, str | None], Any] = {}
        self._sources_of: dict[str, list[Source]] = {}
        self._said_by: dict[str, frozenset[str]] = {}
        self._reachable: dict[str, frozenset[str]] = {}

    def raw(self, name: str, host: str | None = None) -> Effective | None:
        """The strongest value as written; None where nothing sets it."""
        for source in self._special(host):
            if name in source.document.value:
                return Effective(source.document.value[name], source.document.origin(name))
        if found := self.survey.merged.get(name):
            return Effective(found.value, found.origin)
        if definitions := self.known.variables().get(name):
            strongest = definitions[-1]
            return Effective(strongest.value(), strongest.origin)
        return None

    def get(self, name: str, host: str | None = None) -> Any:
        """The value with its templates evaluated; None where nothing sets it.

        :raises Unknown: it depends on what only a run knows.
        """
        found = self.raw(name, host)
        return None if found is None else self.render(found.value, host)

    def known_or(self, default: Any, name: str, host: str | None = None) -> Any:
        """As :meth:`get`; ``default`` where nothing sets it or it cannot be told."""
        try:
            found = self.get(name, host)
        except Unknown:
            return default
        return default if found is None else found

    def enabled(self, name: str) -> bool | None:
        """Whether a flag is on; None where that cannot be told."""
        return truth(self.known_or(None, name))

    def origin(self, name: str, *path: str | int, host: str | None = None) -> Origin | None:
        """Where a variable, or a part of it, was written; parts are found through merges."""
        for source in self._special(host):
            if name in source.document.value:
                return source.document.origin(name, *path)
        found = self.survey.merged.get(name)
        if found is None:
            return None
        for source in reversed(self._shared):
            if name in source.document.value:
                inner = same_path(found.value, source.document.value[name], path)
                if inner is not None:
                    return source.document.origin(name, *inner)
        return found.origin

    def render(self, value: Any, host: str | None = None) -> Any:
        """A value with its templates evaluated.

        :raises Unknown: it depends on what only a run knows.
        """
        return self._render(value, host, 0)

    def _render(self, value: Any, host: str | None, depth: int) -> Any:
        if depth > DEEPEST:
            raise Unknown
        if isinstance(value, Tagged):
            if value.tag == "!unsafe":
                return value.value
            raise Unknown
        if isinstance(value, Mapping):
            return {key: self._render(item, host, depth) for key, item in value.items()}
        if isinstance(value, list):
            return [self._render(item, host, depth) for item in value]
        if not isinstance(value, str) or not is_template(value):
            return value
        return self._evaluate(value, host, depth + 1)

    def _evaluate(self, template: str, host: str | None, depth: int) -> Any:
        """As :meth:`_compute`, once for all hosts that say nothing else about what it needs."""
        key = (template, host if host and self._differs(host, template) else None)
        if key not in self._evaluated:
            try:
                self._evaluated[key] = self._compute(template, key[1], depth)
            except Unknown:
                self._evaluated[key] = Unknown
        found = self._evaluated[key]
        if found is Unknown:
            raise Unknown
        return copy.copy(found)

    def _compute(self, template: str, host: str | None, depth: int) -> Any:
        import jinja2

        names = _names(template)
        variables: dict[str, Any] = {}
        for name in names:
            found = self.raw(name, host)
            if found is not None:
                variables[name] = self._render(found.value, host, depth)
        try:
            result = _compiled(template).render(variables)
            if isinstance(result, jinja2.Undefined):
                raise Unknown
            return result
        except (jinja2.TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise Unknown from error

    def _differs(self, host: str, template: str) -> bool:
        """Whether a host or its groups say anything about what a template needs."""
        if host not in self._said_by:
            names = (name for source in self._special(host) for name in source.document.value)
            self._said_by[host] = frozenset(names)
        return not self._said_by[host].isdisjoint(self._reaches(template))

    def _reaches(self, template: str) -> frozenset[str]:
        """The variables that a template needs, directly and through others."""
        if template not in self._reachable:
            found: set[str] = set()
            frontier = set(_names(template))
            while frontier:
                found |= frontier
                raw = (self.raw(name) for name in frontier)
                below = (references(one.value) for one in raw if one is not None)
                frontier = set().union(*below) - found
            self._reachable[template] = frozenset(found)
        return self._reachable[template]

    def _special(self, host: str | None) -> list[Source]:
        """Sources of one host or its groups, strongest first."""
        if host is None:
            return []
        if host not in self._sources_of:
            groups = self.survey.inventory.groups_of.get(host, [])
            scopes = [(Layer.HOST, host), *((Layer.GROUP, group) for group in groups)]
            found = [pair for scope in scopes for pair in self._by_scope.get(scope, ())]
            self._sources_of[host] = [source for _, source in sorted(found, key=_rank)]
        return self._sources_of[host]

    @functools.cached_property
    def _by_scope(self) -> dict[tuple[Layer, str], list[tuple[int, Source]]]:
        found: dict[tuple[Layer, str], list[tuple[int, Source]]] = {}
        for rank, source in enumerate(self.survey.sources):
            found.setdefault((source.layer, source.scope), []).append((-rank, source))
        return found

    @functools.cached_property
    def _shared(self) -> list[Source]:
        return [source for source in self.survey.sources if source.layer <= Layer.ALL]


def _rank(pair: tuple[int, Source]) -> int:
    return pair[0]


def is_template(value: Any) -> bool:
    """Whether a value is text that Ansible evaluates."""
    return isinstance(value, str) and _TEMPLATE.search(value) is not None


def truth(value: Any) -> bool | None:
    """A flag as Ansible's ``bool`` filter reads it; None for what is none."""
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    return True if text in _TRUE else False if text in _FALSE else None


def same_path(merged: Any, own: Any, path: tuple[str | int, ...]) -> tuple[str | int, ...] | None:
    """``path`` into a merged value, as a path into one source's part; None if it has none."""
    if isinstance(own, Tagged):
        own = own.value
    if not path:
        return ()
    step, rest = path[0], path[1:]
    step_own: str | int | None
    if isinstance(step, int) and isinstance(own, list) and isinstance(merged, list):
        step_own = _same_item(merged, own, step)
    else:
        step_own = step if isinstance(own, Mapping) and step in own else None
    if step_own is None or not isinstance(merged, Mapping | list):
        return None
    try:
        below, beside = merged[step], own[step_own]  # type: ignore[index]
    except (LookupError, TypeError):
        return None
    inner = same_path(below, beside, rest)
    return None if inner is None else (step_own, *inner)


def _same_item(merged: list[Any], own: list[Any], index: int) -> int | None:
    """The place in ``own`` of an item of the merged list: by name, else by position."""
    if index >= len(merged):
        return None
    item = merged[index]
    if index < len(own) and own[index] == item:
        return index
    name = item.get("name") if isinstance(item, Mapping) else None
    for place, candidate in enumerate(own):
        plain = candidate.value if isinstance(candidate, Tagged) else candidate
        if name is not None and isinstance(plain, Mapping) and plain.get("name") == name:
            return place
    return None


@functools.cache
def _environment() -> Any:
    from jinja2 import StrictUndefined
    from jinja2.nativetypes import NativeEnvironment
    from jinja2.sandbox import SandboxedEnvironment

    class Environment(SandboxedEnvironment, NativeEnvironment):
        """Templates come from the site's admin, but a check must not be able to do harm."""

    environment = Environment(undefined=StrictUndefined)
    environment.filters |= {"bool": truth, **FILTERS}
    return environment


@functools.cache
def _compiled(template: str) -> Any:
    return _environment().from_string(template)


def references(value: Any) -> frozenset[str]:
    """The variables that templates anywhere in a value refer to."""
    if isinstance(value, str):
        return _names(value) if is_template(value) else frozenset()
    inner = value.values() if isinstance(value, Mapping) else value
    parts = map(references, inner) if isinstance(value, Mapping | list) else ()
    return frozenset().union(*parts)


@functools.cache
def _names(template: str) -> frozenset[str]:
    """The variables that a template refers to."""
    import jinja2
    from jinja2 import meta

    try:
        return frozenset(meta.find_undeclared_variables(_environment().parse(template)))
    except jinja2.TemplateError:
        return frozenset()
