"""How long Doni's API takes to list 1,000 items, and how long the obvious way takes.

python -m tests.bench.doni_list

The obvious way: an object for each row, its tasks fetched when they are looked at, each value
marshalled by a schema of fields. Both answer the same request in the same app on the same database.
"""

from __future__ import annotations

import datetime
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from typing import Any

from doni.api.app import create_app
from doni.conf import opts
from doni.db import models, session
from doni.hardware import types
from doni.hardware.fields import MASK, Field
from flask import Flask, Response
from oslo_config import cfg
from sqlalchemy import insert, select

ITEMS = 1000
RUNS = 7
WORKERS = ("ironic", "blazar.physical_host")
HEADERS = {
    "X-Identity-Status": "Confirmed",
    "X-Project-Id": "p1",
    "X-Roles": "member",
}


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        conf = _configured(f"sqlite:///{home}/doni.sqlite")
        _fill()
        app = create_app(conf, auth=False)
        app.add_url_rule("/obvious", "obvious", _obvious)
        ours, plain = _seconds(app, "/v1/hardware"), _seconds(app, "/obvious")
        session.reset()
    print(
        f"{f'list of {ITEMS} items':<28} {ours:8.3f} s  {ours / plain:5.2f} x the obvious way "
        f"({plain:.3f} s)",
        flush=True,
    )


def _configured(url: str) -> cfg.ConfigOpts:
    conf = cfg.ConfigOpts()
    opts.register(conf)
    conf([], project="doni", default_config_files=[])
    conf.set_override("connection", url, group="database")
    conf.set_override("enabled_worker_types", list(WORKERS))
    session.configure(conf)
    models.Base.metadata.create_all(session.engine())
    return conf


def _fill() -> None:
    uuids = [f"00000000-0000-4000-8000-{number:012}" for number in range(ITEMS)]
    items = [
        {
            "uuid": uuid,
            "project_id": "p1",
            "hardware_type": "baremetal",
            "name": f"node-{number:04}",
            "properties": _properties(number),
        }
        for number, uuid in enumerate(uuids)
    ]
    tasks = [
        {"hardware_uuid": uuid, "worker_type": worker, "state": "STEADY", "state_details": details}
        for uuid in uuids
        for worker, details in (
            ("ironic", {"created_at": "2026-01-01T00:00:00+00:00"}),
            ("blazar.physical_host", {"blazar_resource_id": uuid}),
        )
    ]
    with session.writer() as db:
        db.execute(insert(models.Hardware), items)
        db.execute(insert(models.WorkerTask), tasks)


def _properties(number: int) -> dict[str, Any]:
    return {
        "management_address": f"10.31.{number // 250}.{number % 250 + 1}",
        "interfaces": [
            {"name": f"eno{port}", "mac_address": "02:00:00:00:00:01", "switch_id": "tor1"}
            for port in range(2)
        ],
        "cpu_arch": "x86_64",
        "baremetal_driver": "ipmi",
        "baremetal_resource_class": "baremetal",
        "ipmi_username": "root",
        "ipmi_password": f"password-of-{number}",
        "ipmi_terminal_port": 40000 + number,
        "node_type": "compute_skylake",
        "su_factor": 1.0,
    }


def _seconds(app: Flask, path: str) -> float:
    client = app.test_client()

    def once() -> float:
        start = time.monotonic()
        reply = client.get(path, headers=HEADERS)
        taken = time.monotonic() - start
        assert len(json.loads(reply.data)["hardware"]) == ITEMS, reply.data[:500]
        return taken

    once()
    return statistics.median(once() for _ in range(RUNS))


def _obvious() -> Response:
    with session.reader() as db:
        rows = db.scalars(
            select(models.Hardware).where(
                models.Hardware.deleted == 0, models.Hardware.project_id == "p1"
            )
        ).all()
        found = [_marshalled(_Item(db, row)) for row in rows]
    return Response(json.dumps({"hardware": found, "links": []}), mimetype="application/json")


class _Item:
    """A row, with its tasks when they are asked for."""

    def __init__(self, db: Any, row: models.Hardware) -> None:
        self.db = db
        self.row = row

    @property
    def workers(self) -> list[models.WorkerTask]:
        query = select(models.WorkerTask).where(models.WorkerTask.hardware_uuid == self.row.uuid)
        return list(self.db.scalars(query))


def _time(value: datetime.datetime | None) -> str | None:
    return value.replace(tzinfo=datetime.UTC).isoformat() if value else None


def _same(value: Any) -> Any:
    return value


ITEM_FIELDS: dict[str, Callable[[Any], Any]] = {
    "uuid": _same, "created_at": _time, "updated_at": _time, "name": str, "project_id": str,
    "hardware_type": str,
}  # fmt: skip
TASK_FIELDS: dict[str, Callable[[Any], Any]] = {
    "worker_type": str, "state": str, "state_details": dict, "observed_state": _same,
}  # fmt: skip


def _fields(kind: str) -> list[Field]:
    known = types.configured(list(types.TYPES), list(WORKERS))[kind]
    return list(known.all_fields())


def _marshalled(item: _Item) -> dict[str, Any]:
    found = {name: make(getattr(item.row, name)) for name, make in ITEM_FIELDS.items()}
    properties = {}
    for field in _fields(item.row.hardware_type):
        value = item.row.properties.get(field.name)
        if value is not None:
            properties[field.name] = MASK if field.sensitive else value
    found["properties"] = properties
    found["workers"] = [
        {name: make(getattr(task, name)) for name, make in TASK_FIELDS.items()}
        for task in item.workers
    ]
    return found


if __name__ == "__main__":
    main()
