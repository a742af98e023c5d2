"""Items, and runs of a worker whose outcome is kept as the engine does."""

from __future__ import annotations

import datetime
import uuid as uuids
from typing import Any

from doni.workers.base import Defer, Item, Outcome, Success, Window, Worker, WorkerError

UUID = "0b2e7a2c-6c41-4a0e-9f5e-0f6f2f7c1a11"
MAC = "52:54:00:12:34:56"

BAREMETAL: dict[str, Any] = {
    "management_address": "10.30.1.1",
    "cpu_arch": "x86_64",
    "interfaces": [{"name": "eno1", "mac_address": MAC}],
    "baremetal_driver": "ipmi",
    "baremetal_resource_class": "baremetal",
    "ipmi_username": "root",
    "ipmi_password": "calvin-the-1st",
}


def item(deleted: bool = False, name: str = "node1", uuid: str = UUID, **changes: Any) -> Item:
    """A node; a property that is None is not there."""
    properties = {
        key: value for key, value in {**BAREMETAL, **changes}.items() if value is not None
    }
    return Item(uuid, name, "p1", "baremetal", properties, deleted)


def window(start: float, end: float, uuid: str | None = None) -> Window:
    """A window from and to so many hours from now."""
    now = datetime.datetime.now(datetime.UTC).replace(second=17, microsecond=3)
    return Window(
        uuid or str(uuids.uuid4()),
        now + datetime.timedelta(hours=start),
        now + datetime.timedelta(hours=end),
    )


class Task:
    """Runs a worker time and again; ``details`` are what the database would hold."""

    def __init__(self, worker: Worker, details: dict[str, Any] | None = None) -> None:
        self.worker = worker
        self.details = details or {}

    def run(self, item: Item, *windows: Window) -> Outcome | WorkerError:
        """What came of it."""
        outcome: Outcome | WorkerError
        try:
            outcome = self.worker.process(item, windows, dict(self.details))
        except WorkerError as error:
            outcome = error
        self.details.update(outcome.payload)
        if not isinstance(outcome, Success):
            for key, value in outcome.payload.items():
                if value is None:
                    self.details.pop(key, None)
        return outcome

    def succeeds(self, item: Item, *windows: Window) -> Success:
        """Run it; it must succeed."""
        outcome = self.run(item, *windows)
        assert isinstance(outcome, Success), outcome
        return outcome

    def defers(self, item: Item, *windows: Window) -> str:
        """Run it; the reason why it is deferred."""
        outcome = self.run(item, *windows)
        assert isinstance(outcome, Defer), outcome
        return outcome.reason

    def fails(self, item: Item, *windows: Window) -> str:
        """Run it; what went wrong."""
        outcome = self.run(item, *windows)
        assert isinstance(outcome, WorkerError), outcome
        return str(outcome)
