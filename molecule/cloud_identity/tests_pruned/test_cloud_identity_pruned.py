import openstack
import pytest


@pytest.fixture(scope="module")
def cloud():
    return openstack.connect()


def roles(cloud, user):
    id_ = cloud.identity.find_user(user).id
    query = f"/role_assignments?include_names=true&user.id={id_}"
    return {
        (one["role"]["name"], one["scope"]["project"]["name"])
        for one in cloud.identity.get(query).json()["role_assignments"]
        if "project" in one["scope"]
    }


def test_projects_that_the_site_made_are_disabled_and_others_are_not(cloud):
    enabled = {
        name: cloud.identity.find_project(f"molecule-{name}").is_enabled
        for name in ("project", "old", "found", "theirs")
    }
    assert enabled == {"project": True, "old": False, "found": True, "theirs": True}
    found = cloud.identity.find_project("molecule-found")
    assert found.description == "[cc-ansible: adopted]"


def test_a_group_that_the_site_made_is_gone(cloud):
    assert cloud.identity.find_group("molecule-group") is None


def test_only_users_that_the_site_made_lose_roles(cloud):
    assert roles(cloud, "molecule-user") == {("reader", "molecule-project")}
    assert roles(cloud, "molecule-found") == {
        ("reader", "molecule-project"),
        ("reader", "molecule-found"),
    }


def test_the_last_application_credential_of_a_user_is_gone(cloud):
    url = cloud.config.config["auth"]["auth_url"].removesuffix("/v3")
    credential = {
        "name": "molecule-credential",
        "secret": "molecule-secret-of-a-credential",
        "user": {"name": "molecule-user", "domain": {"id": "default"}},
    }
    identity = {"methods": ["application_credential"], "application_credential": credential}
    answer = cloud.session.post(
        f"{url}/v3/auth/tokens",
        json={"auth": {"identity": identity}},
        authenticated=False,
        raise_exc=False,
    )
    assert answer.status_code == 401


def test_the_administrator_is_as_before(cloud):
    user = cloud.identity.get_user(cloud.current_user_id)
    assert user.is_enabled
    assert "[cc-ansible" not in (user.description or "")
    assert ("admin", "admin") in roles(cloud, user.name)
