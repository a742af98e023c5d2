"""A small cloud, and experiments on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from smallcloud import SmallCloud, running
from trials import Clock, Trying


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def new_cloud(no_proxy: None) -> Iterator[Callable[[], SmallCloud]]:
    with ExitStack() as made:
        yield lambda: made.enter_context(running())


@pytest.fixture
def trying(new_cloud: Callable[[], SmallCloud]) -> Trying:
    return Trying(new_cloud())
