"""How `validate --hosts` shows what it found: a table of hosts, then how many of the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cc_ansible.online.report import OF_HOSTS, Report, Tally

if TYPE_CHECKING:
    from rich.table import Table

    from cc_ansible.cli.app import App

MARKS = {
    "ok": ("✓", "green"),
    "warning": ("!", "bold yellow"),
    "error": ("✗", "bold red"),
    "none": ("\N{EN DASH}", "dim"),
}
WIDEST = 1000
"""Long names make long lines rather than being cut."""


def show(app: App, report: Report) -> None:
    """Print the table and the numbers below it."""
    from rich.console import Console

    Console(highlight=False, width=WIDEST).print(_table(report))
    for tally in report.tallies:
        app.say(f"  {_line(tally)}")
    app.say()


def as_json(report: Report | None) -> dict[str, Any]:
    """The same as plain data, without the findings; ``hosts`` is None when nobody was asked."""
    if report is None:
        return {"hosts": None, "counts": {}}
    return {
        "hosts": {
            name: {check.value: status for check, status in row.items()}
            for name, row in report.hosts.items()
        },
        "counts": {
            tally.noun: {"good": tally.good, "asked": tally.asked, "total": tally.total}
            for tally in report.tallies
        },
    }


def _table(report: Report) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("host", no_wrap=True)
    for check in OF_HOSTS:
        table.add_column(check.value, justify="center", no_wrap=True)
    for name, row in report.hosts.items():
        table.add_row(name, *(Text(*MARKS[row[check]]) for check in OF_HOSTS))
    return table


def _line(tally: Tally) -> str:
    verb, missed = (
        ("can be had", "not looked up") if tally.noun == "images" else ("answer", "not asked")
    )
    unasked = tally.total - tally.asked
    if unasked == tally.total:
        return f"{tally.total} {tally.noun} {missed}"
    line = f"{tally.good} of {tally.total} {tally.noun} {verb}"
    return f"{line}, {unasked} {missed}" if unasked else line
