"""The loop of a worker process: claim, have it done, record, and renew what is claimed.

Only the thread of the loop talks to the database.
"""

from __future__ import annotations

import logging
import os
import random
import time
import uuid
from collections.abc import Callable, Mapping

from oslo_config import cfg
from oslo_db import exception as db_exc

from doni.db import claims, session, tasks, upkeep
from doni.db.tasks import Result
from doni.engine import backoff, outcomes
from doni.engine.crew import Crew
from doni.hardware import types
from doni.workers.base import Worker

LOG = logging.getLogger(__name__)

OUTAGE_PAUSE = 1.0
"""Most seconds between two tries to reach the database."""


class Service:
    """One worker process."""

    def __init__(self, conf: cfg.ConfigOpts, workers: Mapping[str, Worker]) -> None:
        """``workers`` are those that run here, by type."""
        self._options = conf.worker
        self._conf = conf
        self._types = set(workers)
        self._enabled = self._types | set(conf.enabled_worker_types)
        self.name = f"{conf.host}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._crew = Crew(conf, workers)
        self._stopping = False
        self._unsaved: list[Result] = []
        self._ended: list[float] = []
        self._renewal: float = conf.worker.claim_timeout / 4
        self._next_claim = self._next_renewal = self._awake = self._calm = time.monotonic()

    def stop(self) -> None:
        """Have ``run`` end soon; may be called by a signal handler or another thread."""
        self._stopping = True
        self._crew.wake()

    def run(self) -> bool:
        """Work until ``stop``. Returns whether all threads have ended their work."""
        LOG.info("Worker process %s runs %s", self.name, ", ".join(sorted(self._types)))
        while not self._stopping and not self._guarded(self._backfill):
            pass
        while not self._stopping:
            self._guarded(self._cycle)
        return self._drain()

    def _backfill(self) -> None:
        kinds = types.configured(self._conf.enabled_hardware_types, self._enabled)
        if number := upkeep.backfill(kinds.values()):
            LOG.info("%d tasks made for workers that were enabled later than hardware", number)

    def _guarded(self, step: Callable[[], object]) -> bool:
        """Do a step; returns whether the database answered. If not, waits a moment."""
        try:
            step()
        except session.ERRORS as error:
            LOG.warning("The database does not answer: %s", error)
            # The others could not renew their claims either: they get time to, see _keep.
            self._calm = time.monotonic()
            time.sleep(min(OUTAGE_PAUSE, self._renewal))
            return False
        return True

    def _cycle(self) -> None:
        self._save()
        self._keep()
        self._claim()
        self._unsaved += self._crew.wait(min(self._next_claim, self._next_renewal))

    def _save(self) -> None:
        """Record the results there are."""
        results, late = self._unsaved, 0
        if not results:
            return
        try:
            late = len(results) - tasks.finish(self.name, results)
        except db_exc.DBDataError:
            for result in results:
                self._save_one(result)
        if late:
            LOG.warning("%d results came too late: the claims had been lost", late)
        now = time.monotonic()
        for result in results:
            self._crew.forget(result.task_id)
        self._ended += [now] * len(results)
        # There is room again, and what has ended may have been in the way of something.
        self._unsaved, self._next_claim = [], now

    def _save_one(self, result: Result) -> None:
        try:
            tasks.finish(self.name, [result])
        except db_exc.DBDataError as error:
            LOG.error("The result of task %d cannot be stored: %s", result.task_id, error)
            claim = self._crew.claims[result.task_id]
            tasks.finish(self.name, [outcomes.failed(claim, outcomes.UNSTORABLE, self._conf)])

    def _keep(self) -> None:
        """In time, renew the claims of this process and release those of processes that died."""
        now = time.monotonic()
        if now - self._awake > 2 * self._renewal:
            self._calm = now  # This process slept; the others may have as well.
        self._awake = now
        if now < self._next_renewal:
            return
        held = self._crew.claims
        lost = len(held) - tasks.renew(self.name, held, self._options.claim_timeout)
        if lost:
            LOG.warning("%d claims are lost: they were not renewed in time", lost)
        if now - self._calm > 1.5 * self._renewal:
            released = tasks.release_expired(self._delay_after_death)
            if released:
                LOG.warning("Took %d tasks from processes that are gone", released)
                self._next_claim = now
        self._next_renewal = now + self._renewal

    def _delay_after_death(self, attempts: int) -> float:
        if not attempts:
            return 0.0
        return backoff.delay(attempts - 1, self._options.retry_delay, self._options.error_delay_max)

    def _claim(self) -> None:
        """Claim what the threads will do within a second or so; others may do the rest."""
        now = time.monotonic()
        self._ended = [moment for moment in self._ended if now - moment < 1]
        wanted = self._options.task_concurrency + len(self._ended)
        room = min(wanted, self._options.task_pool_size) - len(self._crew.claims)
        pause = self._options.process_pending_task_interval
        # The faster tasks end, the more of them are claimed in one go.
        if room <= len(self._ended) // 4:
            self._next_claim = now + pause
        if now < self._next_claim:
            return
        busy = {claim.item.uuid for claim in self._crew.claims.values()}
        found, more = claims.claim(
            self.name, self._types, self._enabled, room, self._options.claim_timeout, busy
        )
        for claim in found:
            self._crew.start(claim)
        if more and not found:
            # Another process was choosing among the same ones.
            pause = min(pause, random.uniform(0.01, 0.05))
        self._next_claim = now + pause

    def _drain(self) -> bool:
        deadline = time.monotonic() + self._options.graceful_shutdown_timeout
        idle = self._crew.cancel()
        LOG.info("Ending: %d tasks given back, %d at work", len(idle), len(self._crew.claims))
        self._guarded(lambda: tasks.release(self.name, idle))
        while self._crew.claims and time.monotonic() < deadline:
            if self._guarded(self._save) and self._guarded(self._keep) and self._crew.claims:
                self._unsaved += self._crew.wait(min(deadline, self._next_renewal))
        self._guarded(self._save)
        # The process ends now, the claims after it: no one else must begin before.
        held = self._crew.claims
        self._guarded(lambda: tasks.renew(self.name, held, 1))
        return not held
