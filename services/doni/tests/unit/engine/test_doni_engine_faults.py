"""Worker processes that are killed, and a database that is, in the middle of the work."""

from __future__ import annotations

import collections
import json
import os
import pathlib
import random
import signal
import time
from collections.abc import Callable, Iterator

import pytest
import stored
from doni.db import hardware, session
from doni.db.models import Hardware, WorkerTask
from doni.engine.service import Service
from oslo_config import cfg
from oslo_db.sqlalchemy import enginefacade
from pretend import Pretend
from private_mariadb import PrivateMariaDB
from sqlalchemy import select

WORKERS = ("ironic", "blazar.physical_host")
KILLS = 50


class Processes:
    """Worker processes, each a fork of this one."""

    def __init__(self, conf: cfg.ConfigOpts, home: pathlib.Path) -> None:
        self.conf = conf
        self.home = home
        self.pids: list[int] = []

    def start(self) -> int:
        pid = os.fork()
        if pid:
            self.pids.append(pid)
            return pid
        try:
            # Connections of the parent are not for its children, not even for closing.
            session._context = enginefacade.transaction_context()
            session.configure(self.conf)
            service = Service(self.conf, {name: Pretend(name, self.home) for name in WORKERS})
            signal.signal(signal.SIGTERM, lambda *_: service.stop())
            service.run()
        finally:
            os._exit(0)

    def end(self, pid: int, number: int = signal.SIGKILL) -> None:
        self.pids.remove(pid)
        os.kill(pid, number)
        os.waitpid(pid, 0)

    def end_all(self, number: int = signal.SIGTERM) -> None:
        for pid in list(self.pids):
            self.end(pid, number)


@pytest.fixture
def processes(schema: cfg.ConfigOpts, tmp_path: pathlib.Path) -> Iterator[Processes]:
    schema.set_override("claim_timeout", 3, group="worker")
    schema.set_override("retry_delay", 0.1, group="worker")
    schema.set_override("error_delay_max", 0.5, group="worker")
    schema.set_override("enabled_hardware_types", ["baremetal"])
    schema.set_override("enabled_worker_types", list(WORKERS))
    found = Processes(schema, tmp_path)
    yield found
    found.end_all(signal.SIGKILL)


def _declare(number: int) -> list[str]:
    return [stored.item("baremetal", *WORKERS) for _ in range(number)]


def _rename(uuid: str, name: str) -> None:
    windows = hardware.WindowChanges()
    hardware.change(uuid, lambda row: hardware.Change({"name": name}, windows, []))


def _unsettled() -> int:
    with session.reader() as db:
        rows = db.scalars(select(WorkerTask.state)).all()
    return sum(state != "STEADY" for state in rows)


def _until(condition: Callable[[], bool], seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, collections.Counter(_errors())
        time.sleep(0.1)


def _errors() -> list[str]:
    with session.reader() as db:
        return [f"{row.state} {row.state_details}" for row in db.scalars(select(WorkerTask))]


def _check(home: pathlib.Path) -> None:
    """What is outside is what is declared, once."""
    violations = home / "violations"
    assert not violations.exists(), violations.read_text()
    with session.reader() as db:
        declared = {row.uuid: row.name for row in db.scalars(select(Hardware)) if not row.deleted}
        details = {
            (task.hardware_uuid, task.worker_type): task.state_details
            for task in db.scalars(select(WorkerTask))
        }
    for worker in WORKERS:
        files = list((home / worker).iterdir())
        assert {path.name.partition(".")[0]: path.read_text() for path in files} == declared
        assert len(files) == len(declared)
        for path in files:
            uuid = path.name.partition(".")[0]
            assert details[uuid, worker] == {"id": path.name, "name": declared[uuid]}
    assert "last_error" not in json.dumps(list(details.values()))


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
def test_killed_processes_lose_and_double_nothing(
    processes: Processes, tmp_path: pathlib.Path
) -> None:
    processes.start()  # This one lives through it all, and takes over.
    victims = [processes.start(), processes.start()]
    uuids = _declare(40)
    for number in range(KILLS):
        time.sleep(random.uniform(0, 0.12))
        victim = victims.pop(random.randrange(2))
        processes.end(victim)
        victims.append(processes.start())
        uuids += _declare(2)
        _rename(random.choice(uuids), f"renamed {number}")
        if number % 5 == 4:
            hardware.retire(uuids.pop(random.randrange(len(uuids))))
    _until(lambda: _unsettled() == 0)
    _check(tmp_path)
    processes.end_all()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_killed_processes_on_sqlite(processes: Processes, tmp_path: pathlib.Path) -> None:
    processes.start()
    victim = processes.start()
    uuids = _declare(20)
    for number in range(8):
        time.sleep(random.uniform(0, 0.12))
        processes.end(victim)
        victim = processes.start()
        _rename(random.choice(uuids), f"renamed {number}")
    hardware.retire(uuids[0])
    _until(lambda: _unsettled() == 0)
    _check(tmp_path)


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
def test_database_that_is_killed_and_comes_back(
    processes: Processes, tmp_path: pathlib.Path, mariadb: PrivateMariaDB
) -> None:
    uuids = _declare(60)
    for _ in range(2):
        processes.start()
    _until(lambda: 0 < _unsettled() < 110)
    mariadb.stop(patient=False)
    time.sleep(0.5)
    mariadb.start()
    _rename(uuids[0], "renamed")
    _until(lambda: _unsettled() == 0)
    _check(tmp_path)
    # They end, and in order.
    processes.end_all()


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
def test_everything_stops_at_once(processes: Processes, tmp_path: pathlib.Path) -> None:
    _declare(30)
    for _ in range(2):
        processes.start()
    _until(lambda: 0 < _unsettled() < 55)
    processes.end_all(signal.SIGKILL)
    processes.start()
    _until(lambda: _unsettled() == 0)
    _check(tmp_path)
