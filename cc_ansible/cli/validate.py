"""cc-ansible validate"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cc_ansible.cli import findings
from cc_ansible.cli.app import App
from cc_ansible.errors import SiteInvalid

if TYPE_CHECKING:
    from pathlib import Path

    from cc_ansible.cli.findings import Seen
    from cc_ansible.online.report import Report


@click.command("validate")
@click.option("--hosts", is_flag=True, help="Look at the real hosts, registry and BMCs too.")
@click.option("--output", type=click.Choice(["text", "json"]), default="text")
@click.option("--strict", is_flag=True, help="Let warnings fail too.")
@click.pass_obj
def validate(app: App, hosts: bool, output: str, strict: bool) -> None:
    """Check the whole site config; nothing is touched.

    No host is asked, unless --hosts is given. Then every host is looked at as it is now, and
    what the site needs beside its hosts; nothing is changed there either.

    Exit code 3 when something is wrong.
    """
    from cc_ansible.kolla import validity

    path = app.site_path()
    found = findings.of_site(validity.find(path))
    if hosts:
        _with_hosts(app, path, found, output=output, strict=strict)
    else:
        findings.conclude(app, path, found, output=output, strict=strict)


def _with_hosts(app: App, path: Path, found: list[Seen], *, output: str, strict: bool) -> None:
    from cc_ansible.cli import hosttable
    from cc_ansible.cli.findings import Seen

    text = output == "text"
    if text:
        findings.show(app, path, found)
    report = _look(app, path, found, quiet=not text)
    seen = [Seen(each.finding, each.host) for each in report.findings] if report else []
    every = [*found, *seen]
    if text:
        if report:
            hosttable.show(app, report)
        findings.show(app, path, seen)
        findings.verdict(app, path, every)
    else:
        app.emit_json({**findings.as_json(path, every), **hosttable.as_json(report)})
    findings.leave(every, strict=strict)


def _look(app: App, path: Path, found: list[Seen], *, quiet: bool) -> Report | None:
    """Look at the hosts; None when errors in the site config do not even let us begin."""
    from cc_ansible.kolla import known
    from cc_ansible.online.look import look
    from cc_ansible.runs.steps import Steps
    from cc_ansible.site.subject import Subject
    from cc_ansible.site.survey import Survey

    try:
        with Steps(quiet=quiet) as steps:
            return look(app.load_site(), Subject(Survey(path), known), steps)
    except SiteInvalid as problem:
        if not findings.errors(found):
            raise
        if not quiet:
            app.say(f"The hosts were not looked at: {problem.summary}")
            app.say()
        return None
