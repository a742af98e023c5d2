"""What Prometheus is told of the database."""

from __future__ import annotations

import pytest
import stored
from doni import metrics
from doni.db import session
from oslo_config import cfg
from prometheus_client import CollectorRegistry, generate_latest


def _told() -> list[str]:
    registry = CollectorRegistry()
    registry.register(metrics.DatabaseCollector())
    return generate_latest(registry).decode().splitlines()


def test_tasks_and_items(schema: cfg.ConfigOpts) -> None:
    stored.item("baremetal", "ironic", "blazar.physical_host")
    uuid = stored.item("baremetal", "ironic")
    stored.alter(uuid, "ironic", state="ERROR")
    told = _told()
    for line in (
        "doni_database_up 1.0",
        'doni_worker_tasks{state="PENDING",worker_type="ironic"} 1.0',
        'doni_worker_tasks{state="ERROR",worker_type="ironic"} 1.0',
        'doni_hardware{hardware_type="baremetal"} 2.0',
    ):
        assert line in told
    waits = [line for line in told if line.startswith("doni_worker_task_oldest_due_seconds{")]
    assert len(waits) == 2


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_database_without_tables(conf: cfg.ConfigOpts) -> None:
    assert "doni_database_up 0.0" in _told()
    assert session.engine() is not None
