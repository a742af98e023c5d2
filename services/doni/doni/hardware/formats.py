"""A JSON Schema validator that checks formats and reads patterns as other languages do."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators

LONGEST_HOST = 253

_LABEL = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")
_EMAIL = re.compile(r"[^@\s,;<>\x00-\x1f\x7f]+@[^@\s,;<>\x00-\x1f\x7f]+")


def _hostname(value: object) -> bool:
    if not isinstance(value, str):
        return True
    labels = value.removesuffix(".").split(".")
    return len(value) <= LONGEST_HOST and all(_LABEL.fullmatch(label) for label in labels)


def _ipv4(value: object) -> bool:
    return not isinstance(value, str) or bool(ipaddress.IPv4Address(value))


def _ipv6(value: object) -> bool:
    return not isinstance(value, str) or bool(ipaddress.IPv6Address(value))


def _email(value: object) -> bool:
    return not isinstance(value, str) or bool(_EMAIL.fullmatch(value))


FORMATS: dict[str, Callable[[object], bool]] = {
    "email": _email,
    "hostname": _hostname,
    "ipv4": _ipv4,
    "ipv6": _ipv6,
}

CHECKER = FormatChecker(())
for _name, _check in FORMATS.items():
    CHECKER.checks(_name, raises=ValueError)(_check)


def _pattern(
    validator: Any, pattern: str, value: object, schema: dict[str, Any]
) -> Iterator[ValidationError]:
    # In Python $ also matches before a line break at the end, elsewhere it does not.
    if isinstance(value, str) and (value.endswith("\n") or not re.search(pattern, value)):
        yield ValidationError("does not match")


def _unique(
    validator: Any, wanted: bool, value: object, schema: dict[str, Any]
) -> Iterator[ValidationError]:
    # The library's own check compares each with each where entries are of several kinds.
    if wanted and isinstance(value, list):
        different = {json.dumps(entry, sort_keys=True) for entry in value}
        if len(different) < len(value):
            yield ValidationError("has an entry twice")


_Validator = validators.extend(Draft202012Validator, {"pattern": _pattern, "uniqueItems": _unique})


def validator(schema: dict[str, Any]) -> Any:
    """A validator for a schema; its ``iter_errors`` finds all faults of a value."""
    return _Validator(schema, format_checker=CHECKER)
