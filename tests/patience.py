"""Waiting for what a cloud does in its own time."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(
    question: Callable[[], object], what: str, *, seconds: float = 300, patient: bool = False
) -> None:
    """Ask until it holds; a ``patient`` one takes a service that is down as a no."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if question():
                return
        except Exception:
            if not patient:
                raise
        assert time.monotonic() < deadline, f"not {what} after {seconds} s"
        time.sleep(3)
