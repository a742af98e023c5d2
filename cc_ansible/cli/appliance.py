"""cc-ansible appliance"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cc_ansible.cli import columns
from cc_ansible.cli.app import App

if TYPE_CHECKING:
    from cc_ansible.appliances.catalogue import Catalogue

OUTPUT = click.option("--output", type=click.Choice(["text", "json"]), default="text")
ARCH = click.option(
    "--arch",
    "arches",
    multiple=True,
    type=click.Choice(["x86_64", "aarch64"]),
    help="Only for this architecture.  [all of its definition]",
)
NAMES = click.argument("names", nargs=-1, metavar="[NAME]...")


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
    ctx.meta[__name__] = directory


def _catalogue(app: App) -> Catalogue:
    from cc_ansible.appliances import catalogue

    directory = click.get_current_context().meta.get(__name__)
    return catalogue.load(directory or app.site_path())


@appliance.command("list")
@OUTPUT
@click.pass_obj
def list_(app: App, output: str) -> None:
    """Show every appliance, and whether what was built of it is up to date."""
    from cc_ansible.appliances import looking
    from cc_ansible.appliances.store import Store

    rows = looking.rows(_catalogue(app), Store())
    if output == "json":
        app.emit_json([row.as_json() for row in rows])
        return
    head = ("NAME", "ARCH", "FROM", "BUILT", "TESTED", "STATE")
    columns.table(app, [head, *(row.cells() for row in rows)])


@appliance.command()
@click.argument("name")
@OUTPUT
@click.pass_obj
def show(app: App, name: str, output: str) -> None:
    """Show everything about one appliance: what goes into it, and what was built of it."""
    from cc_ansible.appliances import looking
    from cc_ansible.appliances.store import Store

    found = looking.details(_catalogue(app), Store(), name)
    if output == "json":
        app.emit_json([each.as_json() for each in found])
        return
    for each in found:
        for line in each.lines():
            app.say(line)


@appliance.command()
@NAMES
@ARCH
@click.option("--check", is_flag=True, help="Only say what would be built, and why.")
@click.option("--refresh", is_flag=True, help="Ask for newer packages of the distribution.")
@click.option("--force", is_flag=True, help="Build also what is up to date.")
@click.option("-j", "--jobs", type=click.IntRange(1), default=1, show_default=True,
              help="How many to build side by side.")  # fmt: skip
@OUTPUT
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
    found = _catalogue(app)
    plans = building.plans(found, asked)
    if check:
        found_json = [building.plan_json(each) for each in plans]
        app.emit_json(found_json) if output == "json" else app.say(building.plan_text(plans))
        return
    results = building.build(found, plans, asked, output)
    if output == "json":
        app.emit_json([each.as_json() for each in results])
    else:
        for each in results:
            for line in each.lines():
                app.say(line)
    building.require_success(results)
