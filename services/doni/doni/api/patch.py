"""The subset of JSON Patch that items are changed by."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from doni.exceptions import Invalid
from doni.hardware import faults, formats, forms

ARGUMENT = "patch"
ROOTS = ("name", "hardware_type", "properties", "availability")
LONGEST_INDEX = 7
"""Digits of the place of an entry in a list."""

_PATH = {
    "type": "string",
    "pattern": "^(/[A-Za-z0-9_-]+)+$",
    "maxLength": 1024,
    "description": "a path such as /properties/node_type",
}
_OPERATION = forms.closed(
    {"op": forms.enum("add", "replace", "remove"), "path": _PATH, "value": {}},
    required=("op", "path"),
)
_CHECKER = formats.validator({"type": "array", "items": _OPERATION})

_ROOTED = {**_PATH, "pattern": f"^/({'|'.join(ROOTS)})(/[A-Za-z0-9_-]+)*$"}
SCHEMA = forms.listed(
    {
        "anyOf": [
            forms.closed(
                {"op": forms.enum("add", "replace"), "path": _ROOTED, "value": {}},
                required=("op", "path", "value"),
            ),
            forms.closed(
                {"op": forms.enum("remove"), "path": _ROOTED, "value": {}},
                required=("op", "path"),
            ),
        ]
    }
)
"""What a patch shall be, for people and tools; messages come from simpler checks."""


@dataclass(frozen=True)
class Operation:
    """One change; ``path`` is its segments."""

    op: str
    path: tuple[str, ...]
    value: Any = None

    @property
    def place(self) -> str:
        """The path as messages name it."""
        return "/" + "/".join(self.path)


def parsed(body: Any) -> list[Operation]:
    """The operations of a patch.

    Raises:
        Invalid: it is none, or changes what cannot be changed.
    """
    faults.refuse(ARGUMENT, _CHECKER.iter_errors(body))
    operations = []
    for number, entry in enumerate(body):
        if entry["op"] != "remove" and "value" not in entry:
            raise Invalid(
                f"Schema error for {ARGUMENT}: 'value' is a required property (in '{number}')"
            )
        path = tuple(entry["path"].split("/")[1:])
        if path[0] not in ROOTS:
            raise Invalid(
                f"Cannot patch /{path[0]}. Only the following can be updated: {', '.join(ROOTS)}"
            )
        operations.append(Operation(entry["op"], path, entry.get("value")))
    return operations


def applied(document: dict[str, Any], operations: Iterable[Operation]) -> dict[str, Any]:
    """The document as it is after the operations; the given one stays as it is.

    Raises:
        Invalid: an operation does not fit.
    """
    found = copy.deepcopy(document)
    for operation in operations:
        parent = _parent(found, operation)
        if isinstance(parent, list):
            _in_list(parent, operation)
        elif isinstance(parent, dict):
            _in_dict(parent, operation)
        else:
            raise unfit(operation, "there is nothing to hold it")
    return found


def unfit(operation: Operation, why: str) -> Invalid:
    """The refusal of an operation."""
    return Invalid(f"Couldn't apply patch: {operation.op} {operation.place}: {why}")


def _parent(document: Any, operation: Operation) -> Any:
    found = document
    for segment in operation.path[:-1]:
        if isinstance(found, dict) and segment in found:
            found = found[segment]
        elif isinstance(found, list):
            found = found[_index(found, segment, operation)]
        else:
            raise unfit(operation, f"there is no {segment}")
    return found


def _index(items: list[Any], segment: str, operation: Operation, most: int = 1) -> int:
    usual = segment == "0" or (segment.isdecimal() and not segment.startswith("0"))
    # Not converted when long: that would take time, or be refused.
    if not usual or len(segment) > LONGEST_INDEX or int(segment) > len(items) - most:
        raise unfit(operation, f"there is no entry {segment}")
    return int(segment)


def _in_list(items: list[Any], operation: Operation) -> None:
    segment = operation.path[-1]
    if operation.op == "add":
        place = len(items) if segment == "-" else _index(items, segment, operation, most=0)
        items.insert(place, copy.deepcopy(operation.value))
    elif operation.op == "replace":
        items[_index(items, segment, operation)] = copy.deepcopy(operation.value)
    else:
        del items[_index(items, segment, operation)]


def _in_dict(values: dict[str, Any], operation: Operation) -> None:
    segment = operation.path[-1]
    if operation.op != "add" and segment not in values:
        raise unfit(operation, f"there is no {segment}")
    if operation.op == "remove":
        del values[segment]
    else:
        values[segment] = copy.deepcopy(operation.value)
