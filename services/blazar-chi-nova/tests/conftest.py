"""Blazar, and a scheduler that asks it."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import scheduling
from blazar_double import Blazar


@pytest.fixture
def blazar() -> Iterator[Blazar]:
    """A double that says what a test has it say."""
    blazar = Blazar()
    yield blazar
    blazar.close()


@pytest.fixture
def scheduler(blazar: Blazar, tmp_path: pathlib.Path) -> scheduling.Scheduler:
    """A scheduler that asks the double."""
    scheduling.configure(tmp_path / "nova.conf", blazar.url)
    return scheduling.Scheduler()


@pytest.fixture(scope="session")
def real() -> Iterator[dict[str, Any]]:
    """Where a real Blazar is, and its ten nodes, of which it knows the first five."""
    script = pathlib.Path(__file__).with_name("blazar_process.py")
    argv = [sys.executable, "-W", "ignore", str(script)]
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = next((line for line in process.stdout if line.startswith("{")), "")
        yield json.loads(line)
        process.stdin.close()
        process.wait(timeout=20)
