"""Values that nobody shall see, and texts without them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from doni.hardware.fields import MASK, Field

SHORTEST = 3
"""Shorter values are not looked for in texts: they are no secrets, and are in most texts."""


def values(fields: Iterable[Field], properties: dict[str, Any]) -> list[str]:
    """The sensitive values among some properties, longest first."""
    found = {
        str(properties[field.name])
        for field in fields
        if field.sensitive and properties.get(field.name) is not None
    }
    return sorted((value for value in found if len(value) >= SHORTEST), key=len, reverse=True)


def scrubbed(value: Any, hidden: Collection[str]) -> Any:
    """A JSON value in whose texts ``hidden`` ones are masked."""
    if not hidden:
        return value
    if isinstance(value, str):
        for secret in hidden:
            value = value.replace(secret, MASK)
        return value
    if isinstance(value, dict):
        return {scrubbed(key, hidden): scrubbed(entry, hidden) for key, entry in value.items()}
    if isinstance(value, list):
        return [scrubbed(entry, hidden) for entry in value]
    return value
