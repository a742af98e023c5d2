"""The list of leases that tasks share: when it is asked for anew, and what it knows."""

from __future__ import annotations

import datetime
import threading
import time
from typing import Any

from doing import UUID
from doni.workers.blazar import listing
from doni.workers.blazar.listing import Leases


class Slow:
    """A client that counts, and takes its time."""

    def __init__(self, leases: list[dict[str, Any]], seconds: float = 0) -> None:
        self.leases = leases
        self.seconds = seconds
        self.count = 0

    def get(self, path: str) -> Any:
        self.count += 1
        found = list(self.leases)
        time.sleep(self.seconds)
        return {"leases": found}


def body(ident: str, start: str = "2026-11-20T18:00:00.000000", **more: Any) -> dict[str, Any]:
    return {
        "id": ident,
        "name": ident,
        "start_date": start,
        "end_date": "2099-01-01T00:00:00.000000",
        "reservations": [{"resource_properties": f'["==","$uid","{UUID}"]'}],
        **more,
    }


def ids(found: list[listing.Lease]) -> list[str]:
    return [lease.id for lease in found]


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def test_a_list_serves_for_some_time() -> None:
    client = Slow([body("b"), body("a", "2026-11-19T18:00:00.000000")])
    leases = Leases(client, age=0.2)  # type: ignore[arg-type]
    assert ids(leases.asking_for(UUID)) == ["a", "b"]
    assert leases.asking_for("other") == []
    assert client.count == 1
    time.sleep(0.25)
    leases.asking_for(UUID)
    assert client.count == 2


def test_a_list_that_is_older_than_the_last_change_does_not_do() -> None:
    client = Slow([])
    leases = Leases(client, age=100)  # type: ignore[arg-type]
    leases.asking_for(UUID, after=now() - datetime.timedelta(minutes=1))
    leases.asking_for(UUID, after=now() - datetime.timedelta(minutes=1))
    assert client.count == 1
    leases.asking_for(UUID, after=now())
    assert client.count == 2


def test_threads_that_ask_together_ask_once() -> None:
    client = Slow([body("a")], seconds=0.2)
    leases = Leases(client, age=0)  # type: ignore[arg-type]
    found: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: found.append(ids(leases.asking_for(UUID))))
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [["a"]] * 20
    # Those that asked while the first list was on its way get the second.
    assert client.count <= 2


def test_what_is_written_while_a_list_is_on_its_way_is_not_lost() -> None:
    client = Slow([body("old")])
    leases = Leases(client, age=0)  # type: ignore[arg-type]
    leases.asking_for(UUID)
    client.seconds = 0.3
    thread = threading.Thread(target=leases.asking_for, args=(UUID,))
    thread.start()
    time.sleep(0.1)
    leases.put(listing.lease(body("new")))
    leases.drop("old")
    thread.join()
    client.seconds, leases._age = 0, 100
    assert ids(leases.asking_for(UUID)) == ["new"]


def test_what_is_moved_keeps_whom_it_is_for() -> None:
    leases = Leases(Slow([body("a")]), age=100)  # type: ignore[arg-type]
    (lease,) = leases.asking_for(UUID)
    later = lease.start + datetime.timedelta(days=1)
    leases.move(lease, later, lease.end)
    assert leases.asking_for(UUID)[0].start == later


def test_a_list_that_takes_long_serves_longer() -> None:
    client = Slow([], seconds=0.2)
    leases = Leases(client, age=0)  # type: ignore[arg-type]
    leases.asking_for(UUID)
    leases.asking_for(UUID)
    assert client.count == 1
