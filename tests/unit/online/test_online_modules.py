"""The two modules that run on hosts, run on this one, against real sockets and servers."""

from __future__ import annotations

import importlib.util
import ipaddress
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cc_ansible.online.facts import Facts, Port
from cc_ansible.paths import PROJECT

MODULES = PROJECT / "plugins" / "modules"


def run(name: str, **arguments: Any) -> dict[str, Any]:
    """Run a module as Ansible does, in check mode; returns what it answers."""
    asked = json.dumps({"ANSIBLE_MODULE_ARGS": {**arguments, "_ansible_check_mode": True}})
    done = subprocess.run(
        [sys.executable, str(MODULES / f"{name}.py")],
        input=asked, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    answer: dict[str, Any] = json.loads(done.stdout)
    assert answer["changed"] is False
    return answer


@pytest.fixture(scope="module")
def here() -> dict[str, Any]:
    """Facts of this machine."""
    found: dict[str, Any] = run("cc_host_facts", paths=["/", "/no/such/path"])["facts"]
    return found


@pytest.fixture
def module() -> Callable[[str], ModuleType]:
    def load(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(name, MODULES / f"{name}.py")
        assert spec and spec.loader
        loaded = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(loaded)
        return loaded

    return load


# --- facts -----------------------------------------------------------------------------------


def test_the_machine(here: dict[str, Any]) -> None:
    assert here["hostname"] == socket.gethostname().split(".")[0]
    assert here["root"] is (os.geteuid() == 0)
    assert here["memory"]["total"] == os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert abs(here["clock"]["now"] - time.time()) < 120
    assert here["clock"]["error"] is None or here["clock"]["error"] >= 0
    assert f"ID={here['os']['id']}" in Path("/etc/os-release").read_text()


def test_disks_of_paths_that_are_not_there_yet(here: dict[str, Any]) -> None:
    root, missing = here["disks"]["/"], here["disks"]["/no/such/path"]
    assert root["mount"] == missing["mount"] == "/"
    status = os.statvfs("/")
    assert root["total"] == status.f_blocks * status.f_frsize


def test_interfaces(here: dict[str, Any]) -> None:
    assert set(here["interfaces"]) == {entry.name for entry in Path("/sys/class/net").iterdir()}
    facts = Facts(here)
    loopback = (facts.interfaces or {})["lo"]
    assert loopback.up
    assert ipaddress.ip_interface("127.0.0.1/8") in loopback.addresses


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_a_listening_port_and_who_listens(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, 0), family=family) as server:
        number = server.getsockname()[1]
        facts = Facts(run("cc_host_facts")["facts"])
    mine = [port for port in facts.listeners if port.number == number]
    name = Path("/proc/self/comm").read_text().strip()
    owner = name if facts.get("root") else None
    assert [(each.address, each.process) for each in mine] == [
        (ipaddress.ip_address(address), owner)
    ]
    assert isinstance(mine[0], Port)


def test_the_python_that_will_be_used() -> None:
    there = run("cc_host_facts", interpreter=sys.executable)["facts"]["python"]
    assert (there["used"], there["there"]) == (sys.executable, True)
    assert "docker" not in there["missing"]
    gone = run("cc_host_facts", interpreter="/no/python")["facts"]["python"]
    assert (gone["there"], gone["missing"]) == (False, None)


def test_users_and_groups() -> None:
    found = run("cc_host_facts", users=["root", "nobody-here"], groups=["root", "nothing-here"])
    assert found["facts"]["missing_users"] == ["nobody-here"]
    assert found["facts"]["missing_groups"] == ["nothing-here"]


def test_an_engine_that_is_not_there(module: Callable[[str], ModuleType]) -> None:
    loaded = module("cc_host_facts")
    loaded.PROGRAMS = ("/nowhere",)
    assert loaded.engine("docker", running=False) == {"state": "missing"}
    loaded.SOCKET = "/no/such/socket"
    assert loaded.engine("docker", running=True)["state"] == "silent"


def test_an_engine_that_does_not_run_is_not_woken_up(
    module: Callable[[str], ModuleType], tmp_path: Path
) -> None:
    loaded = module("cc_host_facts")
    (tmp_path / "dockerd").touch()
    loaded.PROGRAMS, loaded.SOCKET = (str(tmp_path),), str(tmp_path / "docker.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(loaded.SOCKET)
        listener.listen()
        listener.setblocking(False)
        assert loaded.engine("docker", running=False) == {"state": "stopped"}
        with pytest.raises(BlockingIOError):
            listener.accept()


ENGINE = {
    "/version": {"Version": "26.1.5"},
    "/info": {
        "DockerRootDir": "/srv/docker",
        "RegistryConfig": {
            "InsecureRegistryCIDRs": ["127.0.0.0/8"],
            "IndexConfigs": {"r:5000": {"Secure": False}, "docker.io": {"Secure": True}},
        },
    },
    "/containers/json?all=1": [
        {"Id": "a", "Names": ["/keystone"], "Image": "r/k:1", "State": "exited",
         "Labels": {"kolla_version": "22"}},
    ],
    "/images/json": [{"RepoTags": ["r/k:1", "k:1"]}, {"RepoTags": None}],
}  # fmt: skip


def test_an_engine_is_asked_over_its_socket(
    module: Callable[[str], ModuleType], tmp_path: Path
) -> None:
    loaded = module("cc_host_facts")
    loaded.SOCKET = str(tmp_path / "docker.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(loaded.SOCKET)
        listener.listen()
        threading.Thread(target=_serve_engine, args=(listener,), daemon=True).start()
        found = loaded.engine("docker", running=True)
    assert found == {
        "state": "running",
        "version": "26.1.5",
        "data": "/srv/docker",
        "proxy": False,
        "insecure": ["r:5000", "127.0.0.0/8"],
        "containers": [
            {"id": "a", "name": "keystone", "image": "r/k:1", "state": "exited", "kolla": True}
        ],
        "images": ["k:1", "r/k:1"],
    }


def _serve_engine(listener: socket.socket) -> None:
    for _ in ENGINE:
        connection, _ = listener.accept()
        with connection:
            path = connection.recv(4096).split()[1].decode()
            body = json.dumps(ENGINE[path]).encode()
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n"
            connection.sendall(head.encode() + body)


def test_an_engine_that_hangs_is_given_up(
    module: Callable[[str], ModuleType], tmp_path: Path
) -> None:
    loaded = module("cc_host_facts")
    loaded.SOCKET, loaded.SECONDS = str(tmp_path / "docker.sock"), 0.2
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(loaded.SOCKET)
        listener.listen()
        assert loaded.engine("docker", running=True)["state"] == "silent"


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_addresses_of_the_kernels_tables_are_read(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    spec = importlib.util.spec_from_file_location("facts_module", MODULES / "cc_host_facts.py")
    assert spec and spec.loader
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    words = [address.packed[at : at + 4] for at in range(0, len(address.packed), 4)]
    if sys.byteorder == "little":
        words = [word[::-1] for word in words]
    raw = b"".join(words).hex().upper()
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    assert ipaddress.ip_address(loaded.spelled(raw, family)) == address


# --- what is reached -------------------------------------------------------------------------


@pytest.fixture
def mute() -> Iterator[str]:
    """A port that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def reach(**asked: Any) -> dict[str, Any]:
    found: dict[str, Any] = run("cc_reach", seconds=1, **asked)["answers"]
    return found


def test_ports_that_are_open_and_closed(mute: str) -> None:
    found = reach(tcp=[mute, "127.0.0.1:1", "no-such-name.invalid:22"])["tcp"]
    assert {asked: answer["state"] for asked, answer in found.items()} == {
        mute: "open",
        "127.0.0.1:1": "refused",
        "no-such-name.invalid:22": "unresolved",
    }


def test_names_as_the_host_resolves_them() -> None:
    found = reach(names=["localhost", "no-such-name.invalid"])["names"]
    assert found["localhost"]["ipv4"] == ["127.0.0.1"]
    assert found["no-such-name.invalid"] == {"ipv4": [], "ipv6": []}


def test_an_address_of_our_own_is_not_another_machines() -> None:
    found = reach(neighbours=["127.0.0.1"])["neighbours"]["127.0.0.1"]
    assert found == {"state": "refused", "taken": False, "mac": ""}


class Redfish(BaseHTTPRequestHandler):
    """The root of a Redfish service."""

    def do_GET(self) -> None:
        root = self.path == "/redfish/v1/"
        body = b'{"RedfishVersion": "1.6.0"}' if root else b"{}"
        self.send_response(200 if root else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Website(BaseHTTPRequestHandler):
    """Something else that answers HTTP."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"hi")


def test_redfish(serve: Callable[[type[BaseHTTPRequestHandler]], str], mute: str) -> None:
    bmc, other = serve(Redfish), serve(Website)
    asked = [f"http://{bmc}", f"http://{other}", f"https://{bmc}", f"http://{mute}"]
    asked.append("https://127.0.0.1:1")
    found = reach(redfish=asked)["redfish"]
    assert found[asked[0]] == {"state": "open", "version": "1.6.0"}
    assert "no Redfish root" in found[asked[1]]["why"]
    assert "no TLS" in found[asked[2]]["why"]
    assert [found[each]["state"] for each in asked[3:]] == ["silent", "refused"]


def answering(reply: Callable[[bytes], bytes | None]) -> tuple[socket.socket, str]:
    """A UDP socket that answers; the caller closes it."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                packet, sender = server.recvfrom(512)
            except OSError:
                return
            if said := reply(packet):
                server.sendto(said, sender)

    threading.Thread(target=answer, daemon=True).start()
    return server, f"127.0.0.1:{server.getsockname()[1]}"


PONG = bytes.fromhex("0600ff06000011be4000001000000000000000000000000081000000")


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        (lambda packet: PONG if packet[3] == 6 else None, "open"),
        (lambda packet: b"\x06\x00\xff\x07rest" if packet[3] == 7 else None, "open"),
        (lambda packet: b"no BMC", "silent"),
        (lambda packet: None, "silent"),
    ],
    ids=["presence-ping", "ipmi-only", "other-service", "mute"],
)
def test_ipmi(reply: Callable[[bytes], bytes | None], state: str) -> None:
    server, address = answering(reply)
    with server:
        assert reach(ipmi=[address])["ipmi"][address]["state"] == state


def test_a_bmc_without_ipmi_is_refused() -> None:
    assert reach(ipmi=["127.0.0.1:1"])["ipmi"]["127.0.0.1:1"]["state"] == "refused"


def test_many_dead_addresses_take_no_longer_than_one(mute: str) -> None:
    asked = [f"http://{mute}/{number}" for number in range(40)]
    began = time.monotonic()
    found = reach(redfish=asked)["redfish"]
    assert {answer["state"] for answer in found.values()} == {"silent"}
    assert time.monotonic() - began < 6


def test_a_question_that_never_ends_is_given_up(module: Callable[[str], ModuleType]) -> None:
    loaded = module("cc_reach")
    loaded.connect = lambda asked, seconds: threading.Event().wait()
    lists: dict[str, list[str]] = {name: [] for name in ("names", "neighbours", "redfish", "ipmi")}
    options = {**lists, "tcp": ["a:1"], "seconds": 0, "limit": 9}
    assert loaded.answers(options)["tcp"] == {
        "a:1": {"state": "silent", "why": "no answer in time"}
    }


def test_what_there_was_no_time_for_is_left_out(module: Callable[[str], ModuleType]) -> None:
    loaded = module("cc_reach")
    loaded.WORKERS = 2
    loaded.connect = lambda asked, seconds: threading.Event().wait()
    lists: dict[str, list[str]] = {name: [] for name in ("names", "neighbours", "redfish", "ipmi")}
    options = {**lists, "tcp": ["a:1", "b:1", "c:1"], "seconds": 9, "limit": 0.2}
    assert set(loaded.answers(options)["tcp"]) == {"a:1", "b:1"}


@pytest.mark.parametrize("name", ["cc_host_facts", "cc_reach"])
def test_every_option_is_documented(name: str, module: Callable[[str], ModuleType]) -> None:
    import yaml

    documented = yaml.safe_load(module(name).DOCUMENTATION)
    assert documented["module"] == name
    source = (MODULES / f"{name}.py").read_text()
    assert all(f'"{option}"' in source for option in documented["options"])
    assert yaml.safe_load(module(name).RETURN)
