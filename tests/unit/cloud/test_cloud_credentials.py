"""Module cc_application_credentials as Ansible runs it, with a server in place of Keystone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from against_fake import run as run_module
from fake_cloud import DOMAIN, Cloud, running

PASSWORD, SECRET = "pw-of-hammers", "a-secret-of-a-credential"
WANTED = {
    "name": "c", "user": "hammers", "password": PASSWORD, "project": "tools", "secret": SECRET,
    "roles": ["reader"],
}  # fmt: skip
OWNER = {"user": "hammers", "password": PASSWORD}
MADE, GONE = "POST /v3/users/hammers/application_credentials", "DELETE"


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with running("application_credentials") as cloud:
        cloud.people["hammers"] = (PASSWORD, ["reader", "member"])
        cloud.answers["/v3/domains/default"] = {"domain": DOMAIN}
        yield cloud


def run(
    cloud: Cloud, home: Path, *wanted: Any, owners: Any = (OWNER,), **more: Any
) -> dict[str, Any]:
    arguments = {"credentials": list(wanted), "owners": list(owners), **more}
    return run_module("cc_application_credentials", cloud, home, **arguments)


def test_a_credential_is_made_once(cloud: Cloud, tmp_path: Path) -> None:
    first = run(cloud, tmp_path, WANTED)
    assert first["told"] == ["application credential c: new, with reader"]
    again = run(cloud, tmp_path, WANTED)
    assert (again["told"], again["differs"]) == ([], False)
    assert cloud.writes == [MADE]


def test_roles_that_others_bring_with_them_are_no_difference(cloud: Cloud, tmp_path: Path) -> None:
    """Keystone lists them among those of the credential."""
    cloud.answers["/v3/role_inferences"] = {
        "role_inferences": [{"prior_role": {"name": "member"}, "implies": [{"name": "reader"}]}]
    }
    wanted = {**WANTED, "roles": ["member"]}
    run(cloud, tmp_path, wanted)
    [kept] = cloud.kept["application_credentials"]
    kept["roles"] = [{"name": "reader"}, {"name": "member"}]
    assert not run(cloud, tmp_path, wanted)["differs"]
    assert run(cloud, tmp_path, WANTED)["told"] == [
        "application credential c: roles member reader -> reader"
    ]


def test_the_last_credential_of_a_user_is_told_of_and_pruned(cloud: Cloud, tmp_path: Path) -> None:
    run(cloud, tmp_path, WANTED)
    kept = run(cloud, tmp_path)
    assert kept["told"] == [
        "application credential c: the site names it no longer; --prune removes it"
    ]
    assert not kept["differs"]
    gone = run(cloud, tmp_path, prune=True)
    assert gone["told"] == ["application credential c: removed, the site names it no longer"]
    assert cloud.kept["application_credentials"] == []


def test_a_credential_of_somebody_else_is_never_pruned(cloud: Cloud, tmp_path: Path) -> None:
    theirs = {"id": "x", "name": "theirs", "description": "by hand"}
    cloud.kept["application_credentials"].append(theirs)
    assert run(cloud, tmp_path, prune=True)["told"] == []
    assert cloud.kept["application_credentials"] == [theirs]


def test_a_user_whose_password_is_another_one_is_not_asked(cloud: Cloud, tmp_path: Path) -> None:
    other = {**OWNER, "password": "another"}
    assert run(cloud, tmp_path, owners=[other], prune=True)["told"] == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"roles": ["reader", "admin"]}, "hammers has no role admin in project tools"),
        (
            {"access_rules": [{"service": "compute", "method": "LIST", "path": "/v2.1"}]},
            "LIST /v2.1 is no request",
        ),
        (
            {"access_rules": [{"service": "compute", "method": "GET", "path": "v2.1"}]},
            "GET v2.1 is no request",
        ),
        (
            {"access_rules": [{"method": "GET", "path": "/v2.1"}]},
            "GET /v2.1 needs the type of a service",
        ),
    ],
)
def test_what_keystone_would_refuse_costs_nobody_the_credential_they_have(
    cloud: Cloud, tmp_path: Path, change: dict[str, Any], why: str
) -> None:
    run(cloud, tmp_path, WANTED)
    result = run(cloud, tmp_path, {**WANTED, **change})
    assert result["failed"]
    assert result["msg"] == f"Application credential c cannot be made: {why}"
    assert cloud.writes == [MADE]


def test_one_that_differs_is_replaced(cloud: Cloud, tmp_path: Path) -> None:
    run(cloud, tmp_path, WANTED)
    result = run(cloud, tmp_path, {**WANTED, "roles": ["Member"]})
    assert result["told"] == ["application credential c: roles reader -> Member"]
    (found,) = cloud.kept["application_credentials"]
    assert found["roles"] == [{"name": "Member"}]
    assert [write.partition(" ")[0] for write in cloud.writes] == ["POST", "DELETE", "POST"]


def test_one_that_somebody_made_as_it_should_be_stays(cloud: Cloud, tmp_path: Path) -> None:
    run(cloud, tmp_path, WANTED)
    cloud.kept["application_credentials"][0]["description"] = "by hand"
    assert run(cloud, tmp_path, WANTED)["told"] == []
    assert cloud.writes == [MADE]
