"""Old sites on disk, and imports of them with quick passwords."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import old_sites
import pytest
from imports import Import, Names, Write, keep

from cc_ansible.kolla import known
from cc_ansible.site import passwords
from cc_ansible.site.legacy.report import Report
from cc_ansible.site.legacy.run import import_site


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch, state_home: Path) -> None:
    """Keep what the old site had."""
    monkeypatch.setattr(passwords, "generate", keep)


@pytest.fixture
def old(tmp_path: Path) -> Write:
    """Writes an old site by name; further files replace or add to it, None leaves one out."""

    def write(name: str, files: Mapping[str, str | None] | None = None) -> Path:
        return old_sites.write(
            tmp_path / "sites" / f"{name}-old", {**old_sites.SITES[name](), **(files or {})}
        )

    return write


@pytest.fixture
def imported(tmp_path: Path) -> Import:
    """Imports an old site to ``new``."""

    def run(source: Path, **options: Any) -> Report:
        return import_site(source, tmp_path / "new", known, **{"env": {}, **options})

    return run


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return tmp_path / "new"


@pytest.fixture
def names() -> Names:
    """What a report says of a kind."""
    return lambda report, kind: {item.name for item in report.of(kind)}
