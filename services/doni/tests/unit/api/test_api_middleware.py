"""What is around the app: authentication, health, metrics, proxies."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asking import Person
from doni.api.app import create_app
from doni.api.middleware import Authentication
from doni.db import session
from keystoneauth1 import exceptions as ksa_exc
from keystonemiddleware.auth_token import _exceptions as ksm_exc
from oslo_config import cfg
from oslo_middleware import opts as middleware_opts

Client = Callable[..., Any]


DOMAIN = {"id": "default", "name": "Default"}


def _token(**more: Any) -> dict[str, Any]:
    return {
        "token": {
            "methods": ["password"],
            "user": {"id": "u", "name": "n", "domain": DOMAIN},
            "issued_at": "2020-01-01T00:00:00.000000Z",
            "expires_at": "2999-01-01T00:00:00.000000Z",
            "audit_ids": ["a"],
            **more,
        }
    }


@pytest.fixture
def identity(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the identity service says of tokens: it may raise."""
    tokens: dict[str, Any] = {}

    class Server:
        www_authenticate_uri = "http://keystone.example:5000"

        def verify_token(self, token: str, allow_expired: bool = False) -> Any:
            found = tokens.get(token, ksm_exc.InvalidToken())
            if isinstance(found, ksm_exc.InvalidToken):
                try:
                    raise ksa_exc.NotFound("no such token")
                except ksa_exc.NotFound:
                    raise found  # noqa: B904
            if isinstance(found, Exception):
                raise found
            return found

        def invalidate(self) -> None:
            pass

    monkeypatch.setattr(Authentication, "_create_identity_server", lambda self: Server())
    monkeypatch.setattr(Authentication, "_create_auth_plugin", lambda self: None)
    monkeypatch.setattr(Authentication, "_create_session", lambda self: None)
    return tokens


@pytest.fixture
def ask(conf: cfg.ConfigOpts, identity: dict[str, Any]) -> Client:
    client = create_app(conf).test_client()

    def get(path: str = "/v1/hardware", token: str | None = None, **headers: str) -> Any:
        given = {"X-Auth-Token": token} if token else {}
        return client.get(path, headers={**given, **headers})

    return get


def test_tokens(ask: Client, identity: dict[str, Any]) -> None:
    identity["scoped"] = _token(
        project={"id": "p1", "name": "p1", "domain": DOMAIN}, roles=[{"id": "r", "name": "reader"}]
    )
    identity["unscoped"] = _token()
    assert ask(token="scoped").json == {"hardware": [], "links": []}
    assert ask(token="unscoped").status_code == 403
    for token in (None, "unknown"):
        found = ask(token=token)
        assert found.status_code == 401
        assert found.json == {"error": "The request you have made requires authentication"}
        assert found.headers["WWW-Authenticate"].startswith("Keystone uri=")
        assert found.headers["OpenStack-Request-Id"]


def test_headers_that_claim_an_identity_are_not_believed(ask: Client) -> None:
    claims = {"X-Identity-Status": "Confirmed", "X-Roles": "admin", "X-Project-Id": "p1"}
    assert ask(**claims).status_code == 401
    assert ask("/v1/hardware?all_projects=1", token="unknown", **claims).status_code == 401


@pytest.mark.parametrize(
    "problem",
    [
        ksa_exc.ConnectFailure("x"),
        ksa_exc.RequestTimeout("x"),
        ksa_exc.DiscoveryFailure("x"),
        ksa_exc.EndpointNotFound("x"),
        ksm_exc.ServiceError("x"),
    ],
)
def test_an_identity_service_that_does_not_answer(
    ask: Client, identity: dict[str, Any], problem: Exception
) -> None:
    identity["t"] = problem
    found = ask(token="t")
    assert found.status_code == 503
    assert "identity service" in found.json["error"]
    assert found.headers["OpenStack-Request-Id"]


def test_health(ask: Client, conf: cfg.ConfigOpts, identity: dict[str, Any]) -> None:
    for path in ("/healthcheck", "/healthcheck/"):
        found = ask(path)
        assert found.status_code == 200
        assert found.content_type.startswith("text/plain")
        assert "OpenStack-Request-Id" not in found.headers


def test_health_with_the_database(
    conf: cfg.ConfigOpts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group, options = next(entry for entry in middleware_opts.list_opts_healthcheck())
    conf.register_opts(options, group=group)
    conf.set_override("backends", ["doni_database"], group="healthcheck")
    client = create_app(conf, auth=False).test_client()
    assert client.get("/healthcheck").text == "OK"
    session.reset()
    conf.set_override("connection", f"sqlite:///{tmp_path}/no/such/directory", group="database")
    conf.set_override("max_retries", 0, group="database")
    session.configure(conf)
    found = client.get("/healthcheck")
    assert (found.status_code, found.text) == (503, "the database does not answer")


def test_metrics(conf: cfg.ConfigOpts, owner: Person) -> None:
    owner.create()
    assert create_app(conf, auth=False).test_client().get("/metrics").status_code == 401
    conf.set_override("metrics", True, group="api")
    found = create_app(conf, auth=False).test_client().get("/metrics")
    assert found.status_code == 200
    assert "doni_worker_tasks" in found.text


def test_links_behind_a_proxy(conf: cfg.ConfigOpts, owner: Person) -> None:
    owner.create()
    headers = {"X-Forwarded-Proto": "https", "Host": "chi.example.org:8100"}
    found = owner("GET", "/v1/hardware?limit=1", headers=headers)
    assert found.json["links"][0]["href"].startswith("http://chi.example.org:8100/v1/hardware?")
    conf.set_override("enable_proxy_headers_parsing", True, group="oslo_middleware")
    found = owner("GET", "/v1/hardware?limit=1", headers=headers)
    assert found.json["links"][0]["href"].startswith("https://chi.example.org:8100/v1/hardware?")
