"""What the commands of `cc-ansible appliance` have in common."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cc_ansible.errors import UsageError

if TYPE_CHECKING:
    from cc_ansible.appliances.building import Result
    from cc_ansible.appliances.catalogue import Catalogue
    from cc_ansible.cli.app import App
    from cc_ansible.site.load import Site

OUTPUT = click.option("--output", type=click.Choice(["text", "json"]), default="text")
ARCH = click.option(
    "--arch",
    "arches",
    multiple=True,
    type=click.Choice(["x86_64", "aarch64"]),
    help="Only for this architecture.  [all of its definition]",
)
NAMES = click.argument("names", nargs=-1, metavar="[NAME]...")


def remember(ctx: click.Context, directory: Path | None) -> None:
    """Keep what was given in place of a site config."""
    ctx.meta[__name__] = directory


def directory() -> Path | None:
    """What was given in place of a site config."""
    found: Path | None = click.get_current_context().meta.get(__name__)
    return found


def catalogue_of(app: App) -> Catalogue:
    """The appliances that the user means.

    Raises:
        SiteInvalid: there is no site config, or one of its definitions is wrong.
    """
    from cc_ansible.appliances import catalogue

    return catalogue.load(directory() or app.site_path())


def site_of(app: App) -> Site:
    """The site config that the user means; another directory has no Glance.

    Raises:
        UsageError: another directory was given.
        SiteInvalid: there is no site config, or it cannot be read.
    """
    if directory():
        raise UsageError(
            "A directory with definitions publishes nothing.", fix="Name a site config: -s DIR."
        )
    return app.load_site()


def tell_built(app: App, done: list[Result], output: str = "text") -> None:
    """Show what came of a build.

    Raises:
        RunFailed: an image could not be built.
    """
    from cc_ansible.appliances import building

    if output == "json":
        app.emit_json([each.as_json() for each in done])
    else:
        for each in done:
            for line in each.lines():
                app.say(line)
    building.require_success(done)
