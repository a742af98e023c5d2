"""Checks of a running site against a real, small Keystone and its neighbours."""

from __future__ import annotations

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from cc_ansible.verify import checks
from cc_ansible.verify.checks import Result

PASSWORD = "right"


class Cloud(BaseHTTPRequestHandler):
    """/v3/... is Keystone; /NUMBER answers with that status. ``paths`` are the catalogue."""

    paths: tuple[str, ...] = ()
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path.rstrip("/") == "/v3":
            self.answer(200, {"version": self.version()})
        elif self.path == "/":
            self.answer(300, {"versions": {"values": [self.version()]}})
        else:
            self.answer(int(self.path.split("/")[1]), {})

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        user = asked["auth"]["identity"]["password"]["user"]
        if user["password"] != PASSWORD:
            self.answer(401, {"error": {"message": "The request requires authentication."}})
        else:
            self.answer(201, {"token": self.token()}, {"X-Subject-Token": "t"})

    def version(self) -> dict[str, Any]:
        link = {"rel": "self", "href": f"http://{self.headers['Host']}/v3/"}
        return {"id": "v3.14", "status": "stable", "links": [link]}

    def token(self) -> dict[str, Any]:
        catalogue = [
            {
                "name": f"service{number}",
                "type": f"type{number}",
                "endpoints": [
                    {
                        "interface": interface,
                        "region": "RegionOne",
                        "region_id": "RegionOne",
                        "url": f"http://{self.headers['Host']}{path}",
                    }
                    for interface in ("internal", "public")
                ],
            }
            for number, path in enumerate(self.paths)
        ]
        person = {"name": "admin", "id": "1", "domain": {"name": "Default", "id": "default"}}
        return {
            "methods": ["password"],
            "user": person,
            "project": person,
            "expires_at": "2099-01-01T00:00:00.000000Z",
            "issued_at": "2020-01-01T00:00:00.000000Z",
            "catalog": catalogue,
        }

    def answer(self, code: int, body: object, headers: dict[str, str] | None = None) -> None:
        self.send_response(code)
        for name, value in {**(headers or {}), "Location": "/500"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())


Ask = Callable[..., list[Result]]


@pytest.fixture
def asked() -> list[str]:
    """Paths that were asked for."""
    return []


@pytest.fixture
def ask(serve: Callable[..., str], tmp_path: Path, asked: list[str]) -> Ask:
    """Check a cloud with these endpoints, as the admin with this password."""

    def api(*paths: str, password: str = PASSWORD) -> list[Result]:
        cloud = type("This", (Cloud,), {"paths": paths, "asked": asked})
        auth = {
            "auth_url": f"http://{serve(cloud)}",
            "username": "admin",
            "password": password,
            "project_name": "admin",
            "user_domain_name": "Default",
            "project_domain_name": "Default",
        }
        clouds = {"clouds": {"kolla-admin-internal": {"auth": auth, "region_name": "RegionOne"}}}
        (tmp_path / "clouds.yaml").write_text(json.dumps(clouds))
        return checks.api(tmp_path / "clouds.yaml")

    return api


def test_a_cloud_that_answers_passes_with_a_line_for_each_endpoint(ask: Ask) -> None:
    results = ask("/200", "/300/v2")
    assert [(result.name, result.passed) for result in results] == [
        ("token", True),
        ("endpoint service0", True),
        ("endpoint service1", True),
    ]
    assert results[0].detail.startswith("a token from http://127.0.0.1:")
    assert results[2].detail.endswith("/300/v2 answers 300")
    assert all(result.seconds > 0 for result in results)


@pytest.mark.parametrize(
    ("code", "passed"),
    [(200, True), (302, True), (401, True), (404, True), (500, False), (503, False)],
)
def test_an_api_that_refuses_runs_and_one_that_breaks_does_not(
    code: int, passed: bool, ask: Ask
) -> None:
    result = ask(f"/{code}")[1]
    assert result.passed is passed
    assert f"/{code} answers {code}" in result.detail


def test_a_broken_endpoint_does_not_hide_the_others(ask: Ask) -> None:
    passed = [result.passed for result in ask("/500", "/200", "/503", "/200/x")]
    assert passed == [True, False, True, False, True]


def test_a_template_in_an_endpoint_is_not_asked_for(ask: Ask, asked: list[str]) -> None:
    assert ask("/200/%(tenant_id)s")[1].passed
    assert asked[-1] == "/200/"


def test_a_wrong_password_fails_the_token_and_asks_no_further(ask: Ask, asked: list[str]) -> None:
    (result,) = ask("/200", password="wrong")
    assert (result.name, result.passed) == ("token", False)
    assert "Unauthorized (HTTP 401)" in result.detail
    assert "/200" not in asked


def test_a_missing_clouds_yaml_is_a_failed_check(tmp_path: Path) -> None:
    (result,) = checks.api(tmp_path / "gone.yaml")
    assert (result.name, result.passed) == ("token", False)
    assert "kolla-admin-internal" in result.detail


def test_nobody_at_an_address_is_a_failed_check() -> None:
    result = checks._timed("endpoint x", lambda: checks._answers("http://127.0.0.1:1/"))
    assert not result.passed
    assert result.detail.startswith("ConnectionError: ")


def node(**state: object) -> dict[str, object]:
    fine = {"name": "n", "state": "running", "running": 3, "stopped": (), "unhealthy": ()}
    return fine | state


@pytest.mark.parametrize(
    ("state", "passed", "detail"),
    [
        ({}, True, "3 containers run"),
        ({"running": 0}, False, "0 containers run"),
        ({"state": "exited"}, False, "3 containers run"),
        ({"stopped": ("heat_api",)}, False, "heat_api"),
        ({"stopped": ("a",), "unhealthy": ("b",)}, False, "a, b (unhealthy)"),
    ],
)
def test_a_node_passes_when_all_it_has_runs_well(
    state: dict[str, object], passed: bool, detail: str
) -> None:
    (result,) = checks.containers([node(**state)])
    assert (result.name, result.passed, result.detail) == ("containers on n", passed, detail)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(checks, "time", clock)
    return clock


def test_services_that_need_a_moment_get_it(clock: Clock) -> None:
    def ask() -> list[Result]:
        return [Result("slow", clock.now >= 10, "", 0), Result("fast", True, "", 0)]

    assert all(result.passed for result in checks.until_passed(ask, 60))
    assert 10 <= clock.now < 15


def test_services_that_never_answer_are_given_up_with_their_last_words(clock: Clock) -> None:
    def ask() -> list[Result]:
        return [Result("dead", False, f"seen at {clock.now:g}", 0)]

    (result,) = checks.until_passed(ask, 60)
    assert result.detail == f"seen at {clock.now:g}"
    assert 60 <= clock.now < 65


def test_what_answers_at_once_costs_no_wait(clock: Clock) -> None:
    assert checks.until_passed(lambda: [Result("up", True, "", 0)], 60)
    assert clock.now == 0
