"""A service outside of Doni, in a directory, that shows whether work is doubled or lost."""

from __future__ import annotations

import json
import os
import pathlib
import random
import time
import uuid
from collections.abc import Sequence
from typing import Any

from doni.workers.base import Item, Outcome, Success, Window, Worker


class Pretend(Worker):
    """Keeps one file for each item. Nothing stops it from making two: only looking first does."""

    def __init__(self, name: str, home: pathlib.Path, pause: float = 0.05) -> None:
        self.name = name
        self.home = home
        self.pause = pause
        (home / name).mkdir(exist_ok=True)
        (home / "at-work").mkdir(exist_ok=True)

    def process(
        self, item: Item, windows: Sequence[Window], state_details: dict[str, Any]
    ) -> Outcome:
        mark = self._begin(item)
        found = sorted((self.home / self.name).glob(f"{item.uuid}.*"))
        self._work()
        if item.deleted:
            assert not self._in_way(item), "order of retirement"
            for path in found:
                path.unlink(missing_ok=True)
            details = {"id": None}
        else:
            path = found[0] if found else self.home / self.name / f"{item.uuid}.{uuid.uuid4()}"
            self._work()
            path.write_text(item.name)
            details = {"id": path.name, "name": item.name}
        self._work()
        mark.unlink()
        return Success(details)

    def _work(self) -> None:
        time.sleep(random.uniform(0, self.pause))

    def _begin(self, item: Item) -> pathlib.Path:
        """Note that the item is worked on, and a violation if it is already."""
        mark = self.home / "at-work" / item.uuid
        while True:
            try:
                descriptor = os.open(mark, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
            except FileExistsError:
                if _alive(_read(mark)):
                    self.violation(f"{item.uuid} by {self.name} while by {_read(mark)}")
                mark.unlink(missing_ok=True)
                continue
            os.write(descriptor, str(os.getpid()).encode())
            os.close(descriptor)
            return mark

    def _in_way(self, item: Item) -> bool:
        """Whether a worker that comes first in retirement still has the item."""
        first = self.home / "blazar.physical_host"
        return self.name == "ironic" and any(first.glob(f"{item.uuid}.*"))

    def violation(self, text: str) -> None:
        with (self.home / "violations").open("a") as stream:
            stream.write(json.dumps(text) + "\n")


def _read(path: pathlib.Path) -> str:
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""


def _alive(pid: str) -> bool:
    try:
        state = pathlib.Path(f"/proc/{int(pid)}/stat").read_text().rpartition(")")[2].split()[0]
    except (ValueError, OSError):
        return False
    return state not in "ZX"
