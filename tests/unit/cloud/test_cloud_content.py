"""The parts fit: filters as Ansible finds them, the models of what they read, the SDK."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import openstack
import pytest
import yaml
from pydantic import ValidationError

from cc_ansible.paths import PROJECT, VENV_BIN
from cc_ansible.site.model import cloud

URL = "https://images.example.org/a"
ROLES = ("cloud_flavors", "cloud_identity", "cloud_images", "cloud_networks")


def test_the_sdk_has_what_modules_of_openstack_cloud_ask_of_it() -> None:
    """They read openstack.version without importing it."""
    assert hasattr(openstack, "version")


def test_filters_are_found_where_the_plugin_is_a_link(tmp_path: Path) -> None:
    (tmp_path / "cc_cloud.py").symlink_to(PROJECT / "plugins" / "filter" / "cc_cloud.py")
    template = "{{ [{'name': 'n', 'sha256': 's'}] | cc_image_id('n') }}"
    done = subprocess.run(
        [VENV_BIN / "ansible", "localhost", "-m", "debug", "-a", f"msg={template}"],
        env={**os.environ, "ANSIBLE_FILTER_PLUGINS": str(tmp_path), "ANSIBLE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "3219a92c-f28e-5b0d-aefc-0d15ad08cc0b" in done.stdout


def test_credentials_are_written_whatever_part_of_post_deploy_is_asked_for(tmp_path: Path) -> None:
    """Kolla's playbook has no tags, and no part does anything without credentials."""
    (tmp_path / "post-deploy.yml").symlink_to(PROJECT / "playbooks" / "post-deploy.yml")
    for name in ("kolla-post-deploy", "cloud", "site-post-deploy"):
        task = {"name": f"task of {name}", "ansible.builtin.debug": {}}
        play = {"hosts": "localhost", "gather_facts": False, "tasks": [task]}
        (tmp_path / f"{name}.yml").write_text(yaml.safe_dump([play]))
    done = subprocess.run(
        [VENV_BIN / "ansible-playbook", "--list-tasks", "--tags", "networks", "post-deploy.yml"],
        cwd=tmp_path,
        env={**os.environ, "ANSIBLE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "task of kolla-post-deploy" in done.stdout
    assert "task of site-post-deploy" not in done.stdout


@pytest.mark.parametrize("role", ROLES)
def test_every_default_of_a_role_has_an_argument_spec(role: str) -> None:
    path = PROJECT / "roles" / role
    defaults = yaml.safe_load((path / "defaults" / "main.yml").read_text())
    specs = yaml.safe_load((path / "meta" / "argument_specs.yml").read_text())
    # What was fetched is a name within the role.
    assert (
        defaults.keys() - {"cloud_images_fetched"}
        == specs["argument_specs"]["main"]["options"].keys()
    )


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (cloud.Machines, {"cloud_flavors": [{"name": "a", "vcpus": 1, "ram": "2 GiB", "disk": 9}]}),
        (cloud.Machines, {"cloud_flavors": [{"name": "a", "vcpus": 1, "ram": 2048, "disk": 9}]}),
        (cloud.Machines, {"cloud_baremetal_flavors": [{"name": "a"}]}),
        (cloud.Machines, {"cloud_images": [{"name": "a", "url": URL, "sha256": "a" * 64}]}),
        (cloud.Accounts, {"cloud_groups": [{"name": "a", "roles": [{"role": "b"}]}]}),
        (cloud.Accounts, {"cloud_projects": [{"name": "a", "quota": {"cores": -1}}]}),
        (cloud.Networks, {"blazar_floating_ips": "203.0.113.1-203.0.113.9"}),
    ],
)  # fmt: skip
def test_what_the_documentation_shows_is_valid(model: Any, said: dict[str, Any]) -> None:
    model.model_validate(said)


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (cloud.Machines, {"cloud_flavors": [{"name": "a", "vcpus": 1, "ram": "much", "disk": 9}]}),
        (cloud.Machines, {"cloud_images": [{"name": "a", "sha256": "abc"}]}),
        (cloud.Machines, {"cloud_images": [{"name": "a", "visibility": "all"}]}),
        (cloud.Accounts, {"cloud_users": [{"name": "a", "pasword": "b"}]}),
        (cloud.Networks, {"ironic_provisioning_network_type": "vxlan"}),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(model: Any, said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(said)
