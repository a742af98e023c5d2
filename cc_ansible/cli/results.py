"""Results of checks, as commands that check something show them and write them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cc_ansible.errors import UsageError

if TYPE_CHECKING:
    from cc_ansible.cli.app import App
    from cc_ansible.verify.result import Result

OUTPUT = click.option("--output", type=click.Choice(["text", "json", "junit"]), default="text")
JUNIT = click.option(
    "--junit",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write JUnit XML there too.",
)
WIDEST = 1000
"""Long names make long lines rather than being cut."""
DETAIL = 100


def show(app: App, results: Sequence[Result]) -> None:
    """Print the table, and every failure with its cause."""
    from rich.console import Console

    Console(highlight=False, width=WIDEST).print(_table(results))
    for result in results:
        if result.failed:
            app.say("\n".join([*_failure(result), ""]))


def counts(results: Sequence[Result]) -> str:
    """How many ended in which way."""
    from cc_ansible.verify.result import Status

    return ", ".join(
        f"{sum(result.status is status for result in results)} {status}" for status in Status
    )


def require_writable(file: Path) -> None:
    """Refuse a file that cannot be written, before minutes are spent on what it would hold.

    Raises:
        UsageError: it cannot.
    """
    if not file.parent.is_dir():
        raise _unwritable(file, f"there is no directory {file.parent}")
    if not os.access(file if file.exists() else file.parent, os.W_OK):
        raise _unwritable(file, "you may not write there")


def write(file: Path, xml: str) -> None:
    """Write JUnit XML.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        file.write_text(xml)
    except OSError as problem:
        raise _unwritable(file, problem.strerror or str(problem)) from None


def _unwritable(file: Path, why: str) -> UsageError:
    return UsageError(
        f"JUnit XML cannot be written to {file}.", detail=why, fix="Name another file with --junit."
    )


def _table(results: Sequence[Result]) -> Any:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from cc_ansible.runs.terminal import MARKS, duration

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("", "check", "took", "seen"):
        table.add_column(name, justify="right" if name == "took" else "left", no_wrap=True)
    for result in results:
        mark = MARKS["ok" if result.status == "passed" else result.status.value]
        took = duration(result.seconds) if result.seconds >= 0.05 else ""
        seen = Text(result.detail)
        seen.truncate(DETAIL, overflow="ellipsis")
        table.add_row(Text(*mark), Text(result.name), Text(took, style="dim"), seen)
    return table


def _failure(result: Result) -> list[str]:
    lines = [f"✗ {result.name}: {result.detail}"]
    lines += [f"    {result.cause}"] if result.cause else []
    lines += [f"    | {line}" for line in result.log]
    lines += [f"    fix: {result.fix}"] if result.fix else []
    lines += [f"    see {result.runbook}"] if result.runbook else []
    return lines
