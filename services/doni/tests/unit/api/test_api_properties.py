"""Whatever is sent: never a failure of the server, never a secret in a reply or in the log."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from asking import BAREMETAL, DEVICE, FAKE, Person
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SECRET = "Zq7/x\"'é-secret"
SENSITIVE = (
    "ipmi_password", "redfish_password", "application_credential_secret",
    "private-and-sensitive-field", "public-and-sensitive-field",
)  # fmt: skip
NAMES = [
    *SENSITIVE, *BAREMETAL, *DEVICE, *FAKE, "channels", "placement", "traits", "extra_properties",
    "maintenance", "authorized_projects", "su_factor", "node_type", "k8s_bootstrap_token",
]  # fmt: skip

_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from([SECRET, *NAMES, "baremetal", "fake-hardware", "2026-01-01T00:00:00Z", "::1"]),
)
_values = st.recursive(
    _scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=8), inner, max_size=4),
    ),
    max_leaves=12,
)
_properties = st.dictionaries(
    st.sampled_from(NAMES), st.one_of(st.just(SECRET), _values), max_size=6
)
_bodies = st.one_of(
    _values,
    st.fixed_dictionaries(
        {
            "name": st.one_of(st.text(max_size=20), _values),
            "hardware_type": st.sampled_from(
                ["baremetal", "device", "device.balena", "fake-hardware", "x", None]
            ),
            "properties": st.one_of(
                _values,
                _properties,
                *(
                    _properties.map(lambda more, base=base: {**base, **more})
                    for base in (BAREMETAL, DEVICE, FAKE)
                ),
            ),
        }
    ),
)
_segments = st.sampled_from([
    "name", "hardware_type", "properties", "availability", "-", "0", "1", "start", "end", "user",
    "window", *NAMES,
]) | st.text(max_size=4)  # fmt: skip
_paths = st.lists(_segments, max_size=4).map(lambda parts: "/" + "/".join(parts))
_times = st.datetimes().map(lambda time: time.isoformat() + "+02:00")
_spans = st.fixed_dictionaries({"start": _times, "end": _times})
_operations = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "replace", "remove", "move", "test"])},
    optional={
        "path": st.one_of(_paths, _values),
        "value": st.one_of(_values, _spans, st.just(SECRET), _properties),
        "from": _paths,
    },
)
_sensible = st.builds(
    lambda name, value: {"op": "add", "path": f"/properties/{name}", "value": value},
    st.sampled_from(SENSITIVE),
    st.one_of(st.just(SECRET), _values),
)

many = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def _forms() -> set[str]:
    return {SECRET, json.dumps(SECRET)[1:-1], repr(SECRET)[1:-1], "Zq7/x"}


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> Any:
    """Checks a reply and what was logged for it."""
    caplog.set_level(logging.DEBUG)

    def check(reply: Any) -> None:
        assert reply.status_code < 500, reply.text
        for form in _forms():
            assert form not in reply.text
            assert form not in caplog.text
        json.loads(reply.text or "{}", parse_constant=pytest.fail)
        caplog.clear()

    return check


@many
@given(body=_bodies)
def test_bodies(owner: Person, quiet: Any, body: Any) -> None:
    reply = owner("POST", "/v1/hardware", data=json.dumps(body), content_type="application/json")
    if reply.status_code != 201:
        quiet(reply)
        return
    found = reply.json
    # What is public by its nature may be shown; what is sensitive may not.
    for name in SENSITIVE:
        assert found["properties"].get(name) in (None, "*" * 12)
    owner("DELETE", f"/v1/hardware/{found['uuid']}")


@many
@given(patch=st.lists(st.one_of(_operations, _sensible), max_size=4))
def test_patches(owner: Person, quiet: Any, patch: Any) -> None:
    listed = owner.get("/v1/hardware")["hardware"]
    uuid = listed[0]["uuid"] if listed else owner.create(
        kind="baremetal", ipmi_password=SECRET, redfish_password=SECRET)["uuid"]  # fmt: skip
    shown = any(SECRET in json.dumps(entry, ensure_ascii=False) for entry in patch)
    reply = owner(
        "PATCH", f"/v1/hardware/{uuid}", data=json.dumps(patch), content_type="application/json"
    )
    if reply.status_code == 400 or not shown:
        quiet(reply)
    assert reply.status_code in (200, 400), reply.text
    for path in (f"/{uuid}", "", "/export", f"/{uuid}/availability"):
        found = owner("GET", f"/v1/hardware{path}")
        assert found.status_code == 200
    if reply.status_code == 200:
        owner("DELETE", f"/v1/hardware/{uuid}")


@many
@given(
    query=st.dictionaries(
        st.sampled_from(["limit", "marker", "sort_key", "sort_dir", "all_projects"]) | st.text(),
        st.text(),
    )
)
def test_queries(admin: Person, quiet: Any, query: dict[str, str]) -> None:
    quiet(admin("GET", "/v1/hardware", query_string=query))


@many
@given(text=st.text(min_size=1))
def test_paths(owner: Person, quiet: Any, text: str) -> None:
    for method in ("GET", "DELETE"):
        for rest in ("", "/sync", "/availability"):
            quiet(owner(method, f"/v1/hardware/{text}{rest}"))


@pytest.mark.parametrize("field", SENSITIVE)
def test_secrets_in_what_older_releases_stored(owner: Person, field: str) -> None:
    from doni.db import session
    from doni.db.models import WorkerTask
    from sqlalchemy import update

    kind = {"ipmi": "baremetal", "redf": "baremetal", "appl": "device.balena"}.get(field[:4])
    uuid = owner.create(kind=kind or "fake-hardware", **{field: SECRET})["uuid"]
    details = {"last_error": f"HTTP 400: bad password {SECRET}!", "deep": [{"x": SECRET}]}
    with session.writer() as db:
        db.execute(update(WorkerTask).values(state_details=details, observed_state=details))
    for path in (f"/{uuid}", ""):
        text = owner("GET", f"/v1/hardware{path}").text
        assert "bad password ****" in text
        assert "Zq7/x" not in text
