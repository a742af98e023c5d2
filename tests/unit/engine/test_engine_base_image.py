"""The base image: what goes into its thin layer, and when it is made again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from fake_engine import Engine

from cc_ansible.engine import base_image, packages
from cc_ansible.engine.machine import Mirrors
from cc_ansible.errors import CcError, RunFailed


def silent(text: str) -> None:
    pass


def test_the_image_has_sources_for_each_archive_the_machine_names() -> None:
    text = base_image._sources(Mirrors("http://a.example", "http://s.example"))
    main, security = text.split("\n\n")
    assert "URIs: http://a.example\nSuites: trixie trixie-updates\n" in main
    assert "URIs: http://s.example\nSuites: trixie-security\n" in security


def test_no_security_archive_is_invented() -> None:
    assert "security" not in base_image._sources(Mirrors("http://a.example", None))


def test_the_distributions_own_sources_stay_where_the_machine_names_none() -> None:
    text = base_image._dockerfile({"apt.conf": b"", "pip.conf": b""})
    assert "debian.sources" not in text
    assert "ca.crt" not in text
    assert text.startswith(f"FROM {base_image.ROOTFS}\n")


def test_the_image_is_made_once_and_again_when_an_input_changes(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    bundle = tmp_path / "ca.crt"
    bundle.write_text("one certificate")
    monkeypatch.setenv("PIP_CERT", str(bundle))
    engine.images.add(base_image.ROOTFS)
    assert base_image.ensure(engine, silent)
    made = engine.images.get(base_image.IMAGE).id
    assert base_image.ensure(engine, silent) is None
    assert engine.images.get(base_image.IMAGE).id == made
    bundle.write_text("two certificates")
    assert base_image.ensure(engine, silent)
    changed = engine.images.get(base_image.IMAGE).id
    engine.images.add(base_image.ROOTFS)
    assert base_image.ensure(engine, silent)
    assert len({made, changed, engine.images.get(base_image.IMAGE).id}) == 3


def test_nothing_is_installed_when_every_program_is_there() -> None:
    assert packages.ensure({"sh": "dash", "cat": "coreutils"}, "to test", silent) == []


@pytest.fixture
def bare_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_packages_without_apt_are_named_with_their_purpose(
    bare_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(CcError, match="missing: frobnicator-tools") as caught:
        packages.ensure({"frobnicate": "frobnicator-tools"}, "to frobnicate", silent)
    assert caught.value.detail == "needed to frobnicate"


def test_only_missing_packages_are_installed(
    bare_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    apt = bare_path / "apt-get"
    apt.write_text(f'#!/bin/sh\necho "$DEBIAN_FRONTEND $*" >>{bare_path}/log\n')
    apt.chmod(0o755)
    said: list[str] = []
    needs = {"frobnicate": "frobnicator", "apt-get": "apt"}
    assert packages.ensure(needs, "to frobnicate", said.append) == ["frobnicator"]
    assert said == ["installing frobnicator (to frobnicate)"]
    assert (bare_path / "log").read_text().splitlines() == [
        "noninteractive update -qq",
        "noninteractive install -y -qq frobnicator",
    ]


def test_a_user_without_sudo_is_told_what_root_is_for(
    bare_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(CcError, match="root is needed to start Docker"):
        packages.as_root("start Docker")
    (bare_path / "sudo").touch(mode=0o755)
    assert packages.as_root("start Docker")[0] == "sudo"


def test_another_apt_is_waited_for(bare_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(packages, "LOCK_INTERVAL", 0.0)
    apt = bare_path / "apt-get"
    apt.write_text(
        f"#!/bin/sh\n[ -e {bare_path}/tried ] && exit 0\n: >{bare_path}/tried\n"
        "echo 'E: Could not get lock /var/lib/apt/lists/lock.' >&2; exit 100\n"
    )
    apt.chmod(0o755)
    said: list[str] = []
    assert packages.ensure({"frobnicate": "frobnicator"}, "to test", said.append)
    assert said[1:] == ["waiting for another apt to end"]
    (bare_path / "tried").unlink()
    monkeypatch.setattr(packages, "LOCK_SECONDS", -1.0)
    with pytest.raises(RunFailed):
        packages.ensure({"frobnicate": "frobnicator"}, "to test", silent)
