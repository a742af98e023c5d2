"""cc-ansible status"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cc_ansible.cli.app import App

if TYPE_CHECKING:
    from cc_ansible.report.facts import Facts
    from cc_ansible.site.load import Site

EVERY = 10.0
"""Seconds between two looks of --watch."""


@click.command()
@click.option(
    "--watch",
    is_flag=False,
    flag_value=EVERY,
    type=click.FloatRange(1),
    metavar="[SECONDS]",
    help="Look again every 10 or so many seconds, until Ctrl-C.",
)
@click.option("--output", type=click.Choice(["text", "json"]), default="text")
@click.pass_obj
def status(app: App, watch: float | None, output: str) -> None:
    """Show on one screen how the site is; nothing is changed.

    What needs you comes first. What cannot be asked says why; the exit code is 0 all the same.
    """
    site = app.load_site()
    if watch is None:
        _show(app, _look(site), output)
    else:
        _watch(app, site, watch, output)


def _look(site: Site) -> Facts:
    from cc_ansible.report import gather

    return gather.look(site).facts


def _show(app: App, facts: Facts, output: str) -> None:
    from cc_ansible.report import data, screen

    if output == "json":
        app.emit_json(data.of(facts))
        return
    size = app.console.size if app.console.is_terminal else screen.PAPER
    for line in screen.lines(facts, *size):
        app.console.print(line, soft_wrap=True)


def _watch(app: App, site: Site, seconds: float, output: str) -> None:
    """Until Ctrl-C: on a terminal one screen that changes, else one look after the other."""
    import contextlib
    import json

    from cc_ansible.errors import Interrupted
    from cc_ansible.report import data

    with contextlib.suppress(KeyboardInterrupt, Interrupted):
        while True:
            facts = _look(site)
            if output == "json":
                click.echo(json.dumps(data.of(facts)))
            else:
                if app.console.is_terminal:
                    app.console.clear()
                _show(app, facts, output)
            _pause(seconds)


def _pause(seconds: float) -> None:
    import time

    time.sleep(seconds)
