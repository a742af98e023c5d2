"""`validate --hosts` for real: this machine as a host, dead ones beside it, servers on loopback."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import control_hosts
import pytest
import served
import small_site

from cc_ansible.errors import Exit
from cc_ansible.paths import PROJECT, VENV_BIN

HOSTS = (
    "here ansible_connection=local",
    "closed ansible_host=127.0.0.1 ansible_port=1",
    "silent ansible_host=127.0.0.1 ansible_port={silent}",
)
INVENTORY = control_hosts.inventory(*HOSTS) + control_hosts.DEPLOYED_FROM_HERE
SETTINGS = """\
docker_registry: {registry}
openstack_tag: "2026.1-test"
api_interface: lo
neutron_external_interface: nonesuch
switch_configs:
  - name: tor1
    device_type: netmiko_ovs_linux
    address: 127.0.0.1
    auth: {{username: ngs, password: "{{{{ switch_password }}}}"}}
    ngs_config: {{port: 1}}
"""
HARDWARE = """\
profiles:
  test: {{type: baremetal, node_type: compute_test, bmc: {{username: u, password: "{{{{ p }}}}"}}}}
hardware:
  - name: c01
    profile: test
    bmc: {{protocol: redfish, address: "http://{redfish}"}}
    ports: [{{name: eno1, mac: "02:00:00:00:00:01"}}]
  - name: c02
    profile: test
    bmc: {{protocol: ipmi, address: 127.0.0.1, port: {ipmi}}}
    ports: [{{name: eno1, mac: "02:00:00:00:00:02"}}]
  - name: c03
    profile: test
    bmc: {{protocol: redfish, address: "https://127.0.0.1:1"}}
    ports: [{{name: eno1, mac: "02:00:00:00:00:03"}}]
"""
HAS = "/manifests/2026.1-test"


class Registry(BaseHTTPRequestHandler):
    """A registry that has everything but Keystone."""

    def do_HEAD(self) -> None:
        present = self.path == "/v2/" or (self.path.endswith(HAS) and "/keystone/" not in self.path)
        self.send_response(200 if present else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class Redfish(Registry):
    """The root of a BMC."""

    def do_GET(self) -> None:
        body = b'{"RedfishVersion": "1.6.0"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@dataclass
class Outcome:
    """What a run of the command left."""

    code: int
    said: dict[str, Any]
    seconds: float
    home: Path

    def rules(self, host: str | None) -> set[str]:
        """Rules that are broken for a host."""
        return {each["rule"] for each in self.said["findings"] if each["host"] == host}

    def finding(self, rule: str) -> dict[str, Any]:
        """The first finding of a rule."""
        return next(each for each in self.said["findings"] if each["rule"] == rule)


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, str | int]]:
    """A registry, a Redfish BMC, an IPMI BMC, and a port that never says anything."""
    with (
        served.http(Registry) as registry,
        served.http(Redfish) as redfish,
        socket.create_server(("127.0.0.1", 0)) as silent,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ipmi,
    ):
        ipmi.bind(("127.0.0.1", 0))
        threading.Thread(target=_pong, args=(ipmi,), daemon=True).start()
        yield {
            "registry": registry,
            "redfish": redfish,
            "ipmi": ipmi.getsockname()[1],
            "silent": silent.getsockname()[1],
        }


def _pong(ipmi: socket.socket) -> None:
    while True:
        try:
            _, sender = ipmi.recvfrom(512)
            ipmi.sendto(bytes.fromhex("0600ff06000011be40000010"), sender)
        except OSError:
            return


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, servers: dict[str, str | int]) -> Path:
    path: Path = small_site.write(
        tmp_path_factory.mktemp("online") / "site", SETTINGS.format(**servers)
    )
    (path / "inventory" / "hosts").write_text(INVENTORY.format(**servers))
    (path / "hardware").mkdir()
    (path / "hardware" / "nodes.yml").write_text(HARDWARE.format(**servers))
    return path


@pytest.fixture(scope="module")
def command(
    site: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., tuple[list[str], dict[str, Any]]]:
    """The command line and how to start it, with a home and a temporary directory of its own."""

    def prepared(*words: str) -> tuple[list[str], dict[str, Any]]:
        home = tmp_path_factory.mktemp("home")
        temporary = tmp_path_factory.mktemp("tmp")
        env = {
            **{key: value for key, value in os.environ.items() if "CC_ANSIBLE" not in key},
            "HOME": str(home),
            "TMPDIR": str(temporary),
            "CC_ANSIBLE_STATE_DIR": str(tmp_path_factory.mktemp("state")),
            "NO_PROXY": "127.0.0.1",
        }
        argv = [str(VENV_BIN / "python"), "-m", "cc_ansible", "-s", str(site), "validate"]
        return [*argv, "--hosts", *words], {"env": env, "cwd": PROJECT, "text": True}

    return prepared


@pytest.fixture(scope="module")
def outcome(command: Callable[..., tuple[list[str], dict[str, Any]]]) -> Outcome:
    argv, options = command("--output", "json")
    began = time.monotonic()
    done = subprocess.run(argv, capture_output=True, timeout=180, check=False, **options)
    assert done.stdout, done.stderr
    spent = time.monotonic() - began
    said = json.loads(done.stdout)
    return Outcome(done.returncode, said, spent, Path(options["env"]["HOME"]))


def test_it_says_that_something_is_wrong(outcome: Outcome) -> None:
    assert outcome.code == Exit.SITE_INVALID
    assert outcome.said["valid"] is False


def test_every_host_but_the_deploy_host_has_a_row(outcome: Outcome) -> None:
    assert list(outcome.said["hosts"]) == ["here", "closed", "silent"]
    assert outcome.said["hosts"]["here"]["reach"] == "ok"
    for dead in ("closed", "silent"):
        assert outcome.said["hosts"][dead]["reach"] == "error"
        assert outcome.rules(dead) == {"host-unreachable"}


def test_dead_hosts_cost_seconds_not_minutes(outcome: Outcome) -> None:
    assert outcome.seconds < 75


def test_the_reasons_are_told_apart(outcome: Outcome) -> None:
    said = {
        each["host"]: each["summary"]
        for each in outcome.said["findings"]
        if each["rule"] == "host-unreachable"
    }
    assert "nothing listens on its SSH port" in said["closed"]
    assert "does not answer" in said["silent"]


def test_the_living_host_is_looked_at_all_the_same(outcome: Outcome) -> None:
    found = outcome.finding("interface-missing")
    assert (found["host"], Path(found["file"]).name) == ("here", "defaults.yml")
    assert "nonesuch" in found["summary"]


def test_images(outcome: Outcome) -> None:
    found = outcome.finding("image-missing")
    assert "1 of " in found["summary"] and "keystone:2026.1-test" in found["detail"]
    counts = outcome.said["counts"]["images"]
    assert counts["good"] == counts["asked"] - 1 == counts["total"] - 1 > 10


def test_bmcs_and_switches_are_asked_from_the_hosts_that_need_them(outcome: Outcome) -> None:
    assert outcome.said["counts"]["BMCs"] == {"good": 2, "asked": 3, "total": 3}
    bmc = outcome.finding("bmc-unreachable")
    assert "c03" in bmc["summary"] and "connection refused" in bmc["summary"]
    assert (Path(bmc["file"]).name, bmc["line"]) == ("nodes.yml", 14)
    assert "tor1" in outcome.finding("switch-unreachable")["summary"]


def test_no_secret_is_shown(outcome: Outcome) -> None:
    assert small_site.SECRET not in json.dumps(outcome.said)


def test_nothing_is_left_behind(outcome: Outcome) -> None:
    left = [path for path in outcome.home.rglob("*") if path.is_file()]
    assert not left


def test_ctrl_c_leaves_nothing(command: Callable[..., tuple[list[str], dict[str, Any]]]) -> None:
    argv, options = command()
    mark = f"CC_TEST_MARK={uuid.uuid4().hex}"
    options["env"]["CC_TEST_MARK"] = mark.partition("=")[2]
    process = subprocess.Popen(
        argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True, **options
    )
    assert process.stdout
    for line in process.stdout:
        if "Hosts (" in line:
            break
    time.sleep(3)
    process.send_signal(signal.SIGINT)
    rest = process.stdout.read()
    assert process.wait(30) == Exit.INTERRUPTED, rest
    assert "Traceback" not in rest
    assert not _marked(mark.encode())


def _marked(mark: bytes) -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            environment = (entry / "environ").read_bytes()
        except OSError:
            continue
        if mark in environment.split(b"\0"):
            found.append((entry / "comm").read_text())
    return found
