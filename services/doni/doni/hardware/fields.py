"""One property of hardware: its JSON Schema, and who may see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

MASK = "*" * 12
"""What is shown in place of a sensitive value."""


@dataclass(frozen=True)
class Field:
    """A property that a hardware type or a worker declares.

    ``private`` properties are left out where anybody may look. Of ``sensitive`` ones nobody ever
    sees the value. ``credential`` ones are shown only to those who may change the item. Where
    there is ``generate``, it makes the value of a new item, whatever the caller sent.
    """

    name: str
    schema: dict[str, Any] = field(default_factory=lambda: {"type": "string"})
    required: bool = False
    default: Any = None
    private: bool = False
    sensitive: bool = False
    credential: bool = False
    generate: Callable[[], str] | None = None
    description: str = ""


def shown(
    fields: Iterable[Field],
    properties: dict[str, Any],
    public: bool = False,
    credentials: bool = True,
) -> dict[str, Any]:
    """The declared properties as callers see them.

    ``public`` leaves out private ones, no ``credentials`` those by which hardware logs in.
    """
    found = {}
    for known in fields:
        value = properties.get(known.name)
        if value is None or (public and known.private) or (known.credential and not credentials):
            continue
        found[known.name] = MASK if known.sensitive else value
    return found
