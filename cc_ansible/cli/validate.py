"""cc-ansible validate"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cc_ansible.cli.app import App
from cc_ansible.errors import Exit

if TYPE_CHECKING:
    from pathlib import Path

    from cc_ansible.site.findings import Finding


@click.command("validate")
@click.option("--output", type=click.Choice(["text", "json"]), default="text")
@click.option("--strict", is_flag=True, help="Let warnings fail too.")
@click.pass_obj
def validate(app: App, output: str, strict: bool) -> None:
    """Check the whole site config; nothing is touched, no host is asked.

    Exit code 3 when something is wrong.
    """
    from cc_ansible.kolla import known
    from cc_ansible.site.check import check
    from cc_ansible.site.findings import Severity

    path = app.site_path()
    found = check(path, known)
    errors = sum(finding.severity is Severity.ERROR for finding in found)
    if output == "json":
        app.emit_json(_as_json(path, found, errors))
    else:
        _show(app, path, found, errors)
    if errors or (strict and found):
        raise click.exceptions.Exit(Exit.SITE_INVALID)


def _as_json(path: Path, found: list[Finding], errors: int) -> dict[str, Any]:
    return {
        "site": str(path),
        "valid": not errors,
        "findings": [
            {
                "rule": finding.rule,
                "severity": finding.severity.value,
                "file": str(finding.origin.file) if finding.origin else None,
                "line": finding.origin.line if finding.origin else None,
                "column": finding.origin.column if finding.origin else None,
                "summary": finding.summary,
                "detail": finding.detail,
                "fix": finding.fix,
            }
            for finding in found
        ],
    }


def _show(app: App, path: Path, found: list[Finding], errors: int) -> None:
    for finding in found:
        place = _place(path, finding)
        app.say(f"{place}: {finding.severity.value}: {finding.summary}  [{finding.rule}]")
        for line in finding.detail.splitlines():
            app.say(f"    {line}")
        if finding.fix:
            app.say(f"    fix: {finding.fix}")
    warnings = len(found) - errors
    if found:
        app.say()
    verdict = "not valid" if errors else "valid"
    app.say(f"{path} is {verdict}: {_count(errors, 'error')}, {_count(warnings, 'warning')}")


def _place(path: Path, finding: Finding) -> str:
    """The place relative to the site, as editors and terminals link it."""
    if finding.origin is None:
        return path.name
    file = finding.origin.file
    shown = file.relative_to(path) if file.is_relative_to(path) else file
    return ":".join(
        str(part) for part in (shown, finding.origin.line, finding.origin.column) if part
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
