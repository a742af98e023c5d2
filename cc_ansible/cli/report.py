"""cc-ansible report"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cc_ansible.cli.app import App

if TYPE_CHECKING:
    import datetime

FILE = "report.html"


@click.command()
@click.option(
    "--output",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where to write the page.  [report.html in the site's state directory]",
)
@click.option(
    "--month",
    type=click.DateTime(["%Y-%m"]),
    metavar="YYYY-MM",
    help="Month of the hardware calendar.  [this one]",
)
@click.option("--open", "opened", is_flag=True, help="Show it in a browser.")
@click.pass_obj
def report(app: App, file: Path | None, month: datetime.datetime | None, opened: bool) -> None:
    """Write a web page about the whole site: how it is built, how it is, what ran.

    It is one file that loads nothing from elsewhere and holds no secret. What cannot be asked
    says why.
    """
    from cc_ansible.report import gather, months, page
    from cc_ansible.runs.files import private_dir

    asked = (month.year, month.month) if month else None
    if asked:
        months.require(*asked)
    site = app.load_site()
    target = file or private_dir(site.state_dir) / FILE
    page.write(page.make(gather.look(site), asked), target)
    app.say(f"Report: {target}")
    if opened:
        click.launch(str(target.absolute()))
