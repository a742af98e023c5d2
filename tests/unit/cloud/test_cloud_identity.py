from __future__ import annotations

from typing import Any

import pytest
from cc_cloud_plan import identity
from cc_cloud_plan.steps import Refused

EMPTY: dict[str, Any] = {
    "domains": [{"id": "default", "name": "Default"}, {"id": "d-chi", "name": "chameleon"}],
    "projects": [], "users": [], "groups": [], "roles": [{"name": "member"}], "assignments": [],
    "quotas": {}, "refused_logins": [],
}  # fmt: skip
TOOLS = {"name": "tools", "description": "Own tools", "quota": {"cores": 5, "networks": -1}}
HAMMERS = {
    "name": "hammers",
    "password": "secret-of-hammers",
    "email": "a@example.org",
    "roles": [{"role": "member", "project": "tools"}, {"role": "reader", "system": "all"}],
}
SITE = {"roles": ["hammer"], "projects": [TOOLS], "users": [HAMMERS]}


def plan(wanted: Any, state: Any = EMPTY, prune: bool = False) -> dict[str, Any]:
    return identity.plan(wanted, state, prune=prune).plain()


def assignment(role: str, *on: str, **scope: str) -> dict[str, Any]:
    return {
        "kind": "user", "name": "hammers", "domain_id": "default", "holder_id": "u", "role": role,
        "on": list(on), "scope": scope, "about": " ".join(on),
    }  # fmt: skip


@pytest.fixture
def settled() -> dict[str, Any]:
    mark = "[cc-ansible]"
    return {
        **EMPTY,
        "roles": [{"name": "member"}, {"name": "hammer"}],
        "projects": [
            {"id": "p", "name": "tools", "domain_id": "default", "is_enabled": True,
             "description": f"Own tools {mark}"}
        ],
        "users": [
            {"id": "u", "name": "hammers", "domain_id": "default", "is_enabled": True,
             "description": mark, "email": "a@example.org"}
        ],
        "assignments": [
            assignment("member", "project", "default", "tools", project="p"),
            assignment("reader", "system", "all", system="all"),
        ],
        "quotas": {"p": {"cores": 5, "networks": -1, "ports": 500}},
    }  # fmt: skip


def test_an_empty_cloud_gets_everything_in_the_order_it_needs() -> None:
    assert plan(SITE)["labels"] == [
        "role hammer: new",
        "project tools: new",
        "quota tools: cores none -> 5, networks none -> -1",
        "user hammers: new",
        "assignment member of hammers: new, on project tools",
        "assignment reader of hammers: new, on the system",
    ]


def test_nothing_is_to_be_done_where_all_was_done(settled: dict[str, Any]) -> None:
    assert plan(SITE, settled) == {"todo": {}, "labels": [], "refused": [], "notes": []}


def test_no_secret_is_ever_in_a_plan() -> None:
    assert "secret-of-hammers" not in str(plan(SITE))


def test_names_differ_in_more_than_their_case(settled: dict[str, Any]) -> None:
    settled["projects"][0]["name"] = "Tools"
    settled["assignments"][0]["on"] = ["project", "default", "Tools"]
    assert plan(SITE, settled)["labels"] == []


@pytest.mark.parametrize(
    ("kind", "attribute", "value", "label"),
    [
        ("projects", "is_enabled", False, "project tools: is_enabled false -> true"),
        ("projects", "description", "x",
         "project tools: description x -> Own tools [cc-ansible: adopted]"),
        ("users", "email", None, "user hammers: email none -> a@example.org"),
        ("users", "is_enabled", False, "user hammers: is_enabled false -> true"),
    ],
)  # fmt: skip
def test_what_somebody_changed_by_hand_is_told_and_repaired(
    settled: dict[str, Any], kind: str, attribute: str, value: Any, label: str
) -> None:
    settled[kind][0][attribute] = value
    assert plan(SITE, settled)["labels"] == [label]


def test_a_password_that_keystone_refuses_is_set_again(settled: dict[str, Any]) -> None:
    settled["refused_logins"] = [["default", "hammers"]]
    (step,) = plan(SITE, settled)["todo"]["user"]["change"]
    assert step["label"] == "user hammers: password another -> that of the site"
    assert step["args"]["new_password"] is True
    assert SITE["users"][step["args"]["index"]] is HAMMERS


def test_only_limits_that_the_site_gives_are_compared(settled: dict[str, Any]) -> None:
    settled["quotas"]["p"] |= {"cores": 9, "ports": 1}
    (step,) = plan(SITE, settled)["todo"]["quota"]["change"]
    assert step["label"] == "quota tools: cores 9 -> 5"
    assert step["args"]["project"] == "p"


def test_a_limit_that_nobody_knows_is_refused(settled: dict[str, Any]) -> None:
    project = {**TOOLS, "quota": {"cpus": 5}}
    assert plan({"projects": [project]}, settled)["refused"] == ["quota tools: nobody knows cpus"]


def test_a_role_that_was_taken_away_is_given_again(settled: dict[str, Any]) -> None:
    settled["assignments"].pop(0)
    (step,) = plan(SITE, settled)["todo"]["assignment"]["make"]
    assert step["label"] == "assignment member of hammers: new, on project tools"
    assert step["args"] | {"about": ""} == {
        "user": "hammers", "user_domain": "default", "role": "member", "project": "tools",
        "project_domain": "default", "about": "",
    }  # fmt: skip


def test_a_role_too_many_is_told_of_and_taken_only_by_pruning(settled: dict[str, Any]) -> None:
    settled["assignments"].append(assignment("admin", "project", "default", "tools", project="p"))
    result = plan(SITE, settled)
    assert result["labels"] == []
    assert "admin of hammers" in result["notes"][0]
    (step,) = plan(SITE, settled, prune=True)["todo"]["assignment"]["remove"]
    assert step["args"] == {"user": "u", "role": "admin", "project": "p"}


def test_pruning_removes_users_of_ours_and_disables_projects(settled: dict[str, Any]) -> None:
    settled["users"].append({**settled["users"][0], "id": "x", "name": "theirs", "description": ""})
    result = plan({}, settled, prune=True)
    assert result["labels"] == [
        "project tools: is_enabled true -> false",
        "user hammers: removed, the site names it no longer",
    ]
    settled["projects"][0]["is_enabled"] = False
    assert "project" not in plan({}, settled, prune=True)["todo"]


def test_pruning_leaves_what_was_there_before_the_site_named_it(settled: dict[str, Any]) -> None:
    settled["users"][0]["description"] = "by hand"
    settled["projects"][0]["description"] = None
    settled["assignments"].append(assignment("admin", "project", "default", "tools", project="p"))
    first = plan(SITE, settled, prune=True)
    assert first["labels"] == [
        "project tools: description none -> Own tools [cc-ansible: adopted]",
        "user hammers: description by hand -> by hand [cc-ansible: adopted]",
    ]
    assert first["notes"] == [
        "assignment admin of hammers: user hammers has it on project default tools, the site does "
        "not say so; it stays, as others made this user"
    ]
    for kind in ("projects", "users"):
        args = first["todo"][kind[:-1]]["change"][0]["args"]
        settled[kind][0]["description"] = args["description"]
    assert plan(SITE, settled)["labels"] == []
    assert plan({}, settled, prune=True) == {"todo": {}, "labels": [], "refused": [], "notes": []}


@pytest.fixture
def stands() -> dict[str, Any]:
    """What a cloud stands on, with marks that it should never have got."""
    mark = "[cc-ansible]"
    plain = {"domain_id": "default", "is_enabled": True, "description": mark}
    return {
        **EMPTY,
        "project_id": "own", "user_id": "me",
        "projects": [
            {"id": "own", "name": "bootstrap", **plain},
            {"id": "a", "name": "admin", **plain},
            {"id": "s", "name": "service", **plain},
        ],
        "users": [{"id": "me", "name": "root", **plain}, {"id": "u", "name": "Admin", **plain}],
        "assignments": [
            {**assignment("admin", "project", "default", "admin", project="a"), "name": "Admin"}
        ],
        "quotas": {"a": {"cores": 9}},
    }  # fmt: skip


def test_pruning_never_takes_what_the_cloud_stands_on(stands: dict[str, Any]) -> None:
    assert plan({}, stands, prune=True) == {"todo": {}, "labels": [], "refused": [], "notes": []}
    named = {"users": [{"name": "admin"}], "projects": [{"name": "admin"}]}
    assert plan(named, stands, prune=True)["todo"] == {}


def test_what_the_cloud_stands_on_gets_quotas_and_roles_but_no_mark(
    stands: dict[str, Any],
) -> None:
    stands["projects"][1]["description"] = "Bootstrap project"
    named = {
        "users": [{"name": "admin", "roles": [{"role": "member", "project": "admin"}]}],
        "projects": [{"name": "admin", "quota": {"cores": -1}}],
    }
    assert plan(named, stands)["labels"] == [
        "quota admin: cores 9 -> -1",
        "assignment member of admin: new, on project admin",
    ]
    named = {"projects": [{"name": "admin", "description": "Own words"}]}
    assert plan(named, stands)["labels"] == [
        "project admin: description Bootstrap project -> Own words"
    ]


def test_what_the_cloud_stands_on_cannot_be_disabled(stands: dict[str, Any]) -> None:
    result = plan({"users": [{"name": "admin", "enabled": False}]}, stands)
    assert result["refused"] == ["user admin: the cloud does not work without it"]


def test_groups_of_a_federated_domain_get_their_role() -> None:
    group = {
        "name": "staff", "domain": "Chameleon", "roles": [{"role": "member", "project": "tools"}],
    }  # fmt: skip
    result = plan({"groups": [group]})
    assert result["labels"] == [
        "group staff: new, in domain Chameleon",
        "assignment member of staff: new, on project tools",
    ]
    (step,) = result["todo"]["assignment"]["make"]
    assert (step["args"]["group"], step["args"]["group_domain"]) == ("staff", "d-chi")


def test_a_domain_that_is_not_there_is_refused() -> None:
    assert plan({"users": [{"name": "a", "domain": "nowhere"}]})["refused"] == [
        "user a: there is no domain nowhere"
    ]


def test_a_name_twice_is_refused() -> None:
    assert plan({"projects": [TOOLS, TOOLS]})["refused"] == [
        "project tools: the site names it twice"
    ]


def test_an_application_credential_gets_its_users_password() -> None:
    said = {"name": "c", "user": "hammers"}
    (found,) = identity.credentials([said], [HAMMERS])
    assert found["password"] == "secret-of-hammers"
    with pytest.raises(Refused, match="hammers"):
        identity.credentials([said], [])


def test_passwords_are_tried_of_users_that_may_log_in() -> None:
    users = [HAMMERS, {**HAMMERS, "name": "off", "enabled": False}, {"name": "no-password"}]
    assert [login["name"] for login in identity.logins(users)] == ["hammers"]
    assert "password" not in str(identity.holders(users, "user")).replace("no-password", "")
