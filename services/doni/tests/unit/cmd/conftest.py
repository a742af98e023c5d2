"""A file of options for commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def configured(database: str, tmp_path: Path) -> Callable[..., list[str]]:
    """Arguments that name a file with the database, and options of the given groups."""

    def make(default: str = "", worker: str = "") -> list[str]:
        path = tmp_path / "doni.conf"
        default = default or "enabled_worker_types = fake-worker"
        path.write_text(
            f"[DEFAULT]\nenabled_hardware_types = fake-hardware\n{default}\n"
            f"[database]\nconnection = {database}\n"
            f"[worker]\nprocess_pending_task_interval = 0.1\n{worker}\n"
        )
        return ["--config-file", str(path)]

    return make
