"""cc-ansible appliance"""

from __future__ import annotations

from pathlib import Path

import click

from cc_ansible.cli import appliances as shared
from cc_ansible.cli import columns
from cc_ansible.cli.app import App
from cc_ansible.cli.bootimages import pipeline, test
from cc_ansible.cli.publish import prune, publish


@click.group()
@click.option(
    "-d",
    "--directory",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where images/*.yml is, in place of a site config.",
)
@click.pass_context
def appliance(ctx: click.Context, directory: Path | None) -> None:
    """Disk images from code: build, test and publish what images/*.yml says."""
    shared.remember(ctx, directory)


@appliance.command("list")
@shared.OUTPUT
@click.pass_obj
def list_(app: App, output: str) -> None:
    """Show every appliance, and whether what was built of it is up to date."""
    from cc_ansible.appliances import looking
    from cc_ansible.appliances.store import Store

    rows = looking.rows(shared.catalogue_of(app), Store())
    if output == "json":
        app.emit_json([row.as_json() for row in rows])
        return
    head = ("NAME", "ARCH", "FROM", "BUILT", "TESTED", "STATE")
    columns.table(app, [head, *(row.cells() for row in rows)])


@appliance.command()
@click.argument("name")
@shared.OUTPUT
@click.pass_obj
def show(app: App, name: str, output: str) -> None:
    """Show everything about one appliance: what goes into it, and what was built of it."""
    from cc_ansible.appliances import looking
    from cc_ansible.appliances.store import Store

    found = looking.details(shared.catalogue_of(app), Store(), name)
    if output == "json":
        app.emit_json([each.as_json() for each in found])
        return
    for each in found:
        for line in each.lines():
            app.say(line)


@appliance.command()
@shared.NAMES
@shared.ARCH
@click.option("--check", is_flag=True, help="Only say what would be built, and why.")
@click.option("--refresh", is_flag=True, help="Ask for newer packages of the distribution.")
@click.option("--force", is_flag=True, help="Build also what is up to date.")
@click.option("-j", "--jobs", type=click.IntRange(1), default=1, show_default=True,
              help="How many to build side by side.")  # fmt: skip
@shared.OUTPUT
@click.pass_obj
def build(
    app: App,
    names: tuple[str, ...],
    arches: tuple[str, ...],
    check: bool,
    refresh: bool,
    force: bool,
    jobs: int,
    output: str,
) -> None:
    """Build appliances, all when none is named; only what changed, and what follows from it.

    Beside each image are its list of packages, bill of materials, provenance and checksums.
    """
    from cc_ansible.appliances import building

    asked = building.Asked(names, arches, refresh=refresh, force=force, jobs=jobs)
    found = shared.catalogue_of(app)
    plans = building.plans(found, asked)
    if check:
        found_json = [building.plan_json(each) for each in plans]
        app.emit_json(found_json) if output == "json" else app.say(building.plan_text(plans))
        return
    shared.tell_built(app, building.build(found, plans, asked, output), output)


@appliance.command()
@click.argument("name")
@click.argument(
    "target", required=False, type=click.Path(file_okay=False, path_type=Path), metavar="[DIR]"
)
@click.pass_obj
def new(app: App, name: str, target: Path | None) -> None:
    """Start an appliance of your own: a definition, an element, a pipeline.

    In directory DIR, called NAME when not given; in a site config only what goes into images/.
    """
    from cc_ansible.appliances import new as making

    place = target or Path(name)
    whole = not (place / "defaults.yml").exists()
    for path in making.create(name, place, whole=whole):
        app.say(str(path))
    where = f"-s {place}" if not whole else ""
    directory = f"-d {place} " if whole else ""
    command = f"cc-ansible {where} appliance {directory}".replace("  ", " ")
    app.say(f"Build and test it: {command}build {name}, {command}test {name}".replace("  ", " "))


for command in (test, pipeline, publish, prune):
    appliance.add_command(command)
