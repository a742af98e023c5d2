"""What every step of an import works with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from cc_ansible.site import removed
from cc_ansible.site.knowledge import Knowledge
from cc_ansible.site.legacy.keys import Keys
from cc_ansible.site.legacy.report import Report
from cc_ansible.site.load import directories
from cc_ansible.site.model.declared import DECLARED
from cc_ansible.site.removed import Removed

_WORD = re.compile(r"[A-Za-z_]\w*")


@dataclass
class Context:
    """``base`` are the project's layers for the scenario, ``settings`` what the old site said for
    every host; ``own`` are names that it made up and uses, ``mentioned`` those that templates of
    the release use without a default; ``passwords`` grows by secrets that were found elsewhere.
    No play runs on the hosts of the groups in ``idle``."""

    known: Knowledge
    report: Report
    keys: Keys
    scenario: str
    base: Mapping[str, Any]
    own: set[str] = field(default_factory=set)
    passwords: dict[str, Any] = field(default_factory=dict)
    federated: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    old_passwords: frozenset[str] = frozenset()
    idle: frozenset[str] = frozenset()
    mentioned: set[str] = field(default_factory=set)

    @cached_property
    def names(self) -> frozenset[str]:
        """Variables that exist in this release."""
        return frozenset({*self.known.variables(), *DECLARED, *self.base})

    @cached_property
    def run_facts(self) -> frozenset[str]:
        """Variables that every run sets itself."""
        return frozenset({*directories(self.report.new), "node_custom_config"})

    def knows(self, name: str) -> bool:
        """Whether something of this release reads the variable."""
        return (
            name in self.names
            or name in self.mentioned
            or name in self.known.undefaulted()
            or name in self.known.passwords()
        )

    def gone(self, name: str) -> Removed | None:
        """What took the place of a variable of an older release."""
        if name in self.names:
            return None
        return removed.find(removed.VARIABLES, name, self.names)

    def default(self, name: str) -> Any:
        """The value that a variable has when the site says nothing."""
        if name in self.base:
            return self.base[name]
        definitions = self.known.variables().get(name)
        return definitions[-1].value() if definitions else None

    def renames(self, text: str) -> dict[str, str]:
        """Variables in a text that only changed their name."""
        found = {word: self.gone(word) for word in words(text) if not self.knows(word)}
        return {
            word: entry.successor
            for word, entry in found.items()
            if entry and entry.successor and entry.translate == "rename" and word not in self.own
        }


def words(text: str) -> set[str]:
    """Everything in a text that may be the name of a variable."""
    return set(_WORD.findall(text))
