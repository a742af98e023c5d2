"""doni-worker as a process of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import stored

Configured = Callable[..., list[str]]

PROGRAM = str(Path(sys.executable).with_name("doni-worker"))


@contextlib.contextmanager
def _worker(argv: list[str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [PROGRAM, *argv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _metrics(port: int) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as reply:
            return str(reply.read().decode())
    except urllib.error.URLError:
        return ""


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
def test_life_of_a_worker(schema: object, configured: Configured) -> None:
    uuid = stored.item(properties={"private-and-sensitive-field": "hunter2"})
    port = _free_port()
    with _worker(configured(worker=f"metrics_port = {port}")) as process:
        _until(lambda: stored.task(uuid).state == "STEADY")
        assert stored.task(uuid).state_details == {
            "fake-result": uuid,
            "fake-availability_windows": [],
        }
        text = _metrics(port)
        for line in (
            'doni_worker_task_outcomes_total{state="STEADY",worker_type="fake-worker"} 1.0',
            'doni_worker_task_seconds_count{worker_type="fake-worker"} 1.0',
            'doni_worker_tasks{state="STEADY",worker_type="fake-worker"} 1.0',
            'doni_worker_task_oldest_due_seconds{worker_type="fake-worker"} 0.0',
            'doni_hardware{hardware_type="fake-hardware"} 1.0',
            "doni_database_up 1.0",
        ):
            assert line in text.splitlines()
        process.send_signal(signal.SIGHUP)
        time.sleep(0.3)
        assert process.poll() is None
        process.terminate()
        assert process.wait(10) == 0
        assert "hunter2" not in (process.stdout.read() if process.stdout else "")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("names", "message"), [("fake-worker,nonsense", "No such workers are installed: nonsense")]
)
def test_worker_that_is_not_there(configured: Configured, names: str, message: str) -> None:
    argv = configured(f"enabled_worker_types = {names}")
    done = subprocess.run([PROGRAM, *argv], capture_output=True, text=True)
    assert done.returncode == 1
    assert message in done.stderr


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_database_without_tables_is_waited_for(conf: object, configured: Configured) -> None:
    from doni.db import migration

    with _worker(configured()) as process:
        time.sleep(1.5)
        assert process.poll() is None
        migration.upgrade()
        uuid = stored.item()
        _until(lambda: stored.task(uuid).state == "STEADY")
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(10) == 0
