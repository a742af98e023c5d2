"""Rules about iCalendar files: that they are there, whole, and say when."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from cc_ansible.errors import Origin, SiteInvalid
from cc_ansible.site import yamlfile
from cc_ansible.site.findings import Finding, error, from_error, warning
from cc_ansible.site.names import nearest

ICS_MISSING = error("ics-missing", "iCalendar files that calendars name exist")
ICS_INVALID = error("ics-invalid", "iCalendar files are whole and their events have times")
ICS_EMPTY = warning("ics-empty", "iCalendar files hold events")

_NAME = re.compile(r"[A-Za-z0-9-]+(?=[;:])")


def check(file: Path, what: str, at: Origin) -> Iterator[Finding]:
    """What is wrong with the iCalendar file that a calendar names at ``at``."""
    if not file.is_file():
        beside = {str(found.relative_to(at.file.parent)) for found in at.file.parent.rglob("*.ics")}
        close = nearest(file.name, beside)
        yield ICS_MISSING.broken(
            f"{what}: there is no file {file.name}.",
            at,
            detail=f"Looked for {file}.",
            fix=f"Did you mean `{close}`?"
            if close
            else "Put it there, or correct the path; it counts from the file that names it.",
        )
        return
    try:
        text = yamlfile.read_text(file)
    except SiteInvalid as problem:
        yield from_error(problem)
        return
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1)]
    filled = [(number, line) for number, line in lines if line]
    if not filled or filled[0][1].upper() != "BEGIN:VCALENDAR":
        first = filled[0][0] if filled else None
        yield ICS_INVALID.broken(
            f"{file.name} is no iCalendar file.",
            Origin(file, first, 1 if first else None),
            detail="Its first line must be BEGIN:VCALENDAR.",
            fix="Export it again from the calendar program.",
        )
        return
    yield from _parts(file, filled)


def _parts(file: Path, lines: list[tuple[int, str]]) -> Iterator[Finding]:
    """Parts that do not end, and events without a start."""
    open_parts: list[tuple[str, int]] = []
    events = 0
    names: set[str] = set()
    for number, line in lines:
        key, _, value = line.upper().partition(":")
        if key == "BEGIN":
            open_parts.append((value, number))
            names = set() if value == "VEVENT" else names
        elif key == "END":
            if not open_parts or open_parts.pop()[0] != value:
                yield _broken(file, number, f"{line} ends what was not begun")
                return
            if value == "VEVENT":
                events += 1
                if "DTSTART" not in names:
                    yield _broken(file, number, "an event has no DTSTART")
        elif found := _NAME.match(line.upper()):
            names.add(found[0])
    if open_parts:
        yield _broken(file, open_parts[-1][1], f"{open_parts[-1][0]} has no end")
    elif not events:
        yield ICS_EMPTY.broken(
            f"{file.name} holds no events, so nothing is lent.",
            Origin(file, lines[0][0], 1),
            fix="Export it again, or write `windows: never`.",
        )


def _broken(file: Path, line: int, why: str) -> Finding:
    return ICS_INVALID.broken(
        f"{file.name} is not whole: {why}.",
        Origin(file, line, 1),
        fix="Export it again from the calendar program.",
    )
