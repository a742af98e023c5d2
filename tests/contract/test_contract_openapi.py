"""Schemathesis against the running API: what the OpenAPI document says is what happens."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from doni_site import DoniSite

from cc_ansible.paths import VENV_BIN

# A patch may be well-formed and of what is not there.
OPTIONS = """\
[[operations]]
include-method = "PATCH"
checks.positive_data_acceptance.enabled = false
"""


def test_schemathesis(site: DoniSite, ask: Any, tmp_path: Path) -> None:
    owner = ask("owner")
    owner.create("a")
    options = tmp_path / "schemathesis.toml"
    options.write_text(OPTIONS)
    token = owner.session.headers["X-Auth-Token"]
    result = subprocess.run(
        [
            str(VENV_BIN / "schemathesis"), "--config-file", str(options), "run",
            f"{site.url}/openapi.json", "-H", f"X-Auth-Token: {token}", "--max-examples", "25",
            # The same requests in every run: what fails here fails for everybody.
            "--generation-deterministic",
        ],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout[-8000:]
    assert "Traceback" not in site.log("doni-api")
