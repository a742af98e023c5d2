"""Who may do what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from asking import NOBODYS, Person, add
from doni import policies
from doni.api.app import create_app

NO_TOKEN = {"error": "The request you have made requires authentication"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1"),
        ("GET", "/nowhere"),
        ("GET", "/v1/hardware"),
        ("POST", "/v1/hardware/"),
        ("PUT", "/v1/hardware/"),
        ("GET", "/v1/hardware/export"),
        ("GET", f"/v1/hardware/{NOBODYS}"),
        ("PATCH", f"/v1/hardware/{NOBODYS}"),
        ("DELETE", f"/v1/hardware/{NOBODYS}"),
        ("POST", f"/v1/hardware/{NOBODYS}/sync"),
        ("GET", f"/v1/hardware/{NOBODYS}/availability"),
    ],
)
def test_without_a_token(app: Any, method: str, path: str) -> None:
    for headers in (
        {},
        {"X-Identity-Status": "Invalid"},
        {"X-Roles": "admin", "X-Project-Id": "p"},
    ):
        reply = app.test_client().open(path, method=method, headers=headers)
        assert (reply.status_code, reply.json) == (401, NO_TOKEN)
        assert reply.content_type == "application/json"


@pytest.mark.parametrize("path", ["/", "/healthcheck", "/openapi.json"])
def test_open_to_everybody(app: Any, path: str) -> None:
    assert app.test_client().get(path).status_code == 200


def test_root(app: Any) -> None:
    found = app.test_client().get("/").json
    assert found["name"] == "OpenStack Doni API"
    assert found["default_version"] == "1.0"
    assert found["versions"] == ["1.0"]


def test_unscoped_tokens_see_nothing(unscoped: Person, owner: Person) -> None:
    item = owner.create()
    for path in ("", "?all_projects=1", "/export", f"/{item['uuid']}"):
        assert "disallowed by policy" in unscoped.get(f"/v1/hardware{path}", 403)["error"]
    unscoped.get(f"/v1/hardware/{item['uuid']}/availability", 403)
    unscoped.create("b", code=403)
    unscoped.patch(item["uuid"], add("/name", "c"), code=403)
    assert unscoped("DELETE", f"/v1/hardware/{item['uuid']}").status_code == 403


@pytest.mark.parametrize("roles", [(), ("admin",), ("hardware_owner", "member")])
def test_unscoped_tokens_with_roles_see_nothing(app: Any, owner: Person, roles: Any) -> None:
    item = owner.create()
    somebody = Person(app, None, *roles)
    somebody.get("/v1/hardware?all_projects=1", 403)
    somebody.get("/v1/hardware", 403)
    somebody.create("b", code=403)
    somebody.patch(item["uuid"], code=403)


@pytest.mark.parametrize("scope", [{"X-Domain-Id": "default"}, {"Openstack-System-Scope": "all"}])
def test_tokens_of_other_scopes_see_nothing(app: Any, owner: Person, scope: Any) -> None:
    owner.create()
    somebody = Person(app, None, "admin", "reader")
    for path in ("/v1/hardware", "/v1/hardware?all_projects=1", "/v1/hardware/export"):
        assert somebody("GET", path, headers=scope).status_code == 403
    body = {"name": "b", "hardware_type": "fake-hardware", "properties": {
        "default_required_field": "x"}}  # fmt: skip
    assert somebody("POST", "/v1/hardware", body, headers=scope).status_code == 403


def test_enrolment_needs_the_role(member: Person, reader: Person, admin: Person) -> None:
    assert member.create(code=403) == {"error": "hardware:create is disallowed by policy"}
    reader.create(code=403)
    assert admin.create()["project_id"] == "p0"


def test_a_bad_body_is_told_first(reader: Person) -> None:
    reader.create("", code=400)


def test_readers_only_read(owner: Person, reader: Person) -> None:
    uuid = owner.create()["uuid"]
    reader.show(uuid)
    assert reader.windows(uuid) == []
    assert len(reader.get("/v1/hardware")["hardware"]) == 1
    reader.patch(uuid, code=403)
    assert reader("POST", f"/v1/hardware/{uuid}/sync").status_code == 403
    assert reader("DELETE", f"/v1/hardware/{uuid}").status_code == 403
    owner.show(uuid)


def test_members_of_the_project_change(owner: Person, member: Person) -> None:
    uuid = owner.create()["uuid"]
    assert member.patch(uuid, add("/name", "b"))["name"] == "b"
    assert member("POST", f"/v1/hardware/{uuid}/sync/").status_code == 200
    assert member("DELETE", f"/v1/hardware/{uuid}/").status_code == 200


def test_other_projects_are_kept_out(owner: Person, other: Person) -> None:
    uuid = owner.create()["uuid"]
    assert other.get("/v1/hardware")["hardware"] == []
    other.show(uuid, 403)
    other.get(f"/v1/hardware/{uuid}/availability", 403)
    other.patch(uuid, add("/name", "b"), code=403)
    assert other("POST", f"/v1/hardware/{uuid}/sync").status_code == 403
    assert other("DELETE", f"/v1/hardware/{uuid}").status_code == 403
    assert owner.show(uuid)["name"] == "a"


def test_admins_see_all_projects_when_they_ask(
    owner: Person, admin: Person, member: Person
) -> None:
    uuid = owner.create()["uuid"]
    assert admin.get("/v1/hardware")["hardware"] == []
    assert admin.get("/v1/hardware?all_projects=")["hardware"] == []
    assert admin.get("/v1/hardware?all_projects")["hardware"] == []
    for word in ("1", "true", "0", "false", "True"):
        found = admin.get(f"/v1/hardware/?all_projects={word}")["hardware"]
        assert [item["uuid"] for item in found] == [uuid]
    member.get("/v1/hardware?all_projects=1", 403)
    admin.show(uuid)
    admin.patch(uuid, add("/name", "b"))
    assert admin("DELETE", f"/v1/hardware/{uuid}").status_code == 200


def test_credentials_are_not_for_readers(owner: Person, reader: Person, member: Person) -> None:
    uuid = owner.create(kind="device.balena")["uuid"]
    for somebody in (owner, member):
        assert somebody.show(uuid)["properties"]["k8s_bootstrap_token"]
    assert "k8s_bootstrap_token" not in reader.show(uuid)["properties"]
    listed = reader.get("/v1/hardware")["hardware"][0]
    assert "k8s_bootstrap_token" not in listed["properties"]


def test_export_leaves_out_restrictions_of_others(
    owner: Person, other: Person, admin: Person
) -> None:
    owner.create(
        kind="baremetal", authorized_projects=["secret-lab"], authorized_projects_reason="r"
    )
    for somebody, seen in ((owner, True), (admin, True), (other, False)):
        (found,) = somebody.get("/v1/hardware/export/")["hardware"]
        assert ("authorized_projects" in found["properties"]) is seen
        assert ("authorized_projects_reason" in found["properties"]) is seen


def test_a_site_may_open_the_export(conf: Any, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text('"hardware:export": "@"\n"hardware:create": ""\n')
    policies.enforcer(conf)
    conf.set_override("policy_file", str(policy), group="oslo_policy")
    app = create_app(conf, auth=False)
    Person(app, "p1", "member").create()
    assert len(app.test_client().get("/v1/hardware/export").json["hardware"]) == 1
    assert app.test_client().get("/v1/hardware").status_code == 401
    # Whoever may enrol, an item needs a project.
    Person(app, None).create("b", code=403)


def test_headers_of_every_reply(owner: Person, app: Any) -> None:
    replies = [
        owner("GET", "/v1/hardware"),
        owner("GET", f"/v1/hardware/{NOBODYS}"),
        owner("PUT", "/v1/hardware"),
        app.test_client().get("/"),
        app.test_client().get("/v1"),
    ]
    ids = {reply.headers["OpenStack-Request-Id"] for reply in replies}
    assert len(ids) == len(replies)
    assert all(found.startswith("req-") for found in ids)
    assert {reply.headers["Vary"] for reply in replies} == {"X-Auth-Token"}
