"""`appliance new`: what it writes is valid and can be built."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import small_site
import yaml

from cc_ansible.appliances import catalogue, new, stages
from cc_ansible.cli.main import main
from cc_ansible.errors import Exit, UsageError


def test_a_project_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "my-stack"
    assert main(["appliance", "new", "my-stack", str(place)]) == Exit.OK
    assert f"-d {place} build my-stack" in capsys.readouterr().out
    found = catalogue.load(place)
    (mine,) = [each for each in found.definitions if each.of_site]
    assert (mine.name, mine.elements[-1]) == ("my-stack", "my-stack")
    assert stages.of(mine, found.elements)[-1].kind == "disk"
    hook = place / "images/elements/my-stack/install.d/50-my-stack"
    assert os.access(hook, os.X_OK)
    workflow = yaml.safe_load((place / ".github/workflows/appliances.yml").read_text())
    commands = [step["run"] for step in workflow["jobs"]["images"]["steps"] if "run" in step]
    assert all("appliance" in command and "pipeline" in command for command in commands)
    assert not [path for path in place.rglob("*") if new.PLACEHOLDER in path.name]


def test_in_a_site_config_only_what_belongs_there(tmp_path: Path) -> None:
    site = small_site.write(tmp_path / "site")
    assert main(["appliance", "new", "my-stack", str(site)]) == Exit.OK
    assert not (site / "README.md").exists()
    assert "my-stack" in {each.name for each in catalogue.load(site).definitions}


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    new.create("my-stack", tmp_path, whole=True)
    (tmp_path / "images/my-stack.yml").unlink()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UsageError, match="exists already"):
        new.create("my-stack", tmp_path, whole=True)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", ["My Stack", "chi-docker", "../up", ""])
def test_names_that_cannot_be(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        new.create(name, tmp_path / "x", whole=True)
    assert not list(tmp_path.rglob("*"))
