"""doni-import: enrols what other services have already, without changing anything there."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from oslo_config import cfg
from oslo_db import exception as db_exc

from doni import conf as options
from doni.db import session
from doni.db.models import Hardware, State, WorkerTask
from doni.engine import loading
from doni.exceptions import DoniError
from doni.hardware import types
from doni.hardware.types import HardwareType
from doni.workers.base import Worker

OPTS = [
    cfg.BoolOpt("dry-run", default=False, help="Only tell what would be enrolled."),
    cfg.StrOpt("project-id", required=True, help="The project that owns what is enrolled."),
]

Found = dict[str, dict[str, Any]]
"""By uuid: ``name``, ``properties``, and ``details`` by type of worker."""


def gather(kind: HardwareType, workers: Mapping[str, Worker]) -> Found:
    """What the workers of a type know of; a later one has the better name, and adds properties.

    Raises:
        WorkerError: a service does not tell.
    """
    found: Found = {}
    for worker_type in kind.workers:
        known = getattr(workers.get(worker_type), "import_existing", None)
        for entry in known() if known else ():
            item = found.setdefault(entry["uuid"], {"properties": {}, "details": {}})
            item["name"] = entry.get("name") or item.get("name") or entry["uuid"]
            item["properties"].update(entry.get("properties") or {})
            item["details"][worker_type] = entry.get("state_details") or {}
    return found


def store(kind: HardwareType, uuid: str, item: dict[str, Any], project_id: str) -> bool:
    """Enrol one item as it is: no worker has anything to do. False if it is enrolled already."""
    try:
        with session.writer() as db:
            db.add(
                Hardware(
                    uuid=uuid,
                    name=item["name"],
                    project_id=project_id,
                    hardware_type=kind.name,
                    properties=item["properties"],
                )
            )
            db.flush()
            db.add_all(
                WorkerTask(
                    hardware_uuid=uuid,
                    worker_type=worker,
                    state=State.STEADY.value,
                    state_details=item["details"].get(worker, {}),
                )
                for worker in kind.workers
            )
    except db_exc.DBDuplicateEntry:
        return False
    return True


def _import(kinds: Iterable[HardwareType], workers: Mapping[str, Worker], conf: Any) -> None:
    for kind in kinds:
        for uuid, item in sorted(gather(kind, workers).items()):
            if conf.dry_run:
                text = "would be enrolled"
            elif store(kind, uuid, item, conf.project_id):
                text = "enrolled"
            else:
                text = "left alone: its uuid or its name is enrolled already"
            print(f"{kind.name} {uuid} {item['name']}: {text}")


def main(argv: Sequence[str] | None = None, conf: cfg.ConfigOpts | None = None) -> int:
    """Enrol what there is; returns the exit code of the process."""
    conf = conf or cfg.ConfigOpts()
    conf.register_cli_opts(OPTS)
    try:
        options.prepare(sys.argv[1:] if argv is None else argv, conf=conf)
        session.configure(conf)
        kinds = types.configured(conf.enabled_hardware_types, conf.enabled_worker_types)
        _import(kinds.values(), loading.load(conf), conf)
    except (DoniError, cfg.RequiredOptError) as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        session.reset()
    return 0
