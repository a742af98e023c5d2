"""Names of older releases that the pinned one does not know, and what says the same today.

The data is ``kolla/removed.yml``; its head explains the fields.
"""

from __future__ import annotations

import fnmatch
import functools
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cc_ansible import paths
from cc_ansible.site import yamlfile

FILE = paths.PROJECT / "kolla" / "removed.yml"
VARIABLES, GROUPS, PASSWORDS, SERVICES = "variables", "groups", "passwords", "services"


@dataclass(frozen=True)
class Removed:
    """Why a name is gone.

    ``since`` is the first release without it, ``successor`` the name that took its place,
    ``translate`` how the old value becomes the successor's, None where somebody must decide.
    """

    name: str
    since: str
    reason: str
    successor: str | None = None
    translate: str | None = None

    @property
    def why(self) -> str:
        """Why and since when it is gone, in two sentences."""
        return f"{self.reason} Gone since {self.since}."


@functools.cache
def table(file: Path = FILE) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    """The data as written: kind -> name, pattern or service -> fields.

    :raises SiteInvalid: when the file cannot be read.
    """
    value: Mapping[str, Mapping[str, Mapping[str, Any]]] = yamlfile.load_mapping(file).value
    return value


def find(kind: str, name: str, known: Collection[str] | None = None) -> Removed | None:
    """What took the place of a name; None when the name was never removed.

    :param kind: ``VARIABLES``, ``GROUPS`` or ``PASSWORDS``.
    :param known: names of that kind that exist today; a successor that only follows from a
        pattern or a service is named only when it is among them.
    """
    entries = table()[kind]
    if fields := entries.get(name):
        return _removed(name, fields, fields["successor"])
    if found := _by_service(kind, name, known):
        return found
    for pattern in sorted(entries, key=len, reverse=True):
        fields = entries[pattern]
        if (matched := starred(pattern, name)) is not None and _covers(fields, name):
            successor = (fields["successor"] or "").replace("*", matched) or None
            return _removed(name, fields, _existing(successor, known))
    return None


def starred(pattern: str, name: str) -> str | None:
    """What the ``*`` of a pattern stands for in a name; None when it does not match."""
    if "*" not in pattern or not fnmatch.fnmatchcase(name, pattern):
        return None
    before, _, after = pattern.partition("*")
    return name[len(before) : len(name) - len(after)]


class Names(Mapping[str, Removed]):
    """The removed names of one kind as a mapping; patterns and services count as their names.

    Iteration yields what is written in the file, so patterns and no names of services.
    """

    def __init__(self, kind: str, known: Collection[str] | None = None) -> None:
        self._kind = kind
        self._known = known

    def __getitem__(self, name: str) -> Removed:
        if (found := find(self._kind, name, self._known)) is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(table()[self._kind])

    def __len__(self) -> int:
        return len(table()[self._kind])


def service_names(kind: str, service: str) -> Iterator[str]:
    """The names and patterns of one kind that belong to a service."""
    word = service.replace("-", "_")
    if kind == VARIABLES:
        yield from (f"enable_{word}", f"enable_{word}_*", f"enable_horizon_{word}")
        yield from (f"{word}_*", f"openstack_{word}_auth")
    elif kind == GROUPS:
        yield from (service, f"{service}-*")
    else:
        yield f"{word}_*"


def _by_service(kind: str, name: str, known: Collection[str] | None) -> Removed | None:
    for service, fields in table()[SERVICES].items():
        patterns = service_names(kind, service)
        if any(fnmatch.fnmatchcase(name, each) for each in patterns) and _covers(fields, name):
            successor = None
            if replacement := fields["successor"]:
                old, new = (_spelled(kind, each) for each in (service, replacement))
                successor = _existing(name.replace(old, new), known)
            return _removed(name, fields, successor)
    return None


def _spelled(kind: str, service: str) -> str:
    """Groups are written with dashes, variables with underscores."""
    return service.replace("_", "-") if kind == GROUPS else service.replace("-", "_")


def _covers(fields: Mapping[str, Any], name: str) -> bool:
    return name not in fields.get("except", ())


def _existing(successor: str | None, known: Collection[str] | None) -> str | None:
    return successor if known is None or successor in known else None


def _removed(name: str, fields: Mapping[str, Any], successor: str | None) -> Removed:
    translate = fields.get("translate") if successor else None
    return Removed(name, str(fields["since"]), fields["reason"], successor, translate)
