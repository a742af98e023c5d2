"""Elements are as diskimage-builder wants them, and their own programs at least parse."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from cc_ansible.appliances import elements as known
from cc_ansible.paths import PROJECT

OWN = PROJECT / "images" / "elements"
NAMES = sorted(path.name for path in OWN.iterdir() if path.is_dir())
HOOKS = (
    "root", "extra-data", "pre-install", "install", "post-install", "post-root", "block-device",
    "pre-finalise", "finalise", "cleanup",
)  # fmt: skip
DIB = known.DIB
PHASES = {"pre-install.d", "install.d", "post-install.d"}
VARIABLES = {"ARCH", "DIB_RELEASE", "DISTRO_NAME"}


def hooks() -> list[Path]:
    return sorted(path for hook in HOOKS for path in OWN.glob(f"*/{hook}.d/*") if path.is_file())


def with_interpreter(pattern: str) -> list[Path]:
    files = [path for path in OWN.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return sorted(
        path for path in files if re.match(pattern, path.read_text(errors="replace").split("\n")[0])
    )


def identifier(path: Path) -> str:
    return path.relative_to(OWN).as_posix()


@pytest.mark.parametrize("name", NAMES)
def test_an_element_says_what_it_is_for(name: str) -> None:
    text = (OWN / name / "README.rst").read_text()
    title = text.split("\n", 3)[:3]
    assert title == ["=" * len(name), name, "=" * len(name)]
    assert ".. element_deps::" in text


@pytest.mark.parametrize("name", NAMES)
def test_variables_that_an_element_reads_are_in_its_readme(name: str) -> None:
    """Those of users; what other elements and the engine set is in theirs."""
    files = [
        path for path in (OWN / name).rglob("*") if path.is_file() and "static" not in path.parts
    ]
    code = "\n".join(path.read_text() for path in files if path.suffix not in (".rst", ".txt"))
    read = set(re.findall(r"\b(CHI_[A-Z_]+)\b", code))
    assert {
        variable for variable in read if variable not in (OWN / name / "README.rst").read_text()
    } == set()


@pytest.mark.parametrize("path", hooks(), ids=identifier)
def test_a_hook_is_run(path: Path) -> None:
    """dib-run-parts passes over what is not executable or has other characters in its name."""
    assert os.access(path, os.X_OK)
    assert re.fullmatch(r"\d+-[0-9A-Za-z_-]+", path.name)
    assert path.read_text().startswith("#!")


def test_hooks_of_all_elements_have_names_of_their_own() -> None:
    """diskimage-builder puts them into one directory, and ends where two have one name."""
    theirs = {path.name for hook in HOOKS for path in DIB.glob(f"*/{hook}.d/*")}
    ours = [f"{path.parent.name}/{path.name}" for path in hooks()]
    assert len(ours) == len(set(ours))
    assert not {path.name for path in hooks()} & theirs


def test_files_of_all_elements_have_names_of_their_own() -> None:
    """Those in an element's directory itself are put into one directory too, without a word."""
    own = {"README.rst", "element-deps", "element-provides", "package-installs.yaml", "pkg-map"}
    files = [path for path in OWN.glob("*/*") if path.is_file() and path.name not in own]
    names = [path.name for path in files]
    assert names
    assert len(names) == len(set(names))


def test_directories_are_hooks_or_what_elements_read() -> None:
    allowed = {f"{hook}.d" for hook in HOOKS} | {"environment.d", "static"}
    assert {path.name for path in OWN.glob("*/*") if path.is_dir()} <= allowed


@pytest.mark.parametrize("path", with_interpreter(r"#!/bin/(ba)?sh"), ids=identifier)
def test_a_script_parses(path: Path) -> None:
    shell = "bash" if "bash" in path.read_text().split("\n")[0] else "sh"
    done = subprocess.run([shell, "-n", path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("path", sorted(OWN.glob("*/environment.d/*")), ids=identifier)
def test_an_environment_file_parses(path: Path) -> None:
    """It is read by dib-run-parts, which ends where a variable is not set."""
    done = subprocess.run(["bash", "-n", path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"\d+-[0-9A-Za-z_.-]+", path.name)


@pytest.mark.parametrize("path", with_interpreter(r"#!.*python3"), ids=identifier)
def test_a_python_program_compiles(path: Path) -> None:
    compile(path.read_text(), str(path), "exec")


@pytest.mark.parametrize("path", with_interpreter(r"#!/bin/bash"), ids=identifier)
def test_a_hook_ends_at_the_first_mistake(path: Path) -> None:
    assert "\nset -eu\nset -o pipefail\n" in path.read_text()


@pytest.mark.parametrize("name", NAMES)
def test_what_an_element_depends_on_is_there(name: str) -> None:
    found = known.elements(None)
    system = [] if name == "cc-root" else ["debian-minimal"]
    assert name in found.expand([*system, name])


def test_the_elements_of_every_stage_go_together() -> None:
    found = known.elements(None)
    first = found.expand(["debian-minimal", "chi-common", "chi-snapshot", "cc-build", "cc-clean"])
    layer = found.expand(["cc-root", "chi-docker", "cc-build", "cc-clean"])
    assert "cc-manifest" in first.keys() & layer.keys()
    assert "debootstrap" not in layer


@pytest.mark.parametrize("path", sorted(OWN.glob("*/package-installs.yaml")), ids=identifier)
def test_packages_are_named_as_package_installs_reads_them(path: Path) -> None:
    packages = yaml.safe_load(path.read_text())
    assert packages
    for name, wanted in packages.items():
        assert re.fullmatch(r"[a-z0-9][a-z0-9.+-]+", name)
        for entry in wanted if isinstance(wanted, list) else [wanted or {}]:
            assert set(entry) <= {"phase", "arch", "not-arch", "when", "uninstall", "build-only"}
            assert entry.get("phase", "install.d") in PHASES
            assert entry.get("arch", "amd64") in {"amd64", "arm64"}
            conditions = entry.get("when", [])
            for line in [conditions] if isinstance(conditions, str) else conditions:
                variable = re.fullmatch(r"(\w+) (=|!=) \S+", line)
                assert variable
                assert variable[1] in VARIABLES


@pytest.mark.parametrize("path", sorted(OWN.glob("*/static/**/*.json")), ids=identifier)
def test_json_parses(path: Path) -> None:
    assert json.loads(path.read_text())


@pytest.mark.parametrize("path", sorted(OWN.glob("*/static/etc/cloud/*/*.cfg")), ids=identifier)
def test_cloud_config_parses(path: Path) -> None:
    assert isinstance(yaml.safe_load(path.read_text()), dict)


def test_no_mirror_is_named_anywhere() -> None:
    """Public archives come from diskimage-builder, mirrors from the machine."""
    hosts = re.compile(r"https?://[\w.-]+\.(org|com|net|io|edu)\b")
    named = {
        (identifier(path), found[0])
        for path in OWN.rglob("*")
        if path.is_file()
        for found in hosts.finditer(path.read_text(errors="replace"))
    }
    assert named == set()


def test_the_agent_is_pinned_with_all_that_it_needs() -> None:
    wanted = (OWN / "chi-agent" / "constraints.in").read_text().split()
    pins = (OWN / "chi-agent" / "constraints.txt").read_text().split()
    assert all(re.fullmatch(r"[a-z0-9-]+==\S+", pin) for pin in pins)
    names = {pin.partition("==")[0] for pin in pins}
    assert {re.split(r"[=<>]", each)[0] for each in wanted} <= names
    assert {each for each in wanted if "==" in each} <= set(pins)
