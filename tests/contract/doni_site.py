"""Doni as real processes: the API and a worker, with a configuration file and a database."""

from __future__ import annotations

import socket
import subprocess
import time
from pathlib import Path
from typing import IO

import requests
from people import Login

from cc_ansible.paths import VENV_BIN

CONFIG = """\
[DEFAULT]
debug = true
enabled_hardware_types = baremetal,device,device.balena,fake-hardware
enabled_worker_types = {workers}

[api]
host_ip = 127.0.0.1
port = {port}
metrics = true

[database]
connection = {url}
max_overflow = 90

[keystone_authtoken]
www_authenticate_uri = {keystone}
auth_url = {keystone}
auth_type = password
username = {user}
password = {password}
project_name = {project}
user_domain_id = default
project_domain_id = default

[worker]
process_pending_task_interval = 0.2
"""

ALL_WORKERS = "ironic,blazar.physical_host,blazar.device,balena,k8s,tunelo,fake-worker"


class DoniSite:
    """One deployment below a directory of its own."""

    def __init__(self, home: Path, database: str, keystone: str, service: Login) -> None:
        self.home = home
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        options = {
            "port": self.port, "url": database, "keystone": keystone, "user": service.user,
            "password": service.password, "project": service.project,
        }  # fmt: skip
        # The API knows the fields of all workers; the one process that works has just the fake
        # one, since the others need services that a test shall not change.
        self.config = self._write("api.conf", CONFIG.format(workers=ALL_WORKERS, **options))
        self.worker = self._write("worker.conf", CONFIG.format(workers="fake-worker", **options))
        self.processes: list[subprocess.Popen[bytes]] = []
        self.logs: list[IO[bytes]] = []

    def _write(self, name: str, text: str) -> Path:
        path = self.home / name
        path.write_text(text)
        return path

    def start(self) -> None:
        self._run("doni-dbsync", self.config, "upgrade").wait(timeout=120)
        assert self.processes.pop().returncode == 0, self.log("doni-dbsync")
        self._run("doni-api", self.config)
        self._run("doni-worker", self.worker)
        deadline = time.monotonic() + 60
        while True:
            try:
                if requests.get(f"{self.url}/healthcheck", timeout=5).status_code == 200:
                    return
            except requests.ConnectionError:
                assert time.monotonic() < deadline, self.log("doni-api")
            time.sleep(0.2)

    def _run(self, program: str, config: Path, *words: str) -> subprocess.Popen[bytes]:
        log = (self.home / f"{program}.log").open("wb")
        argv = [str(VENV_BIN / program), "--config-file", str(config), *words]
        process = subprocess.Popen(argv, stdout=log, stderr=subprocess.STDOUT)
        self.processes.append(process)
        self.logs.append(log)
        return process

    def log(self, program: str) -> str:
        return (self.home / f"{program}.log").read_text()

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(timeout=60)
        for log in self.logs:
            log.close()
