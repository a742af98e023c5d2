"""What the tests of the corpus share."""

from __future__ import annotations

import pytest
from secretsof import Secrets


@pytest.fixture(scope="session")
def secrets() -> Secrets:
    """The secrets of every site."""
    return Secrets()
