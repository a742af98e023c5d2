"""A worker that only says what it was given, for tests and benchmarks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from doni.workers.base import Item, Outcome, Success, Window, Worker


class FakeWorker(Worker):
    """Agrees with everything."""

    def process(
        self, item: Item, windows: Sequence[Window], state_details: dict[str, Any]
    ) -> Outcome:
        return Success(
            {
                "fake-result": item.uuid,
                "fake-availability_windows": [window.uuid for window in windows],
            }
        )
