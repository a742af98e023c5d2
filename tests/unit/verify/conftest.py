"""What tests of verifications share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from small_cloud import World
from this_machine import Machine
from well_site import Site


@pytest.fixture
def running() -> Site:
    """A site on which all is well."""
    return Site()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def world(serve: Callable[..., str], tmp_path: Path) -> World:
    return World(serve, tmp_path)
