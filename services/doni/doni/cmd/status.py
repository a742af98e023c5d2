"""doni-status: tells before an upgrade, or at any time, what is wrong with the records."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence

from oslo_config import cfg
from oslo_log import log
from oslo_upgradecheck.upgradecheck import Code, Result, UpgradeCommands
from oslo_upgradecheck.upgradecheck import main as run
from sqlalchemy import text

from doni.conf import opts
from doni.db import migration, session, upkeep
from doni.hardware import types

LISTED = 10
"""Most uuids that one message holds."""

OVERDUE = 3600
"""Seconds after which a task that nobody works on is worth a warning."""


def _rows(query: str, **values: object) -> list[tuple[object, ...]]:
    # Plain SQL on columns that all revisions have: the schema may be an older one.
    with session.engine().connect() as connection:
        return [tuple(row) for row in connection.execute(text(query), values)]


def _result(code: Code, message: str, found: Iterable[object]) -> Result:
    names = [str(name) for name in found]
    if not names:
        return Result(Code.SUCCESS)
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return Result(code, f"{message}: {', '.join(names[:LISTED])}{more}")


class Checks(UpgradeCommands):
    """What is checked."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        super().__init__()
        self.conf = conf

    def _schema(self) -> Result:
        session.configure(self.conf)
        current = migration.version()
        if current == migration.head():
            return Result(Code.SUCCESS)
        if current is not None and not migration.known(current):
            return Result(Code.FAILURE, f"Revision {current} of the database is not known.")
        return Result(Code.FAILURE, "The schema is old: run 'doni-dbsync upgrade'.")

    def _types(self) -> Result:
        if migration.version() is None:
            return Result(Code.SUCCESS)
        rows = _rows("SELECT uuid, hardware_type FROM hardware WHERE deleted = 0")
        unknown = [uuid for uuid, kind in rows if kind not in types.TYPES]
        if unknown:
            return _result(Code.FAILURE, "Hardware of unknown type", unknown)
        enabled = self.conf.enabled_hardware_types
        return _result(
            Code.WARNING,
            "Hardware of a type that is not enabled",
            [uuid for uuid, kind in rows if kind not in enabled],
        )

    def _records(self) -> Result:
        if migration.version() is None:
            return Result(Code.SUCCESS)
        rows = _rows("SELECT uuid, properties FROM hardware WHERE deleted = 0")
        rows += _rows(
            "SELECT t.hardware_uuid, t.state_details FROM worker_task t JOIN hardware h "
            "ON h.uuid = t.hardware_uuid WHERE h.deleted = 0 AND t.state_details IS NOT NULL"
        )
        damaged = dict.fromkeys(uuid for uuid, value in rows if not _is_object(value))
        return _result(Code.FAILURE, "Hardware with records that cannot be read", damaged)

    def _windows(self) -> Result:
        if migration.version() is None:
            return Result(Code.SUCCESS)
        rows = _rows(
            "SELECT uuid FROM availability_window "
            'WHERE start IS NULL OR "end" IS NULL OR "end" <= start'.replace('"', self._quote())
        )
        return _result(Code.WARNING, "Windows that have no time", (row[0] for row in rows))

    def _quote(self) -> str:
        return session.engine().dialect.identifier_preparer.initial_quote

    def _tasks(self) -> Result:
        if migration.version() != migration.head():
            return Result(Code.SUCCESS)
        waiting = upkeep.overdue(OVERDUE)
        return _result(Code.WARNING, "Hardware that no worker process takes care of", waiting)

    def _workers(self) -> Result:
        if migration.version() is None:
            return Result(Code.SUCCESS)
        rows = _rows("SELECT DISTINCT worker_type FROM worker_task WHERE state <> 'STEADY'")
        enabled = self.conf.enabled_worker_types
        stray = sorted(str(row[0]) for row in rows if row[0] not in enabled)
        return _result(Code.WARNING, "Tasks of workers that are not enabled", stray)

    _upgrade_checks = (
        ("Schema of the database", _schema),
        ("Types of hardware", _types),
        ("Records", _records),
        ("Availability windows", _windows),
        ("Workers", _workers),
        ("Tasks", _tasks),
    )


def _is_object(value: object) -> bool:
    try:
        return isinstance(json.loads(str(value)), dict)
    except ValueError:
        return False


def main(argv: Sequence[str] | None = None) -> int:
    """Do the checks; returns the exit code of the process."""
    conf = cfg.ConfigOpts()
    opts.register(conf)
    log.register_options(conf)
    arguments = sys.argv[1:] if argv is None else list(argv)
    try:
        return run(conf, "doni", Checks(conf), arguments)
    finally:
        session.reset()
