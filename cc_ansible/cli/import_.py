"""cc-ansible import"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cc_ansible.cli.app import App
from cc_ansible.errors import SiteInvalid
from cc_ansible.paths import PROJECT
from cc_ansible.site.load import SCENARIOS


@click.command("import")
@click.argument("old_site", type=click.Path(path_type=Path))
@click.argument("new_site", required=False, type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only report; write nothing.")
@click.option("--scenario", type=click.Choice(SCENARIOS), help="Instead of the one that it seems.")
@click.option("--output", type=click.Choice(["text", "json"]), default="text")
@click.option(
    "--report",
    "report_file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write the report to FILE, as Markdown.",
)
@click.pass_obj
def import_(
    app: App,
    old_site: Path,
    new_site: Path | None,
    dry_run: bool,
    scenario: str | None,
    output: str,
    report_file: Path | None,
) -> None:
    """Make a new site config out of one of older CHI-in-a-Box.

    OLD_SITE is only read. NEW_SITE, a git repository, must not exist yet; it appears whole or not
    at all. Exit code 3 when the old site cannot be read.
    """
    from cc_ansible.kolla import known
    from cc_ansible.site.legacy.old import Unreadable
    from cc_ansible.site.legacy.run import import_site, refuse_inside

    if report_file:
        refuse_inside(old_site, report_file)
    target = new_site or Path(app.site_option or PROJECT / "site-config")
    try:
        report = import_site(old_site, target, known, scenario=scenario, dry_run=dry_run)
    except Unreadable as error:
        if output == "json":
            app.emit_json({"old": str(old_site), "written": False, "problems": _problems(error)})
        raise
    if report_file:
        report_file.write_text(report.markdown(), encoding="utf-8")
    if output == "json":
        app.emit_json({**report.as_dict(), "written": not dry_run})
        return
    app.say(report.text())
    counts = report.counts()
    done = f"Would make {target}" if dry_run else f"Made {target}"
    app.say(f"{done} for scenario {report.scenario}: {counts['decision']} decisions open.")
    if not dry_run:
        own = target / "vault_password"
        key = str(own) if own.exists() else "the vault password"
        app.say(f"""
Next:
  1. go through {target}/IMPORT.md; decisions come first
  2. keep a copy of {key} in a safe place; it is not in git
  3. cc-ansible -s {target} validate""")


def _problems(error: SiteInvalid) -> list[dict[str, Any]]:
    return [
        {
            "file": str(problem.origin.file) if problem.origin else None,
            "line": problem.origin.line if problem.origin else None,
            "summary": problem.summary,
            "fix": problem.fix,
        }
        for problem in getattr(error, "problems", [])
    ]
