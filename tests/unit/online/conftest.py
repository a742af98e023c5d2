"""A site whose hosts are all well."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import hosts_site
import pytest
from hosts_site import Site


@pytest.fixture
def site(tmp_path: Path, state_home: Path) -> Site:
    """A site of two control hosts and a compute host on which all is well."""
    path = tmp_path / "site"
    (path / "inventory").mkdir(parents=True)
    (path / "defaults.yml").write_text(hosts_site.SITE)
    (path / "inventory" / "hosts").write_text(hosts_site.INVENTORY)
    return Site(path)


@pytest.fixture
def rule(site: Site) -> Callable[[], Mapping[str, str | None]]:
    """Rules that are broken, and the host of each."""
    return lambda: {found.finding.rule: found.host for found in site.judge()}
