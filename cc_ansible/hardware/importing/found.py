"""What an import finds: items as the site config writes them, and their secrets apart from them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cc_ansible.hardware.wire import MASK

Path = tuple[str, ...]
SECRETS: Mapping[Path, str] = {
    ("bmc", "password"): "bmc_password",
    ("application_credential", "secret"): "application_credential_secret",
}
"""Where an item has secrets, and what passwords are called that several items share."""


@dataclass
class Found:
    """``items`` have no secret in plain text; ``secrets`` are values by the name they got.

    ``unknown`` are names whose value the source did not tell. ``notes`` are for the reader.
    """

    items: list[dict[str, Any]] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    unknown: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def separate(items: Iterable[Mapping[str, Any]], notes: Sequence[str] = ()) -> Found:
    """Take the secrets out of items, and have these name them instead.

    A secret that all items share gets one name, others one each.
    """
    found = Found(notes=list(notes))
    whole = list(items)
    for path, shared in SECRETS.items():
        values = {value for item in whole if (value := _get(item, path)) is not None}
        for item in whole:
            value = _get(item, path)
            if value is not None:
                name = shared if len(values) == 1 else f"{shared}_{_word(str(item.get('name')))}"
                _set(item, path, "{{ " + name + " }}")
                if value in ("", MASK):
                    found.unknown += [name] if name not in found.unknown else []
                else:
                    found.secrets[name] = str(value)
    found.items = [tidy(item) for item in whole]
    return found


def tidy(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item without what says nothing, at any depth."""
    result = {}
    for key, value in item.items():
        if isinstance(value, Mapping):
            value = tidy(value)
        elif isinstance(value, list):
            value = [tidy(each) if isinstance(each, Mapping) else each for each in value]
        if value is not None and value != {} and value != []:
            result[key] = value
    return result


def _get(item: Mapping[str, Any], path: Path) -> Any:
    here: Any = item
    for step in path:
        here = here.get(step) if isinstance(here, Mapping) else None
    return here


def _set(item: Mapping[str, Any], path: Path, value: str) -> None:
    here: Any = item
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = value


def _word(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
