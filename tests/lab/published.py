"""The clients that users have: openstackclient with its plugins, and python-chi, in processes."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from cc_ansible.paths import VENV_BIN


class Client:
    """One person's command line.

    ``environment`` says who it is, in the variables that every client of OpenStack reads.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        others = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
        self._environment = {**others, **environment}

    def run(self, *words: str) -> str:
        """Run a program of the virtualenv and return what it printed; it has to succeed."""
        done = subprocess.run(
            [str(VENV_BIN / words[0]), *words[1:]],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def openstack(self, *words: str) -> str:
        return self.run("openstack", *words)

    def json(self, *words: str) -> Any:
        """What a command prints as JSON; Blazar's client has a line of text before it."""
        printed = self.openstack(*words, "-f", "json")
        starts = [at for at in (printed.find("{"), printed.find("[")) if at >= 0]
        return json.loads(printed[min(starts) :])


@contextmanager
def new_user(cloud, name: str) -> Iterator[Client]:
    """A member of a project of their own, removed afterwards; ``cloud`` is the admin's."""
    password = secrets.token_urlsafe(24)
    project = cloud.identity.create_project(name=name, domain_id="default")
    user = cloud.identity.create_user(name=name, password=password, domain_id="default")
    role = cloud.identity.find_role("member", ignore_missing=False)
    cloud.identity.assign_project_role_to_user(project, user, role)
    # Nova counts the processors and memory of the flavor as if the machines were virtual.
    cloud.compute.update_quota_set(project.id, instances=20, cores=-1, ram=-1)
    yield Client(
        {
            "OS_AUTH_URL": cloud.config.get_auth_args()["auth_url"],
            "OS_IDENTITY_API_VERSION": "3",
            "OS_AUTH_TYPE": "v3password",
            "OS_USERNAME": name,
            "OS_PASSWORD": password,
            "OS_USER_DOMAIN_NAME": "Default",
            "OS_PROJECT_NAME": name,
            "OS_PROJECT_DOMAIN_NAME": "Default",
            "OS_REGION_NAME": cloud.config.get_region_name(),
        }
    )
    for group in list(cloud.network.security_groups(project_id=project.id)):
        cloud.network.delete_security_group(group)
    cloud.identity.delete_user(user)
    cloud.identity.delete_project(project)
