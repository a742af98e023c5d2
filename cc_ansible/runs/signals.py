"""Asking a run to stop: Ctrl-C, SIGTERM, and the end of the terminal all mean the same."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import NoReturn

from cc_ansible.errors import Interrupted

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def handled(handler: Callable[[], None]) -> Iterator[None]:
    """Call ``handler`` for each request to stop while the block runs.

    Only the main thread can receive signals; in any other one this does nothing. A SIGHUP that is
    ignored (nohup) stays so.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def on_signal(number: int, frame: FrameType | None) -> None:
        handler()

    before = {number: signal.getsignal(number) for number in STOPPING}
    if before[signal.SIGHUP] == signal.SIG_IGN:
        del before[signal.SIGHUP]
    try:
        for number in before:
            signal.signal(number, on_signal)
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, signal.SIG_DFL if old is None else old)


@contextlib.contextmanager
def stoppable(told: str) -> Iterator[None]:
    """Let every request to stop end the block.

    :raises Interrupted: one came; ``told`` is what is said of it.
    """
    try:
        with handled(interrupt):
            yield
    except KeyboardInterrupt:
        raise Interrupted(told) from None


def interrupt() -> NoReturn:
    """Raise KeyboardInterrupt: the handler to use outside of a child command."""
    raise KeyboardInterrupt
