"""JSON Schemas of hardware, and the checks by them."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any

from doni.exceptions import Invalid
from doni.hardware import faults, formats, forms
from doni.hardware.fields import MASK
from doni.hardware.types import HardwareType

ARGUMENT = "hardware"

LARGEST = 256 * 1024
"""Bytes of JSON that the properties of one item may take."""

NAME: forms.Schema = {
    "type": "string",
    "minLength": 1,
    "maxLength": 255,
    "pattern": "^[^\\u0000-\\u001f\\u007f]+$",
    "description": "a text of 1 to 255 characters without control characters",
}


@functools.lru_cache
def properties_schema(kind: HardwareType) -> dict[str, Any]:
    """What the properties of a type shall be."""
    required = tuple(field.name for field in kind.known if field.required)
    return forms.closed({field.name: field.schema for field in kind.known}, required)


@functools.lru_cache
def _validator(kind: HardwareType) -> Any:
    return formats.validator(properties_schema(kind))


def body_schema(kind: HardwareType) -> dict[str, Any]:
    """What the body that enrols an item of a type shall be."""
    return forms.closed(
        {
            "name": NAME,
            "hardware_type": {"type": "string", "const": kind.name},
            "properties": properties_schema(kind),
        },
        required=("name", "hardware_type", "properties"),
    )


def _frame(kinds: tuple[str, ...]) -> dict[str, Any]:
    return forms.closed(
        {"name": NAME, "hardware_type": forms.enum(*kinds), "properties": {"type": "object"}},
        required=("name", "hardware_type", "properties"),
    )


def check_body(kinds: Mapping[str, HardwareType], body: Any) -> HardwareType:
    """Check the body that enrols an item, its properties against the type that it names.

    Raises:
        Invalid: something is wrong with it.
    """
    frame = formats.validator({"type": "object", **_frame(tuple(kinds))})
    faults.refuse(ARGUMENT, frame.iter_errors(body))
    kind = kinds[body["hardware_type"]]
    check_properties(kind, body["properties"])
    for field in kind.known:
        if field.sensitive and body["properties"].get(field.name) == MASK:
            raise masked(field.name)
    return kind


def check_properties(
    kind: HardwareType, properties: dict[str, Any], before: dict[str, Any] | None = None
) -> None:
    """Check the properties of an item.

    Faults that the properties already had ``before`` are let through: a record that an older
    release stored with faults can so be mended one by one. So are properties of workers that
    are not enabled.

    Raises:
        Invalid: there is another fault.
    """
    if before is not None:
        names = {field.name for field in kind.known}
        properties = {
            name: value
            for name, value in properties.items()
            if name in names or name not in before or before[name] != value
        }
    found = faults.errors_of(_validator(kind), properties)
    if found and before is not None:
        known = {faults.key(error) for error in faults.errors_of(_validator(kind), before)}
        found = [error for error in found if faults.key(error) not in known]
    faults.refuse(ARGUMENT, found, ("properties",))
    if len(json.dumps(properties)) > LARGEST:
        raise Invalid(f"Schema error for {ARGUMENT}: must take at most {LARGEST} bytes as JSON")


def check_name(name: Any) -> None:
    """Check the name of an item.

    Raises:
        Invalid: it cannot be one.
    """
    faults.refuse(ARGUMENT, formats.validator(NAME).iter_errors(name), ("name",))


def masked(name: str) -> Invalid:
    """The refusal of the mask of a sensitive property where there is no value to keep."""
    return Invalid(f"Schema error for {ARGUMENT}: a masked value is no value (in '{name}')")


def completed(kind: HardwareType, properties: dict[str, Any]) -> dict[str, Any]:
    """The properties of a new item: with defaults of its workers and what is generated for it."""
    defaults = {field.name: field.default for field in kind.worker_fields()}
    generated = {field.name: field.generate() for field in kind.known if field.generate}
    found = {**defaults, **properties, **generated}
    return normal(kind, {name: value for name, value in found.items() if value is not None})


def normal(kind: HardwareType, properties: dict[str, Any]) -> dict[str, Any]:
    """Properties that fit the schema, with whole numbers as such: 623.0 is one too in JSON."""
    whole = {field.name for field in kind.known if field.schema.get("type") == "integer"}
    return {
        name: int(value) if name in whole and isinstance(value, float) else value
        for name, value in properties.items()
    }
