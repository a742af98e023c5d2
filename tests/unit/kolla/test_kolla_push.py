"""Pushes to a small registry over HTTP: what is sent, and what it holds already."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from fake_engine import Engine

from cc_ansible.errors import RunFailed
from cc_ansible.kolla import push

NOVA, KEYSTONE = "kolla/nova-api:1", "kolla/keystone:1"


class Registry(BaseHTTPRequestHandler):
    """Manifests by path; ``full`` refuses new ones."""

    manifests: dict[str, bytes]
    accepts: list[str]
    full = False

    def do_HEAD(self) -> None:
        self.accepts.append(self.headers["Accept"])
        body = self.manifests.get(self.path)
        self.send_response(200 if body is not None else 404)
        if body is not None:
            digest = hashlib.sha256(body).hexdigest()
            self.send_header("Docker-Content-Digest", f"sha256:{digest}")
        self.end_headers()

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self.full:
            self.manifests[self.path] = body
        self.send_response(507 if self.full else 201)
        self.end_headers()


class Place:
    def __init__(self, address: str, content: type[Registry], memory: Path, engine: Engine) -> None:
        self.address, self.content, self.memory, self.engine = address, content, memory, engine

    def push(self, *references: str) -> list[str]:
        return push.push(self.engine, references, self.address, self.memory, lambda text: None)  # type: ignore[arg-type]


@pytest.fixture
def place(serve: Callable[..., str], engine: Engine, tmp_path: Path) -> Place:
    content = type("Content", (Registry,), {"manifests": {}, "accepts": []})
    engine.images.add(NOVA)
    engine.images.add(KEYSTONE)
    return Place(serve(content), content, tmp_path / "pushed.json", engine)


def test_images_arrive_under_their_name_and_tag(place: Place) -> None:
    assert place.push(NOVA, KEYSTONE) == [NOVA, KEYSTONE]
    assert set(place.content.manifests) == {
        "/v2/kolla/nova-api/manifests/1",
        "/v2/kolla/keystone/manifests/1",
    }
    assert push._digest(place.address, NOVA)


def test_what_the_registry_holds_is_not_sent_again(place: Place) -> None:
    place.push(NOVA)
    place.push(KEYSTONE)
    place.content.full = True
    assert place.push(NOVA, KEYSTONE) == []


def test_a_rebuilt_image_is_sent_again_alone(place: Place) -> None:
    place.push(NOVA)
    place.push(KEYSTONE)
    place.engine.images.add(NOVA)
    assert place.push(NOVA, KEYSTONE) == [NOVA]


def test_what_the_registry_lost_is_sent_again(place: Place) -> None:
    place.push(NOVA, KEYSTONE)
    place.content.manifests.clear()
    assert place.push(NOVA, KEYSTONE) == [NOVA, KEYSTONE]


def test_what_somebody_else_overwrote_is_sent_again(place: Place) -> None:
    place.push(NOVA)
    place.content.manifests["/v2/kolla/nova-api/manifests/1"] = b"another"
    assert place.push(NOVA) == [NOVA]


def test_a_damaged_memory_sends_again(place: Place) -> None:
    place.push(NOVA)
    place.memory.write_text("{")
    assert place.push(NOVA) == [NOVA]
    assert set(json.loads(place.memory.read_text())) == {NOVA}


def test_a_refusal_names_image_registry_and_fix_and_is_not_remembered(place: Place) -> None:
    place.content.full = True
    with pytest.raises(RunFailed, match=f"{NOVA} could not be pushed to {place.address}") as caught:
        place.push(NOVA)
    assert "507" in caught.value.summary
    assert "disk space" in caught.value.fix
    place.content.full = False
    assert place.push(NOVA) == [NOVA]


def test_no_name_of_the_registry_stays_on_this_machine(place: Place) -> None:
    place.push(NOVA)
    place.content.full = True
    place.engine.images.add(NOVA)
    with pytest.raises(RunFailed):
        place.push(NOVA)
    assert place.engine.images.references() == {NOVA, KEYSTONE}


def test_a_registry_is_asked_for_both_kinds_of_manifest(place: Place) -> None:
    assert not push._digest(place.address, NOVA)
    assert place.content.accepts == [", ".join(push.MANIFESTS)]


def test_a_registry_that_is_gone_holds_nothing() -> None:
    assert not push._digest("127.0.0.1:1", NOVA)
