import os
import stat
from pathlib import Path

import openstack
import pytest

IDENTITY = {"service_type": "identity", "interface": "internal"}
RESERVATION = {"service_type": "reservation", "interface": "internal"}


@pytest.fixture(scope="module")
def cloud():
    return openstack.connect()


def login(cloud, identity):
    body = {"auth": {"identity": identity}}
    url = cloud.config.config["auth"]["auth_url"].removesuffix("/v3")
    return cloud.session.post(
        f"{url}/v3/auth/tokens", json=body, authenticated=False, raise_exc=False
    )


def test_the_user_logs_in_with_the_password_of_the_site(cloud):
    user = {"name": "molecule-user", "domain": {"id": "default"}, "password": "molecule-password"}
    answer = login(cloud, {"methods": ["password"], "password": {"user": user}})
    assert answer.status_code == 201


def test_the_user_has_its_roles_and_no_others(cloud):
    user = cloud.identity.find_user("molecule-user")
    query = f"/role_assignments?include_names=true&user.id={user.id}"
    found = {
        (one["role"]["name"], one["scope"]["project"]["name"])
        for one in cloud.identity.get(query).json()["role_assignments"]
    }
    assert found == {("reader", "molecule-project"), ("molecule-role", "molecule-project")}


def test_the_project_is_enabled_and_limited(cloud):
    project = cloud.identity.find_project("molecule-project")
    assert project.is_enabled
    assert project.description == "Tests [cc-ansible]"
    assert cloud.compute.get_quota_set(project.id).cores == 3
    assert cloud.network.get_quota(project.id).networks == 2


def test_the_application_credential_reads_and_nothing_else(cloud):
    credential = {
        "name": "molecule-credential",
        "secret": "molecule-secret-of-a-credential",
        "user": {"name": "molecule-user", "domain": {"id": "default"}},
    }
    answer = login(
        cloud, {"methods": ["application_credential"], "application_credential": credential}
    )
    assert answer.status_code == 201
    token = answer.json()["token"]
    assert [role["name"] for role in token["roles"]] == ["reader"]
    assert token["application_credential"]["restricted"] is True
    assert [rule["path"] for rule in token["application_credential"]["access_rules"]] == [
        "/v2.1/servers"
    ]


def test_our_own_credential_looks_and_nothing_else(monkeypatch):
    monkeypatch.delenv("OS_CLIENT_CONFIG_FILE")  # It would win.
    file = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "own-clouds.yaml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    config = openstack.config.OpenStackConfig(config_files=[str(file)])
    looking = openstack.connection.Connection(config=config.get_one(cloud="molecule-own"))
    users = looking.session.get("/v3/users", endpoint_filter=IDENTITY, raise_exc=False)
    assert users.status_code == 401
    leases = looking.session.get("/leases", endpoint_filter=RESERVATION, raise_exc=False)
    assert leases.status_code == 200
    made = looking.session.post("/leases", json={}, endpoint_filter=RESERVATION, raise_exc=False)
    assert made.status_code == 401
