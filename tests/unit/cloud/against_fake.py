"""Modules and tasks of ours as Ansible runs them, against a cloud of :mod:`fake_cloud`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from fake_cloud import Cloud

PROJECT = Path(__file__).resolve().parents[3]


def credentials(cloud: Cloud) -> dict[str, Any]:
    """What modules of openstack.cloud log in with."""
    auth = {
        "auth_url": f"{cloud.url}/v3", "username": "operator", "password": "pw",
        "project_name": "operators", "user_domain_name": "Default",
        "project_domain_name": "Default",
    }  # fmt: skip
    return {"auth": auth, "interface": "internal", "region_name": "R"}


def run(
    module: str, cloud: Cloud, home: Path, check: bool = False, **wanted: Any
) -> dict[str, Any]:
    """What a module answers."""
    arguments = {**credentials(cloud), "_ansible_check_mode": check, **wanted}
    done = subprocess.run(
        [sys.executable, PROJECT / "plugins" / "modules" / f"{module}.py"],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": arguments}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        },
    )
    assert done.stdout, done.stderr
    return dict(json.loads(done.stdout))


def play(cloud: Cloud, home: Path, role: str, tasks: str, **values: Any) -> str:
    """What Ansible says while it runs one task file of a role on this machine."""
    file = home / "clouds.yaml"
    file.write_text(yaml.safe_dump({"clouds": {"fake": credentials(cloud)}}))
    include = {"name": role, "tasks_from": tasks}
    values |= {f"{role}_cloud": "fake", f"{role}_cloud_file": str(file)}
    login = {"cloud": "fake", "interface": "internal"}
    ours = [path.stem for path in (PROJECT / "plugins" / "modules").glob("cc_*.py")]
    plays = [
        {
            "hosts": "localhost", "connection": "local", "gather_facts": False,
            "vars": {"ansible_python_interpreter": sys.executable, **values},
            "environment": {"OS_CLIENT_CONFIG_FILE": str(file)},
            "module_defaults": dict.fromkeys(ours, login),
            "tasks": [{"ansible.builtin.include_role": include}],
        }
    ]  # fmt: skip
    playbook = home / "play.yml"
    playbook.write_text(yaml.safe_dump(plays))
    done = subprocess.run(
        [Path(sys.executable).with_name("ansible-playbook"), playbook],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={
            **os.environ,
            "ANSIBLE_HOME": str(home),
            "ANSIBLE_ROLES_PATH": str(PROJECT / "roles"),
            "ANSIBLE_LIBRARY": str(PROJECT / "plugins" / "modules"),
            "ANSIBLE_FILTER_PLUGINS": str(PROJECT / "plugins" / "filter"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_NOCOLOR": "1",
        },
    )
    return done.stdout + done.stderr
