"""cc-ansible hardware"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cc_ansible.cli import columns
from cc_ansible.cli.app import App
from cc_ansible.errors import Exit

if TYPE_CHECKING:
    from cc_ansible.hardware.work import Result

OUTPUT = click.option("--output", type=click.Choice(["text", "json"]), default="text")
YES = click.option("--yes", is_flag=True, help="Do not ask.")


def _complete(ctx: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """Names of the site's items, for the shell; none when the site cannot be read."""
    import contextlib

    from cc_ansible.errors import CcError
    from cc_ansible.hardware import completing

    app = ctx.find_object(App) or App(ctx.find_root().params.get("site"))
    with contextlib.suppress(CcError):
        return completing.names(app.site_path(), begun)
    return []


NAMES = click.argument("names", metavar="[NAME]...", nargs=-1, shell_complete=_complete)
NAME = click.argument("name", metavar="NAME", shell_complete=_complete)


@click.group()
def hardware() -> None:
    """Lend hardware to the testbed, as hardware/*.yml in the site config says."""


@hardware.command()
@NAMES
@click.option("--exit-code", is_flag=True, help="Exit code 6 when there is something to do.")
@click.option("-v", "--verbose", is_flag=True, help="Show each blackout and value.")
@OUTPUT
@click.pass_obj
def plan(app: App, names: tuple[str, ...], exit_code: bool, verbose: bool, output: str) -> None:
    """Show what `apply` would do; nothing is changed."""
    from cc_ansible.hardware import sight, view, windows

    found = sight.of(app.load_site(), names or None).plan(windows.this_minute())
    if output == "json":
        app.emit_json(view.plan_json(found))
    else:
        for line in view.plan_lines(found, detailed=verbose or bool(names)):
            app.say(line)
        app.say(view.summary(found))
    if exit_code and found.pending:
        raise click.exceptions.Exit(Exit.CHANGES_PENDING)


@hardware.command()
@NAMES
@YES
@click.option("--no-wait", is_flag=True, help="Do not wait until the testbed has it.")
@click.option("--wait", "seconds", type=click.FloatRange(0), help="Seconds to wait.  [300]")
@click.option("--secrets", is_flag=True, help="Write passwords again, also unchanged ones.")
@click.option("--again", is_flag=True, help="Have Doni try again what failed or was put off.")
@OUTPUT
@click.pass_obj
def apply(
    app: App,
    names: tuple[str, ...],
    yes: bool,
    no_wait: bool,
    seconds: float | None,
    secrets: bool,
    again: bool,
    output: str,
) -> None:
    """Enrol and change hardware and its windows until all is as declared.

    What is no longer declared is only named; `retire` removes it.
    """
    from cc_ansible.hardware import flow, settle, sight

    waited = 0.0 if no_wait else settle.WAIT_SECONDS if seconds is None else seconds
    options = flow.Options(output=output, yes=yes, wait=waited, secrets=secrets, again=again)

    def confirm(question: str) -> bool:
        return click.confirm(question, err=output == "json")

    result = flow.apply(sight.of(app.load_site(), names or None), options, app.say, confirm)
    conclude(app, result, output)


@hardware.command()
@click.option("--metrics", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Write metrics for Prometheus' textfile collector.")  # fmt: skip
@OUTPUT
@click.pass_obj
def roll(app: App, metrics: Path | None, output: str) -> None:
    """Move windows on with time; what a timer runs every hour or day.

    Only windows are written, and the end of a maintenance that is over. Asks nothing; says
    nothing when there is nothing to do.
    """
    from cc_ansible.hardware import rolling

    conclude(app, rolling.roll(app.load_site(), metrics, output), output)


@hardware.command("list")
@click.option("--all", "everyones", is_flag=True, help="Also what other projects enrolled.")
@OUTPUT
@click.pass_obj
def list_(app: App, everyones: bool, output: str) -> None:
    """Show every item: how it is, and whether it is lent now."""
    from cc_ansible.hardware import looking, windows

    now = windows.this_minute()
    seen = looking.rows(app.load_site(), now, everyones=everyones)
    _note(seen.silence)
    if output == "json":
        app.emit_json([row.as_json(now) for row in seen.rows])
        return
    head = ("NAME", "TYPE", "STATE", "NODE", "CALENDAR", "LENT", "MAINTENANCE")
    cells = [
        (row.name, row.kind, row.state, row.node.shown if row.node else "-",
         row.calendar or "-", row.when(now), row.maintenance)
        for row in seen.rows
    ]  # fmt: skip
    columns.table(app, [head, *cells])


def _note(silence: str) -> None:
    if silence:
        click.echo(f"note: nothing is known of nodes: {silence}", err=True)


@hardware.command()
@NAME
@OUTPUT
@click.pass_obj
def show(app: App, name: str, output: str) -> None:
    """Show everything about one item, its leases included."""
    from cc_ansible.hardware import looking, windows

    now = windows.this_minute()
    found, silence = looking.detail(app.load_site(), name, now)
    _note(silence)
    if output == "json":
        app.emit_json(found.as_json(now))
        return
    for line in found.lines(now):
        app.say(line)


@hardware.command()
@click.argument("name", required=False, shell_complete=_complete)
@click.option("--month", metavar="YYYY-MM", help="Which month.  [this one]")
@click.option("--output", type=click.Choice(["text", "json", "ics"]), default="text")
@click.pass_obj
def calendar(app: App, name: str | None, month: str | None, output: str) -> None:
    """Show when a calendar, or the item NAME, is lent; without NAME all calendars.

    With --output ics it is a file that calendar programs import.
    """
    from cc_ansible.hardware import looking, showing, windows

    about, now = looking.subject(app.load_site()), windows.this_minute()
    if output == "ics":
        click.echo(showing.ics(about, name, now), nl=False)
        return
    months = showing.months(about, name, month, now)
    if output == "json":
        app.emit_json([each.as_json() for each in months])
        return
    for each in months:
        app.console.print(each)


@hardware.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--to", metavar="NAME", type=click.Path(path_type=Path), help="File in hardware/.")
@click.option("--redfish", is_flag=True, help="FILE lists BMCs: ask them what machines they have.")
@click.option("--username", default="root", show_default=True, help="User of these BMCs.")
@click.option("--password", "secret", default="bmc_password", show_default=True, metavar="NAME",
              help="Name of their password among the site's passwords.")  # fmt: skip
@click.option("--insecure", is_flag=True, help="Do not check certificates of BMCs.")
@OUTPUT
@click.pass_obj
def import_(
    app: App,
    file: Path,
    to: Path | None,
    redfish: bool,
    username: str,
    secret: str,
    insecure: bool,
    output: str,
) -> None:
    """Make a file in hardware/ out of FILE, never over an existing one.

    FILE is a JSON array as doniclient has it, a CSV table, or with --redfish a list of addresses
    (10.30.1.1, 10.30.1.1-40, 10.30.1.0/26). Passwords go to the site's passwords.
    """
    from cc_ansible.hardware.importing import run
    from cc_ansible.runs.steps import Steps

    site = app.load_site()
    if redfish:
        with Steps(quiet=output == "json") as steps, steps.step("Ask BMCs") as step:
            done = run.ask(site, file, to, (username, secret, not insecure), step.update)
    else:
        done = run.read(site, file, to)
    if output == "json":
        app.emit_json(done.as_json())
        return
    for line in done.lines():
        app.say(line)


@hardware.command()
@NAMES
@click.option("--with-secrets", is_flag=True, help="With passwords, in plain text.")
@click.option("--output", type=click.Choice(["json"]), default="json")
@click.pass_obj
def export(app: App, names: tuple[str, ...], with_secrets: bool, output: str) -> None:
    """Print what is declared for `openstack hardware import`; passwords are left out."""
    from cc_ansible.hardware import export as exporting
    from cc_ansible.hardware import sight

    declared = sight.of(app.load_site(), names or None).declared
    app.emit_json([exporting.entry(item, with_secrets=with_secrets) for item in declared])


@hardware.command()
@NAME
@click.option("--force", is_flag=True, help="End the leases of users that hold it.")
@click.option("--reason", default="", help="Why; it is kept in the journal.")
@YES
@OUTPUT
@click.pass_obj
def retire(app: App, name: str, force: bool, reason: str, yes: bool, output: str) -> None:
    """Take an item out of the testbed.

    From now on nobody can reserve it. When no lease holds it, it is removed; while one does, run
    the command again later (exit code 6). --force ends these leases.
    """
    from cc_ansible.hardware import retire as retiring

    seen, wanted = retiring.look(app.load_site(), name)
    retiring.check(wanted, force=force, reason=reason)
    if output == "text":
        for line in retiring.before(wanted, force=force):
            app.say(line)
    if wanted.enrolled and not yes:
        click.confirm(retiring.question(wanted, force=force), abort=True, err=output == "json")
    removed = retiring.carry_out(seen, wanted, force=force, reason=reason, output=output)
    if output == "json":
        app.emit_json(wanted.as_json(removed=removed))
    else:
        app.say(retiring.after(wanted, removed=removed))
    if not removed:
        raise click.exceptions.Exit(Exit.CHANGES_PENDING)


@hardware.command()
@NAME
@click.option("--for", "length", metavar="TIME", help="How long: 90m, 4h, 2d, 1w, 1d 12h.")
@click.option("--reason", default="", help="Why; other admins see it.")
@click.option("--end", is_flag=True, help="End a maintenance now.")
@click.option("--no-wait", is_flag=True, help="Do not wait until the testbed has it.")
@YES
@OUTPUT
@click.pass_obj
def maintain(
    app: App,
    name: str,
    length: str | None,
    reason: str,
    end: bool,
    no_wait: bool,
    yes: bool,
    output: str,
) -> None:
    """Take an item out of service from now on, for some time.

    Nobody can reserve it meanwhile. It is in service again with the first `apply` or `roll` after
    that time, or with --end.
    """
    from cc_ansible.hardware import maintain as maintaining
    from cc_ansible.hardware import settle

    if end == bool(length):
        raise click.UsageError("give either --for TIME with --reason TEXT, or --end")
    site = app.load_site()
    prepared = maintaining.end(site, name) if end else maintaining.begin(
        site, name, str(length), reason
    )  # fmt: skip
    if output == "text":
        for line in prepared.lines():
            app.say(line)
    if prepared.item.hits and not yes:
        click.confirm("Do it?", abort=True, err=output == "json")
    wait = 0.0 if no_wait else settle.WAIT_SECONDS
    conclude(app, maintaining.carry_out(prepared, output, wait), output)


def conclude(app: App, result: Result, output: str) -> None:
    """Show what came of it; exit code 5 when an item is not as declared."""
    from cc_ansible.hardware import view, work

    if output == "json":
        app.emit_json(view.result_json(result))
    else:
        for line in view.result_lines(result):
            app.say(line)
    work.require_success(result)
