"""Rules about iCalendar files: that they are there, whole, and say when."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cc_ansible.errors import Origin, SiteInvalid
from cc_ansible.site import yamlfile, zones
from cc_ansible.site.findings import Finding, error, from_error, warning
from cc_ansible.site.ical import parse
from cc_ansible.site.ical.components import Problem
from cc_ansible.site.model.read import MISSING_KEY
from cc_ansible.site.names import nearest

ICS_MISSING = error("ics-missing", "iCalendar files that calendars name exist")
ICS_INVALID = error("ics-invalid", "iCalendar files are whole and their events have times")
ICS_EMPTY = warning("ics-empty", "iCalendar files hold events")


def check(file: Path, what: str, at: Origin, *, has_zone: bool) -> Iterator[Finding]:
    """What is wrong with the iCalendar file that a calendar names at ``at``.

    :param has_zone: whether the calendar says in which time zone times without one are.
    """
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
    found = parse.parse(text)
    yield from (_broken(file, problem) for problem in found.problems)
    if not found.events and not found.problems:
        yield ICS_EMPTY.broken(
            f"{file.name} holds no events, so nothing is lent.",
            Origin(file, found.first, 1),
            fix="Export it again, or write `windows: never`.",
        )
    floating = next((event for event in found.events if event.floats), None)
    if floating and not has_zone and not zones.zone(found.timezone or ""):
        yield MISSING_KEY.broken(
            f"{what} needs `timezone`: {file.name} has times without one.",
            at,
            detail=f"The first event of them is in line {floating.line}.",
            fix="Add `timezone: America/Chicago`, with the zone of your site.",
        )


def _broken(file: Path, problem: Problem) -> Finding:
    return ICS_INVALID.broken(
        f"{file.name} cannot be read as a calendar: {problem.why}.",
        Origin(file, problem.line, 1),
        fix="Correct it, or export it again from the calendar program.",
    )
