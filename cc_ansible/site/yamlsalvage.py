"""Reading on after a mistake: one that is in one variable does not hide the other variables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cc_ansible.errors import Origin, SiteInvalid
from cc_ansible.site import yamldiagnosis

UNREADABLE = "!unreadable"
"""The tag of a value that could not be read: something is set, nobody knows to what."""

_START = re.compile(r"[^\s#\-\]}]")
_NAME = re.compile(r"([A-Za-z_]\w*)\s*[:=]")
_NO_BREAK = re.compile(r"^ *(?:- +)*(?:[\w.\-]+:)?\u00a0", re.MULTILINE)
_ANCHOR = re.compile(r"[:\-] +&\w+")
_CONFLICT = re.compile(r"<{7} .*\n(?P<ours>(?:.*\n)*?)={7}\r?\n(?:.*\n)*?>{7} .*(?:\n|$)")

Parser = Callable[[str], Any]
"""Parses text into a Document; raises SiteInvalid."""
Failure = tuple[str | None, SiteInvalid | None]
"""The name of a variable that cannot be read, where it has one, and why, where that is known."""


def conflict(text: str, file: Path) -> SiteInvalid | None:
    """The error for what a merge of git left behind in a file; None where there is none."""
    if "<<<<<<< " not in text:
        return None
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("<<<<<<< "):
            return SiteInvalid(
                f"{file.name} holds a merge conflict.",
                fix="Choose one of the two versions, and remove the lines <<<<<<<, ======= "
                "and >>>>>>>.",
                origin=Origin(file, number, 1),
            )
    return None


def without_conflicts(text: str) -> str:
    """The text with our side of each conflict, every line where it was."""

    def ours(found: re.Match[str]) -> str:
        after = found[0].count("\n") - found["ours"].count("\n") - 1
        return "\n" + found["ours"] + "\n" * after

    return _CONFLICT.sub(ours, text)


def blanks(text: str, file: Path) -> SiteInvalid | None:
    """The error for a no-break space that YAML does not take for one; None where there is none."""
    found = _NO_BREAK.search(text)
    if found is None:
        return None
    before = text[: found.end() - 1]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return SiteInvalid(
        f"{file.name} holds a no-break space, which YAML takes for a letter.",
        detail="It looks like a space; text from web pages and chats has it.",
        fix=f"Run `sed -i 's/\\xc2\\xa0/ /g' {file.name}`.",
        origin=Origin(file, line, column),
    )


def salvage(text: str, parse: Parser) -> tuple[dict[str, Any], dict[Any, Origin], list[Failure]]:
    """The variables of a file that as a whole is no YAML.

    :param parse: also refuses text that is no mapping.
    :returns: values and origins of what can be read, and what cannot.
    """
    values: dict[str, Any] = {}
    origins: dict[Any, Origin] = {}
    failures: list[Failure] = []
    shared = _ANCHOR.search(text) is not None
    for name, chunk in _chunks(text):
        try:
            document = parse(chunk)
        except SiteInvalid as error:
            elsewhere = shared and yamldiagnosis.NO_ANCHOR in error.summary
            failures.append((name, None if elsewhere else error))
            continue
        for key in values.keys() & document.value.keys():
            again = yamldiagnosis.twice(key, origins[(key,)], document.origin(key))
            failures.append((None, again))
        values = {**document.value, **values}
        origins = {**document.origins, **origins}
    return values, origins, failures


def _chunks(text: str) -> Iterator[tuple[str | None, str]]:
    """Each variable's lines, with empty lines in front so that line numbers stay."""
    lines = text.splitlines(keepends=True)
    starts = [
        number
        for number, line in enumerate(lines)
        if _START.match(line) and not line.startswith(("---", "..."))
    ]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        name = _NAME.match(lines[start])
        yield name[1] if name else None, "\n" * start + "".join(lines[start:end])
