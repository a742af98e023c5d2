"""A site with hardware, for tests of what is made of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lending as lent_site
import pytest
import yaml
from testbed import Testbed
from testbed import bed as bed

from cc_ansible.kolla import known
from cc_ansible.site.subject import Subject
from cc_ansible.site.survey import Survey

Make = Callable[[dict[str, Any]], Subject]


@pytest.fixture
def site(tmp_path: Path) -> Make:
    """Write files below ``hardware/`` of a site; what is no text is written as YAML."""

    def make(files: dict[str, Any]) -> Subject:
        directory = tmp_path / "site" / "hardware"
        directory.mkdir(parents=True)
        (tmp_path / "site" / "defaults.yml").write_text("maintenance_day: 2028-02-29\n")
        (tmp_path / "site" / "inventory").write_text("node1\n")
        for name, content in files.items():
            (directory / name).parent.mkdir(exist_ok=True)
            text = content if isinstance(content, str) else yaml.safe_dump(content)
            (directory / name).write_text(text)
        return Subject(Survey(tmp_path / "site", tmp_path / "no-project"), known)

    return make


@pytest.fixture(scope="session")
def valid_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site to make copies of."""
    return lent_site.site(tmp_path_factory.mktemp("valid") / "site")


@pytest.fixture
def lending(
    valid_site: Path,
    state_home: Path,
    tmp_path: Path,
    bed: Testbed,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> lent_site.Lending:
    """A site, its command line and the testbed it lends to; it is 2027-03-01, a Monday, 12:00."""
    path = shutil.copytree(valid_site, tmp_path / "lending-site")
    return lent_site.Lending(path, bed, capsys, monkeypatch)
