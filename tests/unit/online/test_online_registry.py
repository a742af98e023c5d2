"""Registries are asked as Docker asks them, over a real HTTP server."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cc_ansible.online import registry
from cc_ansible.online.registry import Login, Reference

Serve = Callable[[type[BaseHTTPRequestHandler]], str]
PASSWORD = "correct horse"
BASIC = f"Basic {base64.b64encode(f'puller:{PASSWORD}'.encode()).decode()}"


class Registry(BaseHTTPRequestHandler):
    """A registry with one image that wants what ``wants`` says."""

    wants: ClassVar[str] = ""
    seen: ClassVar[list[tuple[str, str, str | None]]]

    def do_HEAD(self) -> None:
        self.seen.append((self.command, self.path, self.headers["Authorization"]))
        if self.wants and self.path != "/v2/" and not self.allowed():
            host = self.headers["Host"]
            challenge = {
                "basic": 'Basic realm="here"',
                "bearer": f'Bearer realm="http://{host}/token",service="here"',
                "elsewhere": 'Bearer realm="ftp://example.org/token"',
                "odd": "Negotiate",
            }[self.wants]
            self.answer(401, WWW_Authenticate=challenge)
        elif self.path in ("/v2/", "/v2/kolla/keystone/manifests/2026.1"):
            self.answer(200)
        elif self.path.startswith("/v2/kolla/broken"):
            self.answer(502)
        elif self.path.startswith("/v2/kolla/moved"):
            self.answer(307, Location=f"http://{self.headers['Host']}/storage")
        else:
            self.answer(200 if self.path == "/storage" else 404)

    def do_GET(self) -> None:
        self.seen.append((self.command, self.path, self.headers["Authorization"]))
        if self.headers["Authorization"] != BASIC:
            self.answer(401)
        else:
            self.answer(200, body=json.dumps({"token": "ticket"}).encode())

    def allowed(self) -> bool:
        return self.headers["Authorization"] in (
            BASIC if self.wants == "basic" else "",
            "Bearer ticket",
        )

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def start(serve: Serve) -> Callable[[str], tuple[str, list[tuple[str, str, str | None]]]]:
    def started(wants: str = "") -> tuple[str, list[tuple[str, str, str | None]]]:
        seen: list[tuple[str, str, str | None]] = []
        kind = type("Wanting", (Registry,), {"wants": wants, "seen": seen})
        return serve(kind), seen

    return started


def states(address: str, *names: str, **login: str) -> list[str]:
    images = [f"{address}/kolla/{name}" for name in names]
    found = registry.ask(images, Login(registry=address, **login))
    assert list(found) == images
    return [answer.state for answer in found.values()]


def test_present_and_missing(start: Callable[..., tuple[str, list]]) -> None:
    address, _ = start()
    found = registry.ask([f"{address}/kolla/keystone:2026.1"], Login())
    assert [(each.state, each.plain, each.registry) for each in found.values()] == [
        ("present", True, address)
    ]
    assert states(address, "keystone:2026.1", "keystone:2025.2", "nova-api:2026.1") == [
        "present",
        "missing",
        "missing",
    ]


def test_a_registry_in_trouble_is_not_one_without_images(
    start: Callable[..., tuple[str, list]],
) -> None:
    address, _ = start()
    assert states(address, "broken:1") == ["unreachable"]


@pytest.mark.parametrize("wants", ["basic", "bearer"])
def test_logins(start: Callable[..., tuple[str, list]], wants: str) -> None:
    address, seen = start(wants)
    known = {"username": "puller", "password": PASSWORD}
    assert states(address, "keystone:2026.1", "nova-api:1", **known) == ["present", "missing"]
    assert states(address, "keystone:2026.1", username="puller", password="wrong") == ["refused"]
    assert states(address, "keystone:2026.1") == ["refused"]
    if wants == "bearer":
        tokens = [path for command, path, _ in seen if command == "GET"]
        assert "/token?scope=repository%3Akolla%2Fkeystone%3Apull&service=here" in tokens
        assert not [said for command, _, said in seen if command == "HEAD" and said == BASIC]


@pytest.mark.parametrize("wants", ["elsewhere", "odd"])
def test_what_we_cannot_do_is_a_refusal(start: Callable[..., tuple[str, list]], wants: str) -> None:
    address, _ = start(wants)
    assert states(address, "keystone:2026.1", username="puller", password=PASSWORD) == ["refused"]


def test_the_password_goes_to_its_own_registry_only(
    start: Callable[..., tuple[str, list]],
) -> None:
    address, seen = start("basic")
    login = Login("registry.example.org", "puller", PASSWORD)
    found = registry.ask([f"{address}/kolla/keystone:2026.1"], login)
    assert [each.state for each in found.values()] == ["refused"]
    assert {said for _, _, said in seen} == {None}


def test_storage_behind_the_registry_is_followed_without_a_password(
    start: Callable[..., tuple[str, list]],
) -> None:
    address, seen = start()
    assert states(address, "moved:1", username="puller", password=PASSWORD) == ["present"]
    assert ("HEAD", "/storage", None) in seen


def test_a_dead_registry_is_asked_once_and_soon_given_up() -> None:
    images = [f"127.0.0.1:1/kolla/image{number}:1" for number in range(40)]
    began = time.monotonic()
    found = registry.ask(images, Login())
    assert time.monotonic() - began < 5
    assert {(each.state, each.why) for each in found.values()} == {
        ("unreachable", "Connection refused")
    }


def test_no_image_no_question() -> None:
    assert registry.ask([], Login()) == {}


def test_a_password_is_in_no_text() -> None:
    assert PASSWORD not in repr(Login("r", "puller", PASSWORD))


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("nginx", Reference("docker.io", "library/nginx", "latest")),
        ("kolla/nova-api:2026.1", Reference("docker.io", "kolla/nova-api", "2026.1")),
        ("10.0.0.1:5000/kolla/nova-api:t", Reference("10.0.0.1:5000", "kolla/nova-api", "t")),
        ("localhost/x", Reference("localhost", "x", "latest")),
        ("quay.io/openstack.kolla/x:t", Reference("quay.io", "openstack.kolla/x", "t")),
        ("[fd00::1]:5000/x:t", Reference("[fd00::1]:5000", "x", "t")),
        ("r.io/x:t@sha256:ab", Reference("r.io", "x", "sha256:ab")),
        ("r.io/x@sha256:ab", Reference("r.io", "x", "sha256:ab")),
    ],
)
def test_references(image: str, expected: Reference) -> None:
    assert registry.parse(image) == expected


NAMES = st.from_regex(r"[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True)


@given(
    st.one_of(
        NAMES.map(lambda name: f"{name}.example.org"), NAMES.map(lambda name: f"{name}:5000")
    ),
    st.lists(NAMES, min_size=1, max_size=3),
    st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,30}", fullmatch=True),
)
def test_every_full_reference_is_taken_apart_again(host: str, path: list[str], tag: str) -> None:
    repository = "/".join(path)
    assert registry.parse(f"{host}/{repository}:{tag}") == Reference(host, repository, tag)
