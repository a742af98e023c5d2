"""What a finished deploy is recognised by: the same fingerprint, and only then."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_engine import Container, Engine

from cc_ansible.lab import applied, spec
from cc_ansible.lab.spec import Lab

REFERENCES = ["kolla/nova-api:1", "kolla/keystone:1"]

Print = Callable[[], str]


@pytest.fixture
def lab(state_home: Path) -> Lab:
    """A lab whose site config is a real git repository with one commit."""
    lab = Lab(controllers=3)
    spec.save(lab)
    lab.site.mkdir()
    (lab.site / "defaults.yml").write_text("{}\n")
    git(lab, "init", "--quiet")
    commit(lab)
    return lab


@pytest.fixture
def fingerprint(lab: Lab, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Print:
    for reference in REFERENCES:
        engine.images.add(reference)
    for node in lab.nodes:
        engine.containers.known[node.container] = Container(f"id-of-{node.name}")
    project = tmp_path / "project"
    (project / "roles").mkdir(parents=True)
    (project / "roles" / "main.yml").touch()
    monkeypatch.setattr(applied, "PROJECT", project)
    return lambda: applied.fingerprint(engine, lab, REFERENCES)  # type: ignore[arg-type]


def git(lab: Lab, *words: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "commit.gpgSign=false"]
    subprocess.run(["git", "-C", str(lab.site), *identity, *words], check=True)


def commit(lab: Lab) -> None:
    git(lab, "add", "--all")
    git(lab, "commit", "--quiet", "--no-verify", "-m", "change")


def test_it_is_the_same_while_nothing_changes(fingerprint: Print, engine: Engine, lab: Lab) -> None:
    before = fingerprint()
    assert fingerprint() == before
    assert applied.fingerprint(engine, lab, reversed(REFERENCES)) == before  # type: ignore[arg-type]


def test_every_changed_file_changes_it_committed_or_not(fingerprint: Print, lab: Lab) -> None:
    seen = {fingerprint()}
    for text in ("a: 1\n", "a: 2\n"):
        (lab.site / "defaults.yml").write_text(text)
        seen.add(fingerprint())
    commit(lab)
    assert fingerprint() in seen
    for change in ("", "more"):
        (lab.site / "new.yml").write_text(change)
        seen.add(fingerprint())
    (lab.site / ".env").write_text("A=1\n")
    seen.add(fingerprint())
    (lab.site / "defaults.yml").unlink()
    seen.add(fingerprint())
    assert len(seen) == 7


def test_another_image_or_node_changes_it(fingerprint: Print, engine: Engine) -> None:
    seen = {fingerprint()}
    engine.images.add(REFERENCES[0])
    seen.add(fingerprint())
    engine.containers.known["cc-lab-node2"] = Container("made anew")
    seen.add(fingerprint())
    assert len(seen) == 3


def test_the_projects_own_content_changes_it_and_caches_do_not(
    fingerprint: Print, tmp_path: Path
) -> None:
    before = fingerprint()
    cache = tmp_path / "project" / "roles" / "__pycache__"
    cache.mkdir()
    (cache / "x.pyc").touch()
    assert fingerprint() == before
    (tmp_path / "project" / "roles" / "main.yml").write_text("- debug:\n")
    assert fingerprint() != before


def test_only_the_recorded_deploy_holds(lab: Lab) -> None:
    assert not applied.holds(lab, "a")
    applied.record(lab, "a")
    assert applied.holds(lab, "a")
    assert not applied.holds(lab, "b")
    applied.forget(lab)
    assert not applied.holds(lab, "a")
    applied.forget(lab)
