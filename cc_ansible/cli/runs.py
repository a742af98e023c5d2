"""cc-ansible runs, cc-ansible unlock"""

from __future__ import annotations

import click

from cc_ansible.cli.app import App

MOST = 30


@click.command()
@click.argument("run", required=False, metavar="[RUN]")
@click.option("--output", type=click.Choice(["text", "json"]), default="text")
@click.pass_obj
def runs(app: App, run: str | None, output: str) -> None:
    """Show the site's runs, newest first; name one (or a unique beginning) to see its events."""
    from cc_ansible.runs import journal, lock

    site = app.load_site()
    if run:
        record = journal.read(site.state_dir, run)
        if output == "json":
            app.emit_json({**record.to_json(), "events": list(record.events())})
        else:
            app.say(f"{record.id}  {record.outcome}  {record.path}")
        return
    records = journal.list_runs(site.state_dir)
    if output == "json":
        app.emit_json([record.to_json() for record in records])
        return
    for record in records[:MOST]:
        took = f"{record.duration:.0f} s" if record.duration is not None else "-"
        who = f"{record.owner.user}@{record.owner.host}"
        app.say(f"{record.id:<44} {record.outcome:<12} {took:>7}  {who}  {record.commit or ''}")
    if not records:
        app.say("Nothing ran on this site yet.")
    if held := lock.status(site.state_dir):
        app.say(f"now: {held.describe()}")


@click.command()
@click.option("--force", is_flag=True, help="Even when its owner is alive or on another machine.")
@click.pass_obj
def unlock(app: App, force: bool) -> None:
    """Remove the lock of a run that is gone."""
    from cc_ansible.runs import lock

    removed = lock.break_lock(app.load_site().state_dir, force=force)
    app.say(f"Removed the lock of {removed.describe()}" if removed else "There is no lock.")
