"""A site with hardware, for tests of what is made of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

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
