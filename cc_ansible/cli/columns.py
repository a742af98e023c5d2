"""Rows as columns, as wide as what is in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cc_ansible.cli.app import App


def table(app: App, rows: Sequence[Sequence[str]]) -> None:
    """Print rows of the same length, the first of them the head."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        app.say("  ".join(cells).rstrip())
