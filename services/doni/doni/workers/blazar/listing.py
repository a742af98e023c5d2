"""The leases of Blazar. It can only tell all of them at once, so that tasks share the list."""

from __future__ import annotations

import datetime
import re
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

from doni.workers.blazar import spans, times
from doni.workers.client import Client

UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

CLOCKS = datetime.timedelta(seconds=5)
"""How much the clocks of two hosts may differ."""

OLDEST = 30.0
"""Seconds after which a list does not do, however long it took to get.

Less than other processes wait before they take over the task of one that died: its last lease
must be in their lists.
"""


@dataclass(frozen=True)
class Lease:
    """What matters of a lease. ``asks_for`` are the uuids that its reservations mention."""

    id: str
    name: str
    start: datetime.datetime
    end: datetime.datetime
    status: str | None = None
    project_id: str | None = None
    asks_for: frozenset[str] = frozenset()


def lease(body: dict[str, Any]) -> Lease:
    """A lease from what Blazar says of it."""
    return Lease(
        id=str(body["id"]),
        name=body["name"],
        start=times.parsed(body["start_date"]),
        end=times.parsed(body["end_date"]),
        status=body.get("status"),
        project_id=body.get("project_id"),
        asks_for=frozenset(UUID.findall(str(body.get("reservations") or []))),
    )


class Leases:
    """All leases, as of at most ``age`` seconds ago. Threads share it.

    The list is that of the last request, plus what this process wrote since.
    """

    def __init__(self, client: Client, age: float) -> None:
        self._client = client
        self._age = age
        self._lock = threading.Lock()
        self._fetching = threading.Lock()
        self._all: dict[str, Lease] = {}
        self._asking: dict[str, set[str]] = {}
        self._asked_at = -float("inf")
        self._asked_on = datetime.datetime.min.replace(tzinfo=datetime.UTC)
        self._took = 0.0
        self._written: dict[str, tuple[float, Lease | None]] = {}

    def asking_for(self, uuid: str, after: datetime.datetime | None = None) -> list[Lease]:
        """The leases that mention an item, by start.

        ``after`` is when somebody last changed them: an older list does not do.

        Raises:
            WorkerError: Blazar does not tell.
        """
        self._refresh(after)
        with self._lock:
            found = [self._all[key] for key in self._asking.get(uuid, ()) if key in self._all]
        return sorted(found, key=lambda lease: (lease.start, lease.id))

    def get(self, lease_id: str) -> Lease:
        """One lease; Blazar is asked if the list does not have it.

        Raises:
            WorkerError: Blazar does not tell.
        """
        with self._lock:
            known = self._all.get(lease_id)
        return known or lease(self._client.get(f"/leases/{lease_id}")["lease"])

    def is_ours(self, lease: Lease) -> bool:
        """Whether it is one of Doni's. Users can name theirs as they like.

        Raises:
            WorkerError: Keystone cannot be reached.
        """
        if not lease.name.startswith(spans.PREFIX):
            return False
        mine = self._client.project_id()
        return mine is None or lease.project_id is None or lease.project_id == mine

    def put(self, changed: Lease) -> None:
        """This process has written a lease."""
        with self._lock:
            self._written[changed.id] = (time.monotonic(), changed)
            self._add(changed)

    def move(self, old: Lease, start: datetime.datetime, end: datetime.datetime) -> None:
        """This process has moved a lease."""
        self.put(replace(old, start=start, end=end))

    def drop(self, lease_id: str) -> None:
        """This process has deleted a lease."""
        with self._lock:
            self._written[lease_id] = (time.monotonic(), None)
            self._all.pop(lease_id, None)

    def _fresh(self, after: datetime.datetime | None, since: float) -> bool:
        """Whether the list does; one that was asked for after ``since`` always does."""
        if self._asked_at >= since:
            return True
        if after is not None and self._asked_on <= after + CLOCKS:
            return False
        # A list that takes long is worth more: Blazar has other things to do.
        age = max(self._age, min(2 * self._took, OLDEST))
        return time.monotonic() - self._asked_at <= age

    def _refresh(self, after: datetime.datetime | None) -> None:
        now = time.monotonic()
        with self._lock:
            if self._fresh(after, now):
                return
        with self._fetching:
            with self._lock:
                if self._fresh(after, now):
                    return
            asked_at, asked_on = time.monotonic(), datetime.datetime.now(datetime.UTC)
            found = self._client.get("/leases")["leases"]
            with self._lock:
                self._replace([lease(body) for body in found], asked_at)
                self._asked_at, self._asked_on = asked_at, asked_on
                self._took = time.monotonic() - asked_at

    def _replace(self, found: list[Lease], asked_at: float) -> None:
        self._all = {}
        self._asking = defaultdict(set)
        for entry in found:
            self._add(entry)
        # Blazar may have made the list before it did what this process asked for meanwhile.
        self._written = {key: entry for key, entry in self._written.items() if entry[0] >= asked_at}
        for key, (_, written) in self._written.items():
            if written is None:
                self._all.pop(key, None)
            else:
                self._add(written)

    def _add(self, entry: Lease) -> None:
        self._all[entry.id] = entry
        for uuid in entry.asks_for:
            self._asking.setdefault(uuid, set()).add(entry.id)
