"""What was found once is kept as long as the installed files stay the same."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cc_ansible import paths
from cc_ansible.kolla.remembered import remembered


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "venv"))
    monkeypatch.setattr(paths, "PROJECT", tmp_path / "project")
    (tmp_path / "project" / "roles").mkdir(parents=True)
    return tmp_path / "project"


def test_it_is_found_once_until_a_file_changes(project: Path) -> None:
    answers = iter([{"a": [1]}, {"a": [2]}])
    assert remembered("words", lambda: next(answers)) == {"a": [1]}
    assert remembered("words", lambda: next(answers)) == {"a": [1]}
    (project / "roles" / "new.yml").write_text("x: 1")
    assert remembered("words", lambda: next(answers)) == {"a": [2]}
    assert len(list(Path(sys.prefix).rglob("words-*.json"))) == 1


def test_a_damaged_or_forbidden_store_does_not_matter(project: Path) -> None:
    assert remembered("words", lambda: [1]) == [1]
    (kept,) = Path(sys.prefix).rglob("words-*.json")
    kept.write_text("{")
    assert remembered("words", lambda: [2]) == [2]
    (project / "roles" / "new.yml").write_text("x: 1")
    store = kept.parent
    for file in store.iterdir():
        file.unlink()
    store.rmdir()
    store.write_text("a file where the directory should be")
    assert remembered("words", lambda: [3]) == [3]
