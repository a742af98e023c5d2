"""Shows a run while it goes on: a live block, plain lines, JSON lines, or nothing."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from cc_ansible.runs import terminal
from cc_ansible.runs.diagnose import brief
from cc_ansible.runs.events import Event, HostResult, Retry, TaskStart
from cc_ansible.runs.steps import Step, Steps
from cc_ansible.runs.tally import Section, Tally
from cc_ansible.runs.terminal import MARKS, duration

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text

__all__ = ["Progress", "Step", "Steps"]

WORDS = {"ok": "done", "failed": "failed", "interrupted": "interrupted", "error": "failed"}


class Progress:
    """Shows the events of one run on ``stream`` (standard output unless given).

    ``output`` is "text" or "json"; ``usual`` the number of tasks such a run had last time.
    A stream that breaks (closed pipe, lost terminal) never breaks the run.
    """

    def __init__(
        self,
        action: str,
        *,
        output: str = "text",
        quiet: bool = False,
        usual: int | None = None,
        stream: TextIO | None = None,
    ) -> None:
        self.action = action
        self.tally = Tally()
        self.usual = usual
        self._stream = stream or terminal.default_stream()
        self.mode = terminal.choose_mode(self._stream, output=output, quiet=quiet)
        self._began = time.monotonic()
        self._note = ""
        self._live: Live | None = None
        self._closed = False
        if self.mode != "json":
            self._console = terminal.console(self._stream, self.mode)
        if self.mode == "live":
            self._live = terminal.live(self._console, self._block)

    # --- what the run tells us ----------------------------------------------------------------

    def handle(self, event: Event) -> None:
        """Take in one event and show what is worth showing of it."""
        before = self.tally.section
        finished = self.tally.add(event)
        with self._writing():
            if self.mode == "json":
                self._line(json.dumps(event.raw, default=str))
                return
            self._start_live()
            if finished:
                self._section_end(finished)
            if self.tally.section and self.tally.section is not before:
                self._section_start(self.tally.section)
            self._one(event)

    def note(self, text: str) -> None:
        """Show a remark about the run itself (a lock taken over, a stop under way)."""
        with self._writing():
            if self.mode == "json":
                self._line(json.dumps({"event": "note", "time": time.time(), "text": text}))
            elif self.mode != "quiet":
                self._print(text, style="yellow")

    def close(self, outcome: str, journal: Path | None = None) -> None:
        """End the display: one summary line, where the time went, where the journal is."""
        if self._closed:
            return
        self._closed = True
        finished = self.tally.end_section()
        with self._writing():
            if self.mode == "json":
                self._line(json.dumps(self.summary(outcome, journal)))
                return
            if finished:
                self._section_end(finished)
            if self._live:
                self._live.stop()
            self._print_summary(outcome, journal)

    def summary(self, outcome: str, journal: Path | None) -> dict[str, object]:
        """Return the end of the run as data: times in seconds."""
        return {
            "event": "summary",
            "time": round(time.time(), 3),
            "action": self.action,
            "outcome": outcome,
            "duration": round(time.monotonic() - self._began, 3),
            "counts": self.tally.totals(),
            "slowest": [{"role": n, "seconds": round(s, 3)} for n, s in self.tally.slowest()],
            "journal": str(journal) if journal else None,
        }

    # --- what the operator sees ---------------------------------------------------------------

    def _one(self, event: Event) -> None:
        if isinstance(event, TaskStart):
            self._note = ""
        elif isinstance(event, Retry):
            self._note = f"  {event.host}: not yet, {event.retries_left} more tries"
        elif isinstance(event, HostResult):
            if event.failed and self.mode != "quiet":
                self._print(failure_line(event), style="red")
            elif event.msg is not None and event.status == "ok" and self.mode != "quiet":
                self._print(f"  {event.host}: {brief(event.msg)}")
            if event.diff and self.mode != "quiet":
                self._print_diff(event)

    def _section_start(self, section: Section) -> None:
        if self.mode == "plain":
            self._print(f"[{self._elapsed()}] {section.name}")

    def _section_end(self, section: Section) -> None:
        if self.mode == "quiet" or not section.worked:
            return
        took = duration(section.seconds)
        mark, style = MARKS["failed" if section.failed else "ok"]
        told = f"{section.changed} changed" if section.changed else "no change"
        told += f", {section.failed} failed" if section.failed else ""
        if self.mode == "plain":
            self._print(f"[{self._elapsed()}] {section.name} {mark} {told}, {took}")
        else:
            self._print(f"{mark} {section.name:<28} {told:<24} {took:>8}", style=style)

    def _block(self) -> Text:
        from rich.text import Text

        tally = self.tally
        number = f"task {tally.tasks}"
        if self.usual and self.usual >= tally.tasks:
            number += f" of ~{self.usual}"
        where = tally.section.name if tally.section else tally.play
        block = Text(no_wrap=True, overflow="ellipsis")
        block.append(f"{self._elapsed():>7}  {self.action}  ", style="bold")
        block.append(where, style="cyan")
        block.append(f"  {number}\n", style="dim")
        block.append(f"         {tally.task}{self._note}\n")
        counts = tally.counts
        block.append(f"         hosts {len(tally.busy)} busy, {len(tally.done)} done", style="dim")
        block.append(f"   ok {counts['ok']}  changed {counts['changed']}  ", style="dim")
        bad = len(tally.failures)
        block.append(f"failed {bad}", style="bold red" if bad else "dim")
        return block

    def _print_summary(self, outcome: str, journal: Path | None) -> None:
        counts, took = self.tally.counts, duration(time.monotonic() - self._began)
        line = f"{self.action} {WORDS.get(outcome, outcome)} in {took}"
        if self.tally.tasks:
            line += f": {counts['ok']} ok, {counts['changed']} changed"
            line += f", {len(self.tally.failures)} failed"
        mark, style = MARKS["ok" if outcome == "ok" else "failed"]
        self._print(f"{mark} {line}", style=style)
        if self.mode == "quiet":
            return
        if slowest := self.tally.slowest():
            spent = ", ".join(f"{name} {duration(seconds)}" for name, seconds in slowest)
            self._print(f"  where the time went: {spent}", style="dim")
        if journal:
            self._print(f"  journal: {journal}", style="dim")

    def _print_diff(self, event: HostResult) -> None:
        from cc_ansible.runs.diff import unified

        for line in unified(event.diff):
            style = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
            self._print(line, style=style)

    # --- writing ------------------------------------------------------------------------------

    def _elapsed(self) -> str:
        whole = int(time.monotonic() - self._began)
        return f"{whole // 60}:{whole % 60:02}"

    def _start_live(self) -> None:
        if self._live and not self._live.is_started and not self._closed:
            self._live.start()

    def _print(self, text: str, style: str = "") -> None:
        from rich.text import Text

        # As a styled text: a style given to print() would colour the live block as well.
        self._console.print(Text(text, style=style))

    def _line(self, text: str) -> None:
        self._stream.write(text + "\n")
        self._stream.flush()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        # The run goes on without an audience: hosts must not be left half-way for a closed pager.
        with contextlib.suppress(OSError, ValueError):
            yield


def failure_line(event: HostResult) -> str:
    """Return a failure in full: where, and every message it has."""
    name = f"{event.role} : {event.task}" if event.role else event.task
    lines = [f"✗ {event.host}: {name}"]
    lines += [f"    {line}" for line in brief(event).splitlines()]
    return "\n".join(lines)
