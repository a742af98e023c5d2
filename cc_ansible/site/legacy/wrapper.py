"""What the names of the old wrapper meant: ``kolla/legacy.yml``."""

from __future__ import annotations

import fnmatch
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cc_ansible import paths
from cc_ansible.site import yamlfile

FILE = paths.PROJECT / "kolla" / "legacy.yml"


@dataclass(frozen=True)
class Treatment:
    """What to do with a variable of the old wrapper: whether it is only dropped, and why."""

    drop: bool
    reason: str


@functools.cache
def _data() -> Mapping[str, Any]:
    value: Mapping[str, Any] = yamlfile.load_mapping(FILE).value
    return value


def treatment(name: str) -> Treatment | None:
    """What becomes of a variable of the old wrapper; None when it had none of that name."""
    table = _data()["variables"]
    patterns = [name, *sorted((each for each in table if "*" in each), key=len, reverse=True)]
    for pattern in patterns:
        if pattern in table and fnmatch.fnmatchcase(name, pattern):
            return Treatment(table[pattern]["treat"] == "drop", table[pattern]["reason"])
    return None


def inherited() -> Mapping[str, Any]:
    """Defaults of the old wrapper that a running site would miss."""
    value: Mapping[str, Any] = _data()["inherited"]
    return value


def defeated(name: str) -> bool:
    """Whether the old wrapper set the variable for every site, so that hosts could not."""
    names = [*_data()["defaults"], *_data()["inherited"]]
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in names)


def group(name: str) -> list[str] | None:
    """The children that a group of the old wrapper had; None when it had no such group."""
    found: list[str] | None = _data()["groups"].get(name)
    return found


def stock(name: str) -> list[list[str]]:
    """What a group held in older sample inventories, where it holds something else today."""
    found: list[list[str]] = _data()["stock"].get(name, [])
    return found


def glance_flag(store: str) -> str | None:
    """The flag that took the place of a type of Glance store."""
    found: str | None = _data()["glance_backends"].get(store)
    return found
