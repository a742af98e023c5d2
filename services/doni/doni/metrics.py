"""Metrics for Prometheus, of the process and of the work that the database holds."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from doni.db import session, upkeep

LOG = logging.getLogger(__name__)

REGISTRY = CollectorRegistry()
"""What this process serves."""

TASKS_DONE = Counter(
    "doni_worker_task_outcomes",
    "Tasks that workers of this process ended, by type of worker and state they ended in.",
    ["worker_type", "state"],
    registry=REGISTRY,
)

TASK_SECONDS = Histogram(
    "doni_worker_task_seconds",
    "Time that workers of this process took for one task.",
    ["worker_type"],
    buckets=(0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300),
    registry=REGISTRY,
)


class DatabaseCollector(Collector):
    """Counts what the database holds at the moment of the scrape."""

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """None: registering it must not need a database."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Tasks by state and type of worker, the longest wait for a worker, items by type."""
        up = GaugeMetricFamily("doni_database_up", "Whether the database answered.")
        try:
            found = upkeep.counts()
        except session.ERRORS:
            LOG.warning("Cannot count the tasks: the database does not answer")
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        tasks = GaugeMetricFamily(
            "doni_worker_tasks",
            "Tasks by type of worker and state.",
            labels=["worker_type", "state"],
        )
        for labels, number in found.tasks.items():
            tasks.add_metric(labels, number)
        yield tasks
        oldest = GaugeMetricFamily(
            "doni_worker_task_oldest_due_seconds",
            "How long the oldest task that could be worked on has waited for a worker.",
            labels=["worker_type"],
        )
        for worker_type in sorted({worker_type for worker_type, _ in found.tasks}):
            oldest.add_metric([worker_type], found.oldest.get(worker_type, 0))
        yield oldest
        hardware = GaugeMetricFamily(
            "doni_hardware", "Items that are enrolled, by type.", labels=["hardware_type"]
        )
        for hardware_type, number in found.hardware.items():
            hardware.add_metric([hardware_type], number)
        yield hardware


REGISTRY.register(DatabaseCollector())
