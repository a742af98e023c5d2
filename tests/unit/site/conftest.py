"""Site configs to test with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from cc_ansible.site.load import Site, load

HOSTS = "[control]\nnode1\n\n[compute]\nnode2\n"
Make = Callable[..., Site]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A checkout without layers of its own."""
    path = tmp_path / "project"
    (path / "kolla" / "scenarios").mkdir(parents=True)
    return path


@pytest.fixture
def write_site(tmp_path: Path) -> Callable[[Mapping[str, str]], Path]:
    """Writes a small valid site; files given replace or add to it, None removes."""

    def write(files: Mapping[str, str | None] | None = None) -> Path:
        site = tmp_path / "site"
        texts: dict[str, str | None] = {
            "defaults.yml": "{}\n",
            "inventory/hosts": HOSTS,
            "passwords.yml": "database_password: secret-of-the-db\n",
            **(files or {}),
        }
        for name, text in texts.items():
            if text is not None:
                (site / name).parent.mkdir(parents=True, exist_ok=True)
                (site / name).write_text(text)
        return site

    return write


@pytest.fixture
def make_site(write_site: Callable[..., Path], project: Path) -> Make:
    def make(files: Mapping[str, str | None] | None = None, env: object = None) -> Site:
        return load(write_site(files), project, env or {})  # type: ignore[arg-type]

    return make
