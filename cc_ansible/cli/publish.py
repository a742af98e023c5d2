"""cc-ansible appliance publish and prune"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cc_ansible.cli import appliances as shared
from cc_ansible.cli.app import App

if TYPE_CHECKING:
    from cc_ansible.appliances.publishing import Entry
    from cc_ansible.site.load import Site

AGENT = "chi-agent-ramdisk"


@click.command()
@shared.NAMES
@shared.ARCH
@click.option("--dry-run", is_flag=True, help="Only say what would change, here and in Glance.")
@click.option("--untested", is_flag=True, help="Also what did not pass its tests.")
@shared.OUTPUT
@click.pass_obj
def publish(
    app: App,
    names: tuple[str, ...],
    arches: tuple[str, ...],
    dry_run: bool,
    untested: bool,
    output: str,
) -> None:
    """Give the site what was built and passed its tests, all when none is named.

    Writes globals.d/published.yml in the site config, and has post-deploy upload what is new
    there. An image keeps its name; the one before it is renamed and hidden, and servers that run
    it keep running.
    """
    from cc_ansible.appliances import publishing
    from cc_ansible.appliances.store import Store

    site = shared.site_of(app)
    before = publishing.published(site)
    added = publishing.chosen(
        site, shared.catalogue_of(app), Store(), names, arches, untested=untested
    )
    after = publishing.together(before, added)
    _publish(app, site, before, after, _Wish(dry_run, output, " ".join(["publish", *names])))
    if any(each["name"].startswith(AGENT) for each in added) and not dry_run:
        app.say("Have Ironic deploy with it: cc-ansible reconfigure --tags ironic")


@click.command()
@click.option("--keep", type=click.IntRange(0), default=1, show_default=True,
              help="How many older images of each name stay.")  # fmt: skip
@click.option("--local", is_flag=True, help="Only what was built here, not what is in Glance.")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@shared.OUTPUT
@click.pass_obj
def prune(app: App, keep: int, local: bool, dry_run: bool, yes: bool, output: str) -> None:
    """Remove images that newer ones replaced, and those of appliances that are no more.

    In Glance, an image that a server runs always stays. With --local, what was built on this
    machine and is neither the latest nor published by the site.
    """
    from cc_ansible.appliances import publishing

    if local:
        _prune_local(app, keep, _Wish(dry_run, output, "prune --local"), yes=yes)
        return
    site = shared.site_of(app)
    before = publishing.published(site)
    gone = publishing.orphans(site, shared.catalogue_of(app))
    after = [each for each in before if each not in gone]
    words = ["-e", json.dumps({"cc_prune": True, "cloud_images_keep": keep})]
    wish = _Wish(dry_run, output, "prune")
    if not dry_run and not yes:
        _publish(app, site, before, after, replace(wish, dry_run=True), words)
        click.confirm("Remove them?", abort=True, err=output == "json")
    _publish(app, site, before, after, wish, words)


@dataclass(frozen=True)
class _Wish:
    """Whether anything is done, how it is told, and which command of `appliance` asks for it."""

    dry_run: bool
    output: str
    command: str


def _publish(
    app: App,
    site: Site,
    before: list[Entry],
    after: list[Entry],
    wish: _Wish,
    words: Sequence[str] = (),
) -> None:
    """Write down what is published, and have post-deploy make it so."""
    from cc_ansible.appliances import publishing
    from cc_ansible.kolla import imageids, run

    changes = publishing.changes(before, after)
    if wish.output == "json":
        app.emit_json([each.as_json() for each in changes])
    else:
        for each in changes:
            app.say(each.text)
    arguments = ["--tags", "images", *words]
    if wish.dry_run:
        arguments += ["--check", "-e", json.dumps({imageids.PUBLISHED: after})]
    elif before != after:
        publishing.write(site, after)
        site = app.load_site()
        app.say(f"Written to {site.path / publishing.FILE}.")
    again = f"cc-ansible -s {site.path} appliance {wish.command}"
    run.action(site, "post-deploy", arguments, again=again, quiet=wish.output == "json")


def _prune_local(app: App, keep: int, wish: _Wish, *, yes: bool) -> None:
    from cc_ansible.appliances import leaving, publishing
    from cc_ansible.appliances.store import Store

    store = Store()
    titles = {each.title for each in shared.catalogue_of(app).definitions}
    own = shared.directory()
    published = [] if own else publishing.published(app.load_site())
    needed = {Path(str(each["file"])) for each in published}
    gone = leaving.chosen(store, titles, needed, keep)
    if wish.output == "json":
        app.emit_json([each.as_json() for each in gone])
    else:
        for each in gone:
            app.say(each.text)
        app.say(leaving.summary(gone))
    if gone and not wish.dry_run:
        if not yes:
            click.confirm("Remove them?", abort=True, err=wish.output == "json")
        leaving.remove(store, gone)
