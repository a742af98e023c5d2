"""Text of others made fit to be shown: without secrets, and without what moves a terminal."""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cc_ansible.report.facts import Facts

LONGEST = 500
"""Characters of one text; more helps nobody on a page that is read at a glance."""
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# Control, format (these turn the direction of a line), surrogate and private characters.
_UNSHOWN = {"Cc", "Cf", "Cs", "Co", "Cn"}


def text(value: str, longest: int = LONGEST) -> str:
    """One line without control characters, and not too long."""
    line = " ".join(value.split())
    line = line if len(line) <= longest else f"{line[: longest - 1]}…"
    if line.isascii() and line.isprintable():
        return line
    return "".join(
        REPLACEMENT if unicodedata.category(letter) in _UNSHOWN else letter for letter in line
    )


def every(value: Any, redact: Callable[[str], str]) -> Any:
    """A copy of plain data in which each text is redacted, then as :func:`text` makes it."""
    found: Any = value
    if isinstance(value, Enum | Path):
        return value
    if isinstance(value, str):
        found = text(redact(value))
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        inner = {
            field.name: every(getattr(value, field.name), redact)
            for field in dataclasses.fields(value)
            if field.init
        }
        found = type(value)(**inner)
    elif isinstance(value, Mapping):
        found = {every(key, redact): every(inner, redact) for key, inner in value.items()}
    elif isinstance(value, tuple):
        found = tuple(every(inner, redact) for inner in value)
    elif isinstance(value, list | frozenset | set):
        found = type(value)(every(inner, redact) for inner in value)
    return found


def without_words(facts: Facts) -> Facts:
    """Facts without what services and logs say in their own words.

    For a site whose secrets cannot be read: nobody could find them in these words.
    """
    last, things = facts.verification.value, facts.hardware.value
    if last:
        results = [
            dataclasses.replace(each, detail="", cause="", log=(), picture=b"")
            for each in last.results
        ]
        last = dataclasses.replace(last, results=results)
    if things:
        items = [
            dataclasses.replace(item, trouble=item.trouble and "in trouble")
            for item in things.items
        ]
        things = dataclasses.replace(things, items=items)
    alerts = [dataclasses.replace(each, summary="") for each in facts.alerts.value or ()]
    return dataclasses.replace(
        facts,
        verification=dataclasses.replace(facts.verification, value=last),
        clusters=[
            dataclasses.replace(each, detail="", cause="", log=()) for each in facts.clusters
        ],
        hardware=dataclasses.replace(facts.hardware, value=things),
        alerts=dataclasses.replace(
            facts.alerts, value=None if facts.alerts.value is None else alerts
        ),
    )
