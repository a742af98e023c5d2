"""The module that runs on hosts, run on this one: what services say of themselves."""

from __future__ import annotations

import base64
import json
import re
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from this_machine import Machine

MARIADBD = Path("/usr/sbin/mariadbd")
PASSWORD = "word-that-nobody-may-see"


class RabbitMQ(BaseHTTPRequestHandler):
    """The management API, for who knows the password."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        login = base64.b64encode(f"monitor:{PASSWORD}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {login}":
            return self.answer(401, {"error": "not_authorized"})
        if self.path.startswith("/api/nodes"):
            return self.answer(200, [{"name": "rabbit@a", "running": True, "partitions": []}])
        return self.answer(200, [
            {"name": "empty", "messages": 0, "consumers": 1},
            {"name": "new"},
            {"name": "full", "messages": 70, "messages_ready": 70, "consumers": 0},
            {"name": "fuller", "messages": 99, "consumers": 0, "arguments": {"x-expires": 1}},
            {"name": "stream", "messages": 9999, "type": "stream"},
        ])  # fmt: skip

    def answer(self, code: int, body: object) -> None:
        self.send_response(code)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())


def rabbit(address: str, password: str = PASSWORD) -> dict[str, Any]:
    return {"port": int(address.split(":")[1]), "user": "monitor", "password": password}


def test_rabbitmq_is_asked_over_its_management_api(
    machine: Machine, serve: Callable[..., str]
) -> None:
    asked: list[str] = []
    address = serve(type("This", (RabbitMQ,), {"asked": asked}))
    found = machine.ask(rabbitmq=rabbit(address))["rabbitmq"]
    assert found["nodes"] == [{"name": "rabbit@a", "running": True, "partitions": []}]
    assert found["queues"] == 5
    assert [(each["name"], each["expires"]) for each in found["full"]] == [
        ("fuller", True),
        ("full", False),
    ]
    assert len(asked) == 2


def test_a_wrong_password_and_a_refused_port_of_rabbitmq(
    machine: Machine, serve: Callable[..., str]
) -> None:
    address = serve(type("This", (RabbitMQ,), {"asked": []}))
    wrong = machine.ask(rabbitmq=rabbit(address, "wrong-password"))["rabbitmq"]
    assert wrong == {"problem": "ValueError: HTTP 401"}
    assert "wrong-password" not in machine.answered
    gone = machine.ask(rabbitmq=rabbit("127.0.0.1:1"))["rabbitmq"]
    assert "Connection refused" in gone["problem"]


STATS = """\
# pxname,svname,status,check_status,check_code,lastchg,last_chk,
nova_api_front,FRONTEND,OPEN,,,,,
nova_api_back,node1,UP,L7OK,200,100,,
nova_api_back,node2,DOWN,L4CON,,50,Connection refused,
nova_api_back,BACKEND,UP,,,100,,

"""


def test_haproxy_is_asked_over_its_socket(machine: Machine) -> None:
    source = machine.home / "haproxy_socket"
    source.mkdir()
    destination = "/var/lib/kolla/haproxy/"
    machine.containers[0]["Mounts"] = [
        {"Type": "volume", "Source": str(source), "Destination": destination}
    ]
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(source / "haproxy.sock"))
        listener.listen()

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                assert connection.recv(100) == b"show stat\n"
                connection.sendall(STATS.encode())

        threading.Thread(target=answer, daemon=True).start()
        found = machine.ask(haproxy="haproxy")["haproxy"]["servers"]
    assert [(each["server"], each["status"]) for each in found] == [
        ("node1", "UP"),
        ("node2", "DOWN"),
        ("BACKEND", "UP"),
    ]
    assert found[1]["check"] == "L4CON Connection refused"
    assert found[1]["seconds"] == 50


def test_haproxy_without_its_socket(machine: Machine) -> None:
    assert machine.ask(haproxy="haproxy")["haproxy"] == {"problem": "its container has no socket"}


METRICS = """\
# HELP doni_database_up Whether the database answered.
doni_database_up 1.0
doni_worker_task_oldest_due_seconds{worker_type="ironic"} 0.0
doni_worker_task_oldest_due_seconds{worker_type="blazar.physical_host"} 312.5
"""


class Doni(BaseHTTPRequestHandler):
    """The metrics of a worker."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/metrics" else 404)
        self.end_headers()
        self.wfile.write(METRICS.encode())


def test_doni_is_asked_for_its_metrics(machine: Machine, serve: Callable[..., str]) -> None:
    port = int(serve(Doni).split(":")[1])
    found = machine.ask(doni=port)["doni"]
    assert found == {"database": True, "waiting": {"ironic": 0.0, "blazar.physical_host": 312.5}}


def test_what_a_host_does_not_run_is_not_asked_for(machine: Machine) -> None:
    found = machine.ask()
    assert not {"galera", "rabbitmq", "haproxy", "doni"} & set(found)


@pytest.fixture(scope="module")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A MariaDB server with a monitor's user; returns its port."""
    assert MARIADBD.exists(), "no mariadbd: run tests/packages"
    home = tmp_path_factory.mktemp("db")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = [
        "--no-defaults", f"--datadir={home}/data", f"--socket={home}/s", f"--pid-file={home}/pid",
        f"--port={port}", "--bind-address=127.0.0.1", "--skip-log-bin", "--user=root",
        "--innodb-buffer-pool-size=64M", "--performance-schema=off", f"--log-error={home}/log",
    ]  # fmt: skip
    install = ["mariadb-install-db", *options, "--skip-test-db"]
    subprocess.run(install, check=True, capture_output=True)
    (home / "init.sql").write_text(f"CREATE USER monitor@'%' IDENTIFIED BY '{PASSWORD}';\n")
    server = subprocess.Popen([str(MARIADBD), *options, f"--init-file={home}/init.sql"])
    deadline = time.monotonic() + 30
    while not (home / "s").exists():
        assert server.poll() is None and time.monotonic() < deadline, (home / "log").read_text()
        time.sleep(0.05)
    yield port
    server.kill()
    server.wait()


def monitor(port: int, password: str = PASSWORD) -> dict[str, Any]:
    return {"container": "mariadb", "port": port, "user": "monitor", "password": password}


def test_mariadb_is_asked_with_a_password_that_no_command_line_shows(
    machine: Machine, mariadb: int
) -> None:
    found = machine.ask(galera=monitor(mariadb))["galera"]
    assert found["wsrep_on"] == "OFF"
    assert found["wsrep_cluster_size"].isdecimal()
    (asked,) = [each for each in machine.asked() if each["words"][0] == "exec"]
    assert PASSWORD not in " ".join(asked["words"])
    assert asked["secret"] == PASSWORD
    assert PASSWORD not in machine.answered


def test_a_wrong_password_and_a_refused_port_of_mariadb(machine: Machine, mariadb: int) -> None:
    wrong = machine.ask(galera=monitor(mariadb, "wrong-password"))["galera"]["problem"]
    assert re.search("1045.*Access denied for user 'monitor'", wrong)
    gone = machine.ask(galera=monitor(1))["galera"]["problem"]
    assert re.search(r"2002.*Can't connect to server", gone)
