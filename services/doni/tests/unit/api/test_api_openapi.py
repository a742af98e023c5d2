"""The OpenAPI document is true: replies are as it says, to good requests and to bad ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
import schemathesis
from asking import Person
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import CHECKS

TOKENS = {
    "owner": {"X-Project-Id": "p1", "X-Roles": "hardware_owner,member,reader"},
    "admin": {"X-Project-Id": "p1", "X-Roles": "admin,member,reader"},
}


class Tokens:
    """Stands for the authentication: knows two tokens."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        for header, value in TOKENS.get(environ.get("HTTP_X_AUTH_TOKEN", ""), {}).items():
            environ[f"HTTP_{header.upper().replace('-', '_')}"] = value
            environ["HTTP_X_IDENTITY_STATUS"] = "Confirmed"
        return self.app(environ, start_response)


@pytest.fixture
def api(app: Any) -> Iterator[Any]:
    for number, kind in enumerate(("fake-hardware", "baremetal", "device.balena")):
        Person(app, "p1", "admin").create(f"n{number}", kind)
    app.wsgi_app = Tokens(app.wsgi_app)
    yield schemathesis.openapi.from_wsgi("/openapi.json", app)


def test_the_document(app: Any) -> None:
    document = app.test_client().get("/openapi.json").json
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    assert set(document["components"]["schemas"]) >= {"Create.baremetal", "Create.device.balena"}


@pytest.mark.parametrize("token", TOKENS)
def test_replies_are_as_described(api: Any, token: str) -> None:
    for result in api.get_all_operations():
        _ask(result.ok(), token)


def _ask(operation: Any, token: str) -> None:
    excluded = []
    if operation.method == "patch":
        # A patch may be of what is not there.
        excluded.append(CHECKS.get_one("positive_data_acceptance"))

    @settings(
        max_examples=25,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        case.call_and_validate(headers={"X-Auth-Token": token}, excluded_checks=excluded)

    ask()
