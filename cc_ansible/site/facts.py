"""Short questions that rules about services ask: what is on, who wrote it, where it runs."""

from __future__ import annotations

from typing import Any

from cc_ansible.errors import Origin
from cc_ansible.site.subject import Subject
from cc_ansible.site.survey import Layer


class Facts:
    """Answers about one site."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject

    def on(self, flag: str) -> bool:
        """Whether a flag is on for sure."""
        return self.subject.values.enabled(flag) is True

    def off(self, flag: str) -> bool:
        """Whether a flag is off for sure; one that nobody defines is."""
        if self.subject.values.raw(flag) is None:
            return True
        return self.subject.values.enabled(flag) is False

    def value(self, name: str) -> Any:
        """A value with its templates evaluated; None where it is not set or cannot be told."""
        return self.subject.values.known_or(None, name)

    def empty(self, name: str) -> bool:
        """Whether a variable is not set, or to nothing."""
        found = self.subject.values.raw(name)
        return found is None or found.value in (None, "", [])

    def written(self, *names: str) -> Origin | None:
        """Where the site itself sets the first of these for all hosts."""
        for name in names:
            for source in reversed(self.subject.survey.sources):
                mine = source.of_site and source.layer <= Layer.ALL
                if mine and name in source.document.value:
                    return source.document.origin(name)
        return None

    def place(self, *names: str) -> Origin:
        """As :meth:`written`; defaults.yml where the site sets none of them."""
        return self.written(*names) or Origin(self.subject.survey.defaults)

    def hosts(self, group: str) -> list[str]:
        """The hosts of a group; none where the inventory cannot be told as a whole."""
        survey = self.subject.survey
        return list(survey.inventory.hosts_of.get(group, ())) if survey.inventory_whole else []

    def is_empty(self, group: str) -> bool:
        """Whether a group has no host for sure."""
        survey = self.subject.survey
        return survey.inventory_whole and not survey.inventory.hosts_of.get(group)


def facts(subject: Subject) -> Facts:
    """The answers about a subject, the same object for every rule."""
    return subject.once(Facts)
