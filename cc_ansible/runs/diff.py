"""The differences that modules report with ``--diff``, as unified diffs."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any


def unified(diffs: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the lines of these differences, without line ends."""
    for item in diffs:
        if not isinstance(item, dict):
            continue
        if item.get("prepared"):
            yield from str(item["prepared"]).splitlines()
        if "before" in item and "after" in item:
            yield from difflib.unified_diff(
                side(item["before"]),
                side(item["after"]),
                str(item.get("before_header") or "before"),
                str(item.get("after_header") or "after"),
                lineterm="",
            )


def side(value: Any) -> list[str]:
    """Return one side of a difference as lines; structures (file attributes) as JSON."""
    if value is None:
        return []
    if not isinstance(value, str):
        value = json.dumps(value, indent=2, sort_keys=True, default=str)
    return str(value).splitlines()
