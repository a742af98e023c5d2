"""A whole worker process, but within this one."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import stored
from doni.db import hardware
from doni.engine.service import Service
from doni.workers.base import Defer, Item, Success, Window, Worker, WorkerError
from oslo_config import cfg

BLAZAR = "blazar.physical_host"


class Told(Worker):
    """Does what a test says, and notes what it was given."""

    def __init__(self, act: Callable[[Item], Any] | None = None) -> None:
        self.act = act or (lambda item: Success({"name": item.name}))
        self.seen: list[Item] = []
        self.windows: list[int] = []

    def process(self, item: Item, windows: Any, state_details: dict[str, Any]) -> Any:
        self.seen.append(item)
        self.windows.append(sum(isinstance(window, Window) for window in windows))
        return self.act(item)


def until(condition: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


@contextlib.contextmanager
def running(conf: cfg.ConfigOpts, *services: Service) -> Iterator[None]:
    threads = [threading.Thread(target=service.run) for service in services]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for service in services:
            service.stop()
        for thread in threads:
            thread.join(20)
            assert not thread.is_alive()


def state(uuid: str, worker: str = "fake-worker") -> str:
    return stored.task(uuid, worker).state


def test_items_become_steady(schema: cfg.ConfigOpts) -> None:
    uuids = [stored.item() for _ in range(30)]
    worker = Told()
    with running(schema, Service(schema, {"fake-worker": worker})):
        until(lambda: all(state(uuid) == "STEADY" for uuid in uuids))
    assert sorted(item.uuid for item in worker.seen) == sorted(uuids)
    assert stored.task(uuids[0]).state_details == {"name": uuids[0]}


def test_two_processes_share_the_work(schema: cfg.ConfigOpts) -> None:
    uuids = [stored.item() for _ in range(40)]
    workers = [Told(lambda item: time.sleep(0.02) or Success()) for _ in range(2)]
    services = [Service(schema, {"fake-worker": worker}) for worker in workers]
    with running(schema, *services):
        until(lambda: all(state(uuid) == "STEADY" for uuid in uuids))
    seen = [item.uuid for worker in workers for item in worker.seen]
    assert sorted(seen) == sorted(uuids)
    assert all(worker.seen for worker in workers)


def test_change_during_the_work_is_done_afterwards(schema: cfg.ConfigOpts) -> None:
    uuid = stored.item(name="before")
    begun, changed = threading.Event(), threading.Event()

    def act(item: Item) -> Success:
        begun.set()
        assert changed.wait(10)
        return Success({"name": item.name})

    worker = Told(act)
    with running(schema, Service(schema, {"fake-worker": worker})):
        assert begun.wait(10)
        windows = hardware.WindowChanges()
        hardware.change(uuid, lambda row: hardware.Change({"name": "after"}, windows, []))
        assert state(uuid) == "IN_PROGRESS"
        changed.set()
        until(lambda: state(uuid) == "STEADY")
    assert [item.name for item in worker.seen] == ["before", "after"]
    assert stored.task(uuid).state_details == {"name": "after"}


def test_defer_and_healing_error_come_back_by_themselves(schema: cfg.ConfigOpts) -> None:
    schema.set_override("retry_delay", 0.5, group="worker")
    uuid = stored.item()
    answers = [Defer("wait", {"id": 1}), WorkerError("no"), KeyError("x"), Success({"done": 1})]
    seen = []

    def act(item: Item) -> Any:
        seen.append(stored.task(uuid).state_details)
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with running(schema, Service(schema, {"fake-worker": Told(act)})):
        until(lambda: state(uuid) == "STEADY")
    deferred = {"id": 1, "defer_count": 1, "defer_reason": "wait"}
    assert seen == [
        {},
        deferred,
        {**deferred, "last_error": "no"},
        {**deferred, "last_error": "Unhandled error"},
    ]
    assert stored.task(uuid).state_details == {"id": 1, "done": 1}
    assert stored.task(uuid).attempts == 0


def test_error_that_does_not_heal_waits_for_a_sync(schema: cfg.ConfigOpts) -> None:
    schema.set_override("retry_delay", 0, group="worker")
    uuid = stored.item()

    def act(item: Item) -> Success:
        raise WorkerError("no", heals=False)

    worker = Told(act)
    with running(schema, Service(schema, {"fake-worker": worker})):
        until(lambda: state(uuid) == "ERROR")
        time.sleep(0.3)
        assert len(worker.seen) == 1
        hardware.sync(uuid)
        until(lambda: len(worker.seen) == 2)


def test_order_of_enrolment_and_of_retirement(schema: cfg.ConfigOpts) -> None:
    order: list[tuple[str, bool]] = []
    tries = []

    def ironic(item: Item) -> Success:
        order.append(("ironic", item.deleted))
        return Success()

    def blazar(item: Item) -> Any:
        order.append(("blazar", item.deleted))
        if item.deleted:
            tries.append(1)
            if len(tries) < 3:
                return Defer("leases")
        return Success()

    schema.set_override("retry_delay", 0.3, group="worker")
    uuid = stored.item("baremetal", BLAZAR, "ironic")
    with running(schema, Service(schema, {"ironic": Told(ironic), BLAZAR: Told(blazar)})):
        until(lambda: set(stored.states(uuid).values()) == {"STEADY"})
        assert order == [("ironic", False), ("blazar", False)]
        order.clear()
        hardware.retire(uuid)
        until(lambda: set(stored.states(uuid).values()) == {"STEADY"})
    assert order == [("blazar", True)] * 3 + [("ironic", True)]


def test_missing_tasks_are_made_at_the_start(schema: cfg.ConfigOpts) -> None:
    schema.set_override("enabled_hardware_types", ["baremetal"])
    uuid = stored.item("baremetal", "ironic")
    with running(schema, Service(schema, {"ironic": Told(), BLAZAR: Told()})):
        until(lambda: list(stored.states(uuid).values()) == ["STEADY", "STEADY"])


def test_claims_of_a_dead_process_are_taken_over(schema: cfg.ConfigOpts) -> None:
    schema.set_override("claim_timeout", 2, group="worker")
    uuid = stored.item()
    stored.alter(uuid, state="IN_PROGRESS", claimed_by="dead", claimed_until=stored.PAST)
    with running(schema, Service(schema, {"fake-worker": Told()})):
        until(lambda: state(uuid) == "STEADY")


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
def test_long_work_keeps_its_claim(schema: cfg.ConfigOpts) -> None:
    schema.set_override("claim_timeout", 2, group="worker")
    uuid = stored.item()
    slow = Told(lambda item: time.sleep(3.2) or Success())
    other = Told()
    services = [Service(schema, {"fake-worker": slow})]
    with running(schema, *services):
        until(lambda: slow.seen)
        with running(schema, Service(schema, {"fake-worker": other})):
            until(lambda: state(uuid) == "STEADY")
    assert (len(slow.seen), len(other.seen)) == (1, 0)
    assert stored.task(uuid).attempts == 0


def test_end_gives_back_what_has_not_begun(schema: cfg.ConfigOpts) -> None:
    schema.set_override("task_concurrency", 1, group="worker")
    uuids = [stored.item() for _ in range(3)]
    go = threading.Event()
    worker = Told(lambda item: go.wait(10) and Success())
    service = Service(schema, {"fake-worker": worker})
    # Claims what it would do in a second, were its threads as quick as this says.
    service._ended = [time.monotonic() + 100] * 10
    thread = threading.Thread(target=service.run)
    thread.start()
    until(lambda: worker.seen and all(state(uuid) == "IN_PROGRESS" for uuid in uuids))
    service.stop()
    until(lambda: sum(state(uuid) == "PENDING" for uuid in uuids) == 2)
    go.set()
    thread.join(10)
    assert sorted(map(state, uuids)) == ["PENDING", "PENDING", "STEADY"]


def test_end_does_not_wait_for_ever(schema: cfg.ConfigOpts) -> None:
    schema.set_override("graceful_shutdown_timeout", 0.3, group="worker")
    uuid = stored.item()
    go = threading.Event()
    worker = Told(lambda item: go.wait(20) and Success())
    service = Service(schema, {"fake-worker": worker})
    ended: list[bool] = []
    thread = threading.Thread(target=lambda: ended.append(service.run()))
    thread.start()
    until(lambda: worker.seen)
    service.stop()
    thread.join(5)
    assert ended == [False]
    # Nobody else begins before this process is gone, but soon after.
    task = stored.task(uuid)
    assert task.state == "IN_PROGRESS"
    go.set()


def test_result_after_a_lost_claim_is_dropped(schema: cfg.ConfigOpts) -> None:
    uuid = stored.item()
    go = threading.Event()
    worker = Told(lambda item: go.wait(10) and Success({"mine": True}))
    with running(schema, Service(schema, {"fake-worker": worker})):
        until(lambda: worker.seen)
        stored.alter(uuid, state="STEADY", claimed_by=None)
        go.set()
        time.sleep(0.3)
    assert stored.task(uuid).state_details == {}
