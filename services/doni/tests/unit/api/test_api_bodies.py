"""Bodies that are no bodies, and failures that nobody foresaw."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from asking import DEVICE, FAKE, NOBODYS, Person, add
from doni.db import hardware
from oslo_db import exception as db_exc

JSON = "application/json"


def _post(owner: Person, data: bytes | str, content_type: str | None = JSON) -> Any:
    return owner("POST", "/v1/hardware", data=data, content_type=content_type)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"nothing",
        b"\xff\xfe",
        b'"\xc3("',
        b"{'name': 'a'}",
        b'{"name": NaN}',
        b'{"name": Infinity}',
        b'{"name": 1e999}',
        b'{"name": ' + b"9" * 5000 + b"}",
        b'{"name": "\\ud800"}',
        b'{"\\udfff": 1}',
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b"[" * 40 + b"]" * 40,
        b'{"a":' * 900 + b"1" + b"}" * 900,
    ],
)
def test_no_json(owner: Person, data: bytes) -> None:
    for reply in (
        _post(owner, data),
        owner("PATCH", f"/v1/hardware/{NOBODYS}", data=data, content_type=JSON),
    ):
        assert reply.status_code == 400
        assert set(reply.json) == {"error"}


def test_null(owner: Person) -> None:
    reply = _post(owner, b"null")
    assert reply.json == {"error": "Schema error for hardware: must be an object"}
    reply = owner("PATCH", f"/v1/hardware/{NOBODYS}", data=b"null", content_type=JSON)
    assert reply.json == {"error": "Schema error for patch: must be a list"}


@pytest.mark.parametrize(
    "content_type", [None, "", "text/plain", "application/x-www-form-urlencoded"]
)
def test_other_content_types(owner: Person, content_type: str | None) -> None:
    reply = _post(owner, b'{"name": "a"}', content_type)
    assert reply.status_code == 400
    assert "application/json" in reply.json["error"]


@pytest.mark.parametrize("content_type", [f"{JSON}; charset=utf-8", "application/json-patch+json"])
def test_forms_of_the_content_type(owner: Person, content_type: str) -> None:
    uuid = owner.create()["uuid"]
    reply = owner("PATCH", f"/v1/hardware/{uuid}", data=b"[]", content_type=content_type)
    assert reply.status_code == 200


def test_large_bodies(owner: Person, app: Any) -> None:
    large = b'{"name": "' + b"a" * 10 * 1024 * 1024 + b'"}'
    reply = _post(owner, large)
    assert reply.status_code == 413
    assert reply.content_type == JSON
    assert set(reply.json) == {"error"}
    # Nobody who is not known gets that far.
    assert app.test_client().post("/v1/hardware", data=large).status_code == 401


def test_many_unknown_keys(owner: Person) -> None:
    properties = {**FAKE, **{f"k{number}": 1 for number in range(20_000)}}
    found = owner("POST", "/v1/hardware", {
        "name": "a", "hardware_type": "fake-hardware", "properties": properties})  # fmt: skip
    assert found.status_code == 400
    assert len(found.json["error"]) < 500


def test_large_properties(owner: Person) -> None:
    owner.create(**{"public-field": "x" * 300_000}, code=400)
    owner.create(**{"public-field": "x" * 200_000})


def test_lists_with_entries_of_several_kinds(owner: Person) -> None:
    traits = [{"a": number} if number % 2 else f"T{number}" for number in range(40_000)]
    owner.create(kind="baremetal", code=400, traits=traits)


def test_failures_are_told_without_details(
    owner: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(values: Any, workers: Any) -> Any:
        raise RuntimeError(f"no idea what to do with {values}")

    monkeypatch.setattr(hardware, "create", fail)
    with caplog.at_level(logging.DEBUG):
        found = owner.create(kind="device.balena", code=500)
    assert found == {"error": "An unknown error occurred."}
    assert "RuntimeError" in caplog.text
    assert DEVICE["application_credential_secret"] not in caplog.text


def test_a_patch_that_fails_leaves_no_secret_in_the_log(
    owner: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    uuid = owner.create(kind="device.balena")["uuid"]

    def fail(db: Any, item: Any, windows: Any) -> Any:
        raise RuntimeError(f"no idea what to do with {item.properties}")

    monkeypatch.setattr(hardware, "_change_windows", fail)
    with caplog.at_level(logging.DEBUG):
        owner.patch(uuid, add("/properties/application_credential_secret", "brand-new-1"), code=500)
    assert "no idea" in caplog.text
    assert DEVICE["application_credential_secret"] not in caplog.text
    assert "brand-new-1" not in caplog.text


def test_a_database_that_does_not_answer(owner: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(uuid: str) -> Any:
        raise db_exc.DBConnectionError("gone")

    monkeypatch.setattr(hardware, "get", fail)
    assert "does not answer" in owner.show(NOBODYS, 503)["error"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "TRACE", "PROPFIND"])
def test_methods(owner: Person, method: str) -> None:
    reply = owner(method, "/v1/hardware/")
    if method in ("GET", "HEAD", "OPTIONS"):
        assert reply.status_code == 200
    else:
        assert reply.status_code == 405
        assert reply.headers["Allow"]
        assert set(reply.json) == {"error"}


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1//hardware", "/v2/hardware", "/%00"])
def test_unknown_paths(owner: Person, path: str) -> None:
    reply = owner("GET", path)
    assert reply.status_code == 404
    assert set(reply.json) == {"error"}


@pytest.mark.parametrize("method", ["PATCH", "DELETE", "POST", "PUT"])
def test_the_export_is_no_item(owner: Person, method: str) -> None:
    assert owner(method, "/v1/hardware/export/").status_code == 405
    assert owner(method, "/v1/hardware/exported").status_code in (400, 405)
