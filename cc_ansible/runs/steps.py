"""Progress of work that is not Ansible: one line per step."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from cc_ansible.runs import terminal
from cc_ansible.runs.terminal import MARKS, duration

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text


PLAIN_INTERVAL = 10.0
"""Seconds between two updates of a step where each is a line of its own."""


class Step:
    """One step under way; handed out by :meth:`Steps.step`."""

    def __init__(self, steps: Steps, title: str) -> None:
        self.title = title
        self.text = ""
        self.skipped = ""
        self.started = time.monotonic()
        self.shown = self.started
        self._steps = steps

    def update(self, text: str) -> None:
        """Show what the step is at."""
        self.text = text
        self._steps.updated(self)

    def skip(self, reason: str) -> None:
        """Say that there was nothing to do; leave the block after it."""
        self.skipped = reason

    @property
    def seconds(self) -> float:
        """Seconds since the step began."""
        return time.monotonic() - self.started


class Steps:
    """Shows steps: a live line each, then a permanent one with its outcome and its time.

    Steps may run side by side in threads and within one another. Use it as a context manager, or
    call ``close``.
    """

    def __init__(
        self, *, output: str = "text", quiet: bool = False, stream: TextIO | None = None
    ) -> None:
        self._stream = stream or terminal.default_stream()
        self.mode = terminal.choose_mode(self._stream, output=output, quiet=quiet)
        self._running: list[Step] = []
        self._lock = threading.RLock()
        self._live: Live | None = None
        if self.mode != "json":
            self._console = terminal.console(self._stream, self.mode)
        if self.mode == "live":
            self._live = terminal.live(self._console, self._block)

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """Run a block as a step: done, skipped by ``Step.skip``, or failed by an exception."""
        step = Step(self, title)
        self._begin(step)
        try:
            yield step
        except BaseException:
            self._end(step, "failed")
            raise
        self._end(step, "skipped" if step.skipped else "ok")

    def updated(self, step: Step) -> None:
        """Show a step's new text (the live line does so by itself)."""
        if self.mode == "json":
            self._record(step, "update", text=step.text)
        elif self.mode == "plain" and time.monotonic() - step.shown >= PLAIN_INTERVAL:
            step.shown = time.monotonic()
            self._print(f"  {step.title}: {step.text}")

    def close(self) -> None:
        """Take down the live lines."""
        with self._lock, self._writing():
            if self._live and self._live.is_started:
                self._live.stop()

    def __enter__(self) -> Steps:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _begin(self, step: Step) -> None:
        with self._lock, self._writing():
            self._running.append(step)
            if self._live and not self._live.is_started:
                self._live.start()
            if self.mode == "json":
                self._record(step, "start")
            elif self.mode == "plain":
                self._print(f"… {step.title}")

    def _end(self, step: Step, outcome: str) -> None:
        with self._lock, self._writing():
            self._running.remove(step)
            if self.mode == "json":
                self._record(step, outcome, seconds=round(step.seconds, 3), reason=step.skipped)
            elif self.mode != "quiet" or outcome == "failed":
                mark, style = MARKS[outcome]
                told = step.skipped if outcome == "skipped" else duration(step.seconds)
                self._print(f"{mark} {step.title:<44} {told}", style)
            if self._live and not self._running:
                self._live.stop()

    def _block(self) -> Text:
        from rich.text import Text

        block = Text(no_wrap=True, overflow="ellipsis")
        for number, step in enumerate(list(self._running)):
            block.append("\n" if number else "")
            block.append(f"… {step.title:<44} {duration(step.seconds)}", style="cyan")
            block.append(f"  {step.text}", style="dim")
        return block

    def _print(self, text: str, style: str = "") -> None:
        from rich.text import Text

        with self._writing():
            self._console.print(Text(text, style=style))

    def _record(self, step: Step, state: str, **fields: object) -> None:
        record = {"event": "step", "time": round(time.time(), 3), "step": step.title}
        with self._writing():
            self._stream.write(json.dumps({**record, "state": state, **fields}) + "\n")
            self._stream.flush()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        with contextlib.suppress(OSError, ValueError):
            yield
