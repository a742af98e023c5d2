"""What rules look at: one site config, what is known about names, and typed views of both."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from cc_ansible.errors import Origin
from cc_ansible.site.findings import Finding
from cc_ansible.site.knowledge import Knowledge
from cc_ansible.site.survey import Survey
from cc_ansible.site.values import Values
from cc_ansible.site.yamlfile import Document

if TYPE_CHECKING:
    from pydantic import BaseModel

    from cc_ansible.site.model.read import Typed

M = TypeVar("M", bound="BaseModel")
T = TypeVar("T")


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


@dataclass
class Subject:
    """The arguments of every rule."""

    survey: Survey
    known: Knowledge
    now: datetime.datetime = field(default_factory=_now)
    _kept: dict[Callable[[Subject], Any], Any] = field(default_factory=dict, repr=False)

    def once(self, build: Callable[[Subject], T]) -> T:
        """What ``build`` makes of this subject, made once however many rules ask for it."""
        if build not in self._kept:
            self._kept[build] = build(self)
        made: T = self._kept[build]
        return made

    @cached_property
    def values(self) -> Values:
        """Effective values of variables."""
        return Values(self.survey, self.known)

    def listed(self, name: str, model: type[M], noun: str) -> tuple[list[Typed[M]], list[Finding]]:
        """A variable that is a list of entries, typed; and what is wrong with its entries."""
        from cc_ansible.site.model import read

        found = self.survey.merged.get(name)
        if found is None:
            return [], []
        return read.entries(model, found.value, self._at(name), noun, self.values.render)

    def single(self, name: str, model: type[M]) -> tuple[Typed[M] | None, list[Finding]]:
        """A variable that is one map, typed; None when it is not set or not valid."""
        from cc_ansible.site.model import read

        found = self.survey.merged.get(name)
        if found is None or found.value is None:
            return None, []
        return read.entry(model, found.value, self._at(name), name, self.values.render)

    def in_documents(
        self, documents: list[Document], key: str, model: type[M], noun: str
    ) -> tuple[list[Typed[M]], list[Finding]]:
        """The entries of a list of one name in several files."""
        from cc_ansible.site.model import read

        typed: list[Typed[M]] = []
        findings: list[Finding] = []
        for document in documents:
            if key in document.value:
                at = _place(document, key)
                good, wrong = read.entries(model, document.value[key], at, noun, self.values.render)
                typed += good
                findings += wrong
        return typed, findings

    def _at(self, name: str) -> Callable[..., Origin | None]:
        return lambda *path: self.values.origin(name, *path)


def _place(document: Document, *base: Any) -> Callable[..., Origin]:
    return lambda *path: document.origin(*base, *path)
