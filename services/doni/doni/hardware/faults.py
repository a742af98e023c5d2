"""What is wrong with a body, said without the values in it: they may be secrets."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import Any

from jsonschema import ValidationError

from doni.exceptions import Invalid

MOST = 5
"""Faults that one message names."""

ENOUGH = 1000
"""Faults after which a value is not looked at any further."""

LONGEST = 64
"""Characters of a name that a message repeats."""

NOUNS = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a text",
}

Key = tuple[str, ...]


def _name(text: object) -> str:
    found = str(text)
    return found if len(found) <= LONGEST else f"{found[:LONGEST]}..."


def _type(error: ValidationError) -> str:
    wanted = error.validator_value
    names = [wanted] if isinstance(wanted, str) else wanted
    return f"must be {' or '.join(NOUNS[name] for name in names)}"


def _unknown(error: ValidationError) -> str:
    extra = [name for name in error.instance if name not in error.schema.get("properties", {})]
    names = ", ".join(f"'{_name(name)}'" for name in extra[:MOST])
    verb = "was" if len(extra) == 1 else "were"
    return f"Additional properties are not allowed ({names} {verb} unexpected)"


_TEXTS: dict[str, Callable[[ValidationError], str]] = {
    "additionalProperties": _unknown,
    "const": lambda error: f"must be {error.validator_value}",
    "enum": lambda error: f"must be one of {', '.join(map(str, error.validator_value))}",
    "maximum": lambda error: f"must be at most {error.validator_value}",
    "maxItems": lambda error: f"must have at most {error.validator_value} entries",
    "maxLength": lambda error: f"must have at most {error.validator_value} characters",
    "minimum": lambda error: f"must be at least {error.validator_value}",
    "minItems": lambda error: f"must have at least {error.validator_value} entries",
    "minLength": lambda error: f"must have at least {error.validator_value} characters",
    "required": lambda error: error.message,
    "type": _type,
    "uniqueItems": lambda error: "must not have an entry twice",
}

_OF_KEYS = ("additionalProperties", "required")


def _text(error: ValidationError) -> str:
    if error.validator not in _OF_KEYS and "description" in error.schema:
        noun = "names of its keys must be" if "propertyNames" in error.schema_path else "must be"
        return f"{noun} {error.schema['description']}"
    make = _TEXTS.get(str(error.validator))
    return make(error) if make else "is not valid"


def key(error: ValidationError) -> Key:
    """What tells a fault from others: where it is, and what of the schema is not met."""
    place = (str(part) for part in error.absolute_path)
    return (*place, str(error.validator), _text(error))


def refuse(argument: str, errors: Iterable[ValidationError], within: Key = ()) -> None:
    """Say what is wrong, if anything is.

    ``argument`` is what was validated, ``within`` where in it the errors are.

    Raises:
        Invalid: there are errors.
    """
    found = sorted(itertools.islice(errors, ENOUGH), key=key)
    if not found:
        return
    parts = []
    for error in found[:MOST]:
        place = ".".join(_name(part) for part in (*within, *error.absolute_path))
        parts.append(f"{_text(error)} (in '{place}')" if place else _text(error))
    more = f"; and {len(found) - MOST} more" if len(found) > MOST else ""
    raise Invalid(f"Schema error for {argument}: {'; '.join(parts)}{more}")


def errors_of(validator: Any, value: Any) -> list[ValidationError]:
    """The faults of a value."""
    return list(itertools.islice(validator.iter_errors(value), ENOUGH))
