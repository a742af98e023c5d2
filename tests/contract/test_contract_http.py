"""The API over HTTP, with real tokens."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from doni_site import DoniSite

SPAN = {"start": "2026-01-01T12:00:00+02:00", "end": "2026-01-02T10:00:00Z"}
WRITERS = 200


def test_open_to_everybody(site: DoniSite) -> None:
    assert requests.get(f"{site.url}/", timeout=60).json()["default_version"] == "1.0"
    assert requests.get(f"{site.url}/healthcheck", timeout=60).status_code == 200
    assert "doni_worker_tasks" in requests.get(f"{site.url}/metrics", timeout=60).text
    assert requests.get(f"{site.url}/openapi.json", timeout=60).json()["openapi"] == "3.1.0"


@pytest.mark.parametrize("token", [None, "x", "gAAAAA" + "x" * 180])
@pytest.mark.parametrize("path", ["/v1", "/v1/hardware/", "/v1/hardware/export/", "/nowhere"])
def test_no_token_and_bad_ones(site: DoniSite, token: str | None, path: str) -> None:
    claims = {"X-Identity-Status": "Confirmed", "X-Roles": "admin", "X-Project-Id": "p"}
    headers = {**claims, **({"X-Auth-Token": token} if token else {})}
    reply = requests.get(site.url + path, headers=headers, timeout=60)
    assert reply.status_code == 401
    assert reply.json() == {"error": "The request you have made requires authentication"}
    assert reply.headers["OpenStack-Request-Id"].startswith("req-")
    assert reply.headers["Vary"] == "X-Auth-Token"


def test_who_may_do_what(ask: Any) -> None:
    item = ask("owner").create("a")
    path = f"/v1/hardware/{item['uuid']}"
    rename = [{"op": "add", "path": "/name", "value": "b"}]
    expected = {
        "owner": (200, 200, 200),
        "member": (200, 200, 200),
        "reader": (200, 403, 403),
        "other": (403, 403, 403),
        "admin": (200, 200, 200),
        "unscoped": (403, 403, 403),
    }
    seen = {
        person: (
            ask(person)("GET", path).status_code,
            ask(person)("PATCH", path, rename).status_code,
            ask(person)("POST", f"{path}/sync").status_code,
        )
        for person in expected
    }
    assert seen == expected
    body = {"name": "c", "hardware_type": "fake-hardware", "properties": {
        "default_required_field": "x"}}  # fmt: skip
    for person in ("member", "reader", "unscoped"):
        assert ask(person)("POST", "/v1/hardware", body).status_code == 403
    for person in ("owner", "member", "reader", "other", "unscoped"):
        assert ask(person)("GET", "/v1/hardware?all_projects=1").status_code == 403
    listed = {
        "owner": 1, "reader": 1, "other": 0, "admin": 0,
    }  # fmt: skip
    for person, number in listed.items():
        assert len(ask(person).get("/v1/hardware")["hardware"]) == number
    assert ask("unscoped")("GET", "/v1/hardware").status_code == 403
    assert len(ask("admin").get("/v1/hardware?all_projects=0")["hardware"]) == 1
    assert len(ask("other").get("/v1/hardware/export")["hardware"]) == 1


def test_the_worker_hears_of_everything(ask: Any, site: DoniSite) -> None:
    owner = ask("owner")
    uuid = owner.create("a")["uuid"]
    found = owner.steady(uuid)
    assert found["workers"][0]["state_details"]["fake-result"] == uuid
    path = f"/v1/hardware/{uuid}"
    patch = [{"op": "add", "path": "/availability/-", "value": SPAN}]
    assert owner("PATCH", path, patch).status_code == 200
    (window,) = owner.get(f"{path}/availability")["availability"]
    assert window["start"] == "2026-01-01T10:00:00+00:00"
    details = owner.steady(uuid)["workers"][0]["state_details"]
    assert details["fake-availability_windows"] == [window["uuid"]]
    reply = owner("DELETE", f"{path}/")
    assert (reply.status_code, reply.content) == (200, b"")
    assert reply.headers["Content-Type"].startswith("text/html")
    assert owner("GET", path).status_code == 404


def test_many_writers(ask: Any) -> None:
    owner = ask("owner")
    body = {"name": "a", "hardware_type": "fake-hardware", "properties": {
        "default_required_field": "x"}}  # fmt: skip
    headers = dict(owner.session.headers)

    def send(method: str, path: str, value: Any) -> int:
        # Without keeping connections: each writer is a client of its own.
        url = owner.url + path
        return requests.request(method, url, json=value, headers=headers, timeout=120).status_code

    with ThreadPoolExecutor(WRITERS) as pool:
        codes = pool.map(lambda _: send("POST", "/v1/hardware", body), range(WRITERS))
        assert Counter(codes) == {201: 1, 409: WRITERS - 1}
        (item,) = owner.get("/v1/hardware")["hardware"]
        path = f"/v1/hardware/{item['uuid']}"
        patch = [{"op": "add", "path": "/availability/-", "value": SPAN}]
        codes = pool.map(lambda _: send("PATCH", path, patch), range(WRITERS))
        assert Counter(codes) == {200: WRITERS}
    windows = [window["uuid"] for window in owner.get(f"{path}/availability")["availability"]]
    assert len(windows) == WRITERS
    # The worker ran all the while; what it says last is what was written last.
    details = owner.steady(item["uuid"])["workers"][0]["state_details"]
    assert sorted(details["fake-availability_windows"]) == sorted(windows)


def test_bad_bodies(ask: Any) -> None:
    owner = ask("owner")
    json = {"Content-Type": "application/json"}
    for data, headers, code in (
        (b"{", json, 400),
        (b"null", json, 400),
        (b"{}", {"Content-Type": "text/plain"}, 400),
        (b"[" * 100_000, json, 400),
        (b'"' + b"x" * 10 * 1024 * 1024 + b'"', json, 413),
    ):
        reply = owner("POST", "/v1/hardware", data=data, headers=headers)
        assert reply.status_code == code
        assert set(reply.json()) == {"error"}


def test_secrets_stay_where_they_are(ask: Any, site: DoniSite) -> None:
    secret = "hunter2-in-contract"
    owner = ask("owner")
    node = {
        "management_address": "10.30.1.1",
        "interfaces": [{"name": "eno1", "mac_address": "02:00:00:00:00:01"}],
        "cpu_arch": "x86_64",
        "ipmi_password": secret,
    }
    uuid = owner.create("n", "baremetal", **node)["uuid"]
    path = f"/v1/hardware/{uuid}"
    for value in (secret, 5, None, [secret]):
        patch = [
            {"op": "add", "path": "/properties/ipmi_password", "value": value},
            {"op": "remove", "path": "/properties/no-such"},
        ]
        reply = owner("PATCH", path, patch)
        assert reply.status_code == 400
        assert secret not in reply.text
    for person in ("owner", "reader", "admin"):
        assert secret not in ask(person)("GET", path).text
    for program in ("doni-api", "doni-worker"):
        assert secret not in site.log(program)
