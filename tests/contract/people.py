"""Users, projects and roles in the lab's Keystone, for these tests only."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

import requests

PREFIX = "doni-contract-"

PROJECTS = ("owner", "other", "admin", "service")

PEOPLE = {
    "owner": ("owner", ("member", "hardware_owner")),
    "member": ("owner", ("member",)),
    "reader": ("owner", ("reader",)),
    "other": ("other", ("member", "hardware_owner")),
    "admin": ("admin", ("admin",)),
    "service": ("service", ("admin", "service")),
}
"""Each person's project and roles there."""


@dataclass(frozen=True)
class Login:
    """By what somebody gets a token."""

    auth_url: str
    user: str
    password: str
    project: str | None

    def environment(self) -> dict[str, str]:
        """What clients read."""
        found = {
            "OS_AUTH_URL": self.auth_url,
            "OS_IDENTITY_API_VERSION": "3",
            "OS_REGION_NAME": "RegionOne",
            "OS_USERNAME": self.user,
            "OS_PASSWORD": self.password,
            "OS_USER_DOMAIN_ID": "default",
        }
        if self.project:
            found |= {"OS_PROJECT_NAME": self.project, "OS_PROJECT_DOMAIN_ID": "default"}
        return found

    def token(self) -> str:
        """A token of the scope that the login has."""
        domain = {"id": "default"}
        user = {"name": self.user, "password": self.password, "domain": domain}
        scope: Any = "unscoped"
        if self.project:
            scope = {"project": {"name": self.project, "domain": domain}}
        auth = {
            "identity": {"methods": ["password"], "password": {"user": user}},
            "scope": scope,
        }
        reply = requests.post(f"{self.auth_url}/auth/tokens", json={"auth": auth}, timeout=60)
        assert reply.status_code == 201, reply.text
        return reply.headers["X-Subject-Token"]


class People:
    """Makes them, and takes them away again; what an earlier run left is taken away first."""

    def __init__(self, cloud: Any, auth_url: str) -> None:
        self.identity = cloud.identity
        self.auth_url = auth_url
        self.password = secrets.token_urlsafe(24)
        self.made_roles: list[Any] = []

    def make(self) -> dict[str, Login]:
        """Logins by person; ``unscoped`` is the owner without a project."""
        self.remove()
        roles = {role.name: role for role in self.identity.roles()}
        for name in {role for _, wanted in PEOPLE.values() for role in wanted} - roles.keys():
            roles[name] = self.identity.create_role(name=name)
            self.made_roles.append(roles[name])
        projects = {
            name: self.identity.create_project(name=PREFIX + name, domain_id="default")
            for name in PROJECTS
        }
        logins = {}
        for person, (project, wanted) in PEOPLE.items():
            user = self.identity.create_user(
                name=PREFIX + person, password=self.password, domain_id="default"
            )
            for role in wanted:
                self.identity.assign_project_role_to_user(projects[project], user, roles[role])
            logins[person] = self._login(person, PREFIX + project)
        return {**logins, "unscoped": self._login("owner", None)}

    def _login(self, person: str, project: str | None) -> Login:
        return Login(self.auth_url, PREFIX + person, self.password, project)

    def remove(self) -> None:
        """Take away all of them."""
        for user in self.identity.users(domain_id="default"):
            if user.name.startswith(PREFIX):
                self.identity.delete_user(user)
        for project in self.identity.projects(domain_id="default"):
            if project.name.startswith(PREFIX):
                self.identity.delete_project(project)
        for role in self.made_roles:
            self.identity.delete_role(role)
        self.made_roles.clear()
