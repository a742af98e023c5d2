"""What a patch makes of an item."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from doni.api import access, hiding, patch, windows
from doni.db.hardware import Change
from doni.db.models import Hardware
from doni.exceptions import Invalid
from doni.hardware import schema
from doni.hardware.fields import MASK
from doni.hardware.types import TYPES, HardwareType
from doni.policies import hardware as rules

COLUMNS = ("name", "hardware_type", "properties")


def decider(
    kinds: Mapping[str, HardwareType], operations: list[patch.Operation]
) -> Callable[[Hardware], Change]:
    """What decides, when the item is locked, what shall become of it.

    It raises Forbidden if the caller may not change the item, Invalid if the patch does not fit.
    """
    of_windows = [entry for entry in operations if entry.path[0] == "availability"]
    of_columns = [entry for entry in operations if entry.path[0] != "availability"]
    # Whole properties as well as single ones.
    sent = {entry.path[-1]: entry.value for entry in of_columns}

    def decide(hardware: Hardware) -> Change:
        access.authorize(rules.UPDATE, hardware.project_id)
        hiding.hide(hardware.properties, sent, sent.get("properties"))
        before = _document(hardware)
        after = patch.applied(before, of_columns)
        kind = _check(kinds, before, after)
        values = {name: after[name] for name in COLUMNS if after[name] != before[name]}
        changed = windows.changes(hardware.windows, of_windows)
        return Change(values, changed, kind.workers if kind else ())

    return decide


def _document(hardware: Hardware) -> dict[str, Any]:
    stored = hardware.properties.items()
    return {
        "name": hardware.name,
        "hardware_type": hardware.hardware_type,
        # Null is what older releases stored for a property that is not there.
        "properties": {name: value for name, value in stored if value is not None},
    }


def _check(
    kinds: Mapping[str, HardwareType], before: dict[str, Any], after: dict[str, Any]
) -> HardwareType | None:
    missing = [name for name in COLUMNS if name not in after]
    if missing:
        raise Invalid(f"Schema error for hardware: '{missing[0]}' is a required property")
    if after["name"] != before["name"]:
        schema.check_name(after["name"])
    kind = _kind(kinds, before["hardware_type"], after["hardware_type"])
    if not isinstance(after["properties"], dict):
        raise Invalid("Schema error for hardware: must be an object (in 'properties')")
    if kind and (after["properties"] != before["properties"] or not _same_type(before, after)):
        _keep_masked(kind, before["properties"], after["properties"])
        known = before["properties"] if _same_type(before, after) else None
        schema.check_properties(kind, after["properties"], known)
        after["properties"] = schema.normal(kind, after["properties"])
    elif after["properties"] != before["properties"]:
        raise Invalid("Its type is not enabled: its properties cannot be changed.")
    return kind


def _same_type(before: dict[str, Any], after: dict[str, Any]) -> bool:
    return bool(before["hardware_type"] == after["hardware_type"])


def _kind(kinds: Mapping[str, HardwareType], before: str, after: Any) -> HardwareType | None:
    if after == before:
        return kinds.get(before)
    if not isinstance(after, str) or after not in kinds:
        raise Invalid(
            f"Schema error for hardware: must be one of {', '.join(kinds)} (in 'hardware_type')"
        )
    former = TYPES.get(before)
    if former and not set(former.workers) <= set(TYPES[after].workers):
        # Nobody would clean up what the workers of the former type made elsewhere.
        raise Invalid(
            f"Hardware of type {before} cannot become {after}: delete it, then enrol it again."
        )
    return kinds[after]


def _keep_masked(kind: HardwareType, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Keep secrets that come back as clients see them."""
    for field in kind.known:
        if field.sensitive and after.get(field.name) == MASK:
            if field.name not in before:
                raise schema.masked(field.name)
            after[field.name] = before[field.name]
