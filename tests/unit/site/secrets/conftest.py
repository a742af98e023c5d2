"""Stores to test with: a file, and a real OpenBao server."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openbao
import pytest
import yaml

from cc_ansible.site.load import Site, load

MakeKv = Callable[..., Site]


@pytest.fixture(autouse=True)
def quiet_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the user's logins counts."""
    for name in list(os.environ):
        if name.startswith(("VAULT_", "BAO_", "CC_ANSIBLE_")):
            monkeypatch.delenv(name)
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("CC_ANSIBLE_STATE_DIR", str(tmp_path / "state-home"))


@pytest.fixture
def kv_path(request: pytest.FixtureRequest) -> str:
    """A secret of this test's own."""
    return f"chi/{re.sub('[^a-z0-9]+', '-', request.node.name.lower()).strip('-')}"


@pytest.fixture
def make_kv_site(
    bao: openbao.Server, kv_path: str, write_site: Callable[..., Path], project: Path
) -> MakeKv:
    """A site whose passwords are on the server; further settings go below ``secrets``."""

    def make(files: dict[str, str | None] | None = None, **settings: Any) -> Site:
        secrets = {
            "backend": "openbao",
            "url": bao.url,
            "path": kv_path,
            "auth": {"token": {"command": ["echo", openbao.ROOT]}},
            **settings,
        }
        secrets = {key: value for key, value in secrets.items() if value is not None}
        texts = {"passwords.yml": None, "defaults.yml": yaml.safe_dump({"secrets": secrets})}
        return load(write_site({**texts, **(files or {})}), project, {})

    return make


@pytest.fixture
def put(bao: openbao.Server, kv_path: str) -> Callable[..., None]:
    """Write passwords to the server as another person would."""

    def write(**values: Any) -> None:
        bao.call("POST", f"secret/data/{kv_path}", {"data": values})

    return write
