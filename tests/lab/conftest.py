"""A deployed lab and ways to ask it: these tests need one, and the first of them makes it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import cloud_things
import pytest

from cc_ansible.lab import spec
from cc_ansible.paths import site_state_dir

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def lab() -> spec.Lab:
    known = spec.load()
    assert known is not None, "no lab: tests/lab/test_up.py brings it up"
    return known


@pytest.fixture(scope="session")
def on_site(cc: Command, lab: spec.Lab) -> Command:
    """cc-ansible -s LAB-SITE ..."""

    def run(*words: str, **options: object) -> subprocess.CompletedProcess[str]:
        return cc("-s", str(lab.site), *words, **options)

    return run


@pytest.fixture(scope="session")
def credentials(lab: spec.Lab) -> Path:
    return site_state_dir(lab.site) / "credentials"


@pytest.fixture(scope="session")
def cloud(credentials: Path):
    from cc_ansible.verify.cloud import connect

    return connect(credentials / "clouds.yaml")


@pytest.fixture(scope="session")
def things(cloud) -> Callable[[], dict[str, set[str]]]:
    """What there is in the cloud, whenever it is called."""
    return lambda: cloud_things.of(cloud)


@pytest.fixture(scope="session")
def node(lab: spec.Lab):
    """Run a command on node1 and return what it printed."""
    from cc_ansible.lab import nodes

    def run(command: str) -> str:
        argv = [*nodes.ssh_command(lab, lab.nodes[0]), command]
        return subprocess.run(argv, capture_output=True, text=True, check=True).stdout

    return run


@pytest.fixture(scope="session")
def machines(cc: Command, lab: spec.Lab) -> tuple[spec.Machine, ...]:
    """The lab's bare metal, made and enrolled where there is none."""
    if not lab.machines:
        cc("lab", "up", "--machines", "1")
    known = spec.load()
    assert known is not None
    return known.metal


@pytest.fixture(autouse=True)
def _plain_output() -> None:
    os.environ["NO_COLOR"] = "1"
