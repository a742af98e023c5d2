"""Sites of several sizes, and a testbed that answers for them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

# The testbed double is that of the hardware tests.
sys.path.append(str(Path(__file__).parent.parent / "hardware"))

import reported
from testbed import bed as bed

from cc_ansible.site.load import Site, load


@pytest.fixture
def make_site(tmp_path: Path, state_home: Path) -> Callable[..., Site]:
    """Write a site; see :func:`reported.write`."""

    def make(**shape: object) -> Site:
        return load(reported.write(tmp_path / "site", **shape), env={})  # type: ignore[arg-type]

    return make
