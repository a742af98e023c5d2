"""The threads of a worker process, and which claims they have."""

from __future__ import annotations

import queue
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor

from oslo_config import cfg

from doni import metrics
from doni.db.claims import Claim
from doni.db.tasks import Result
from doni.engine import runner
from doni.workers.base import Worker

GATHER = 0.02
"""Seconds for which further results are waited for, to record them in one transaction."""


class Crew:
    """Does claimed tasks. All methods but ``wake`` are for one thread, which records results."""

    def __init__(self, conf: cfg.ConfigOpts, workers: Mapping[str, Worker]) -> None:
        self._conf = conf
        self._workers = workers
        self._pool = ThreadPoolExecutor(conf.worker.task_concurrency, thread_name_prefix="task")
        self._ended = queue.SimpleQueue[Result | None]()
        self._futures: dict[int, Future[None]] = {}
        self.claims: dict[int, Claim] = {}
        """By id of the task: those whose result is not recorded yet."""

    def start(self, claim: Claim) -> None:
        """Have a thread do the task as soon as one is free."""
        self.claims[claim.task_id] = claim
        self._futures[claim.task_id] = self._pool.submit(self._work, claim)

    def _work(self, claim: Claim) -> None:
        begin = time.monotonic()
        result = runner.run(claim, self._workers[claim.worker_type], self._conf)
        metrics.TASK_SECONDS.labels(claim.worker_type).observe(time.monotonic() - begin)
        metrics.TASKS_DONE.labels(claim.worker_type, result.state.value).inc()
        self._ended.put(result)

    def wake(self) -> None:
        """Have ``wait`` return; may be called by a signal handler."""
        self._ended.put(None)

    def wait(self, until: float) -> list[Result]:
        """Results of tasks that end by then (monotonic seconds); the first cuts the wait short."""
        found: list[Result] = []
        while True:
            try:
                result = self._ended.get(timeout=max(until - time.monotonic(), 0))
            except queue.Empty:
                return found
            if result is None:
                return found
            if not found:
                until = min(until, time.monotonic() + GATHER)
            found.append(result)

    def forget(self, task_id: int) -> None:
        """Its result is recorded."""
        self.claims.pop(task_id, None)
        self._futures.pop(task_id, None)

    def cancel(self) -> list[int]:
        """Keep tasks from starting that have not; returns their ids."""
        cancelled = [task_id for task_id, future in self._futures.items() if future.cancel()]
        for task_id in cancelled:
            self.forget(task_id)
        self._pool.shutdown(wait=False)
        return cancelled
