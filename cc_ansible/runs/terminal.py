"""Where progress is written to, and how times are spelled."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, TextIO

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

Mode = Literal["live", "plain", "quiet", "json"]

MARKS = {"ok": ("✓", "green"), "skipped": ("\N{EN DASH}", "dim"), "failed": ("✗", "bold red")}


def choose_mode(stream: TextIO, *, output: str = "text", quiet: bool = False) -> Mode:
    """Return how to show progress on this stream.

    JSON when asked for, else nothing with ``quiet``, else a live block on a terminal (not in CI,
    where a terminal may be claimed but nobody watches) and plain lines anywhere else.
    """
    if output == "json":
        return "json"
    if quiet:
        return "quiet"
    watched = stream.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"
    return "live" if watched else "plain"


def console(stream: TextIO, mode: Mode) -> Console:
    """Return a rich console; in plain lines nothing is wrapped or coloured."""
    from rich.console import Console

    class Steady(Console):
        def on_broken_pipe(self) -> None:
            # Rich would end the program, and with it the run, because a pager was closed.
            self.quiet = True

    if mode == "live":
        return Steady(file=stream, highlight=False, emoji=False)
    return Steady(
        file=stream,
        highlight=False,
        emoji=False,
        color_system=None,
        force_terminal=False,
        width=10_000,
        soft_wrap=True,
    )


def live(target: Console, render: Callable[[], Text]) -> Live:
    """Return a block at the foot of the terminal, redrawn 8 times a second, gone at the end."""
    from rich.live import Live

    return Live(console=target, get_renderable=render, refresh_per_second=8, transient=True)


def duration(seconds: float) -> str:
    """Spell a time span: ``0.4 s``, ``12 s``, ``3:07``, ``1:02:09``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, secs = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{secs:02}" if hours else f"{minutes}:{secs:02}"


def default_stream() -> TextIO:
    """Return standard output as it is now (tests replace it), able to take any character."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    return sys.stdout
