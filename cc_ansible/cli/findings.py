"""How commands show findings: as lines that editors and terminals link, or as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from cc_ansible.cli.app import App
from cc_ansible.errors import Exit

if TYPE_CHECKING:
    from pathlib import Path

    from cc_ansible.site.findings import Finding


class Seen(NamedTuple):
    """A finding, and the host it is about where it is about one."""

    finding: Finding
    host: str | None = None


def of_site(found: Iterable[Finding]) -> list[Seen]:
    """Findings about a site config."""
    return [Seen(finding) for finding in found]


def conclude(app: App, path: Path, found: Sequence[Seen], *, output: str, strict: bool) -> None:
    """Show all there is to show, and leave with exit code 3 when something is wrong."""
    if output == "json":
        app.emit_json(as_json(path, found))
    else:
        show(app, path, found)
        verdict(app, path, found)
    leave(found, strict=strict)


def show(app: App, path: Path, found: Iterable[Seen]) -> None:
    """Print each finding: where, what, what was seen, and the fix."""
    lines: list[str] = []
    for seen in found:
        finding, place = seen.finding, _place(path, seen)
        lines.append(f"{place}: {finding.severity.value}: {finding.summary}  [{finding.rule}]")
        lines += [f"    {line}" for line in finding.detail.splitlines()]
        lines += [f"    fix: {finding.fix}"] if finding.fix else []
    if lines:
        app.say("\n".join([*lines, ""]))


def verdict(app: App, path: Path, found: Sequence[Seen]) -> None:
    """Print the last line: valid or not, and how many findings of each kind."""
    wrong = errors(found)
    state = "not valid" if wrong else "valid"
    counts = f"{_count(wrong, 'error')}, {_count(len(found) - wrong, 'warning')}"
    app.say(f"{path} is {state}: {counts}")


def leave(found: Sequence[Seen], *, strict: bool) -> None:
    """Leave with exit code 3 when there are errors, with ``strict`` also for warnings."""
    if errors(found) or (strict and found):
        raise click.exceptions.Exit(Exit.SITE_INVALID)


def as_json(path: Path, found: Sequence[Seen]) -> dict[str, Any]:
    """The same as plain data."""
    return {
        "site": str(path),
        "valid": not errors(found),
        "findings": [
            {
                "rule": finding.rule,
                "severity": finding.severity.value,
                "host": host,
                "file": str(finding.origin.file) if finding.origin else None,
                "line": finding.origin.line if finding.origin else None,
                "column": finding.origin.column if finding.origin else None,
                "summary": finding.summary,
                "detail": finding.detail,
                "fix": finding.fix,
            }
            for finding, host in found
        ],
    }


def errors(found: Iterable[Seen]) -> int:
    """How many findings are more than warnings."""
    from cc_ansible.site.findings import Severity

    return sum(seen.finding.severity is Severity.ERROR for seen in found)


def _place(path: Path, seen: Seen) -> str:
    """The place relative to the site; else the host."""
    origin = seen.finding.origin
    if origin is None:
        return seen.host or path.name
    shown = origin.file.relative_to(path) if origin.file.is_relative_to(path) else origin.file
    return ":".join(str(part) for part in (shown, origin.line, origin.column) if part)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
