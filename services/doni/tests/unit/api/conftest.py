"""The API on SQLite, asked by people whom the authentication would let in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from asking import Person
from doni.api.app import create_app
from doni.conf import opts
from doni.db import models, session
from doni.hardware import types
from oslo_config import cfg

WORKERS = (
    "ironic", "blazar.physical_host", "blazar.device", "balena", "k8s", "tunelo", "fake-worker",
)  # fmt: skip


def configured(url: str) -> cfg.ConfigOpts:
    found = cfg.ConfigOpts()
    opts.register(found)
    found([], project="doni", default_config_files=[])
    found.set_override("connection", url, group="database")
    found.set_override("max_overflow", 100, group="database")
    found.set_override("enabled_hardware_types", list(types.TYPES))
    found.set_override("enabled_worker_types", list(WORKERS))
    return found


@pytest.fixture
def database(tmp_path: Path) -> str:
    """SQLite only: what differs with MariaDB has tests of its own."""
    return f"sqlite:///{tmp_path}/doni.sqlite"


@pytest.fixture
def conf(database: str) -> Iterator[cfg.ConfigOpts]:
    """Options with which all kinds of hardware can be enrolled; the database has all tables."""
    found = configured(database)
    session.reset()
    session.configure(found)
    models.Base.metadata.create_all(session.engine())
    yield found
    session.reset()


@pytest.fixture
def app(conf: cfg.ConfigOpts) -> Any:
    return create_app(conf, auth=False)


@pytest.fixture
def person(app: Any) -> Callable[..., Person]:
    return lambda project, *roles: Person(app, project, *roles)


@pytest.fixture
def owner(app: Any) -> Person:
    return Person(app, "p1", "hardware_owner", "member", "reader")


@pytest.fixture
def member(app: Any) -> Person:
    return Person(app, "p1", "member", "reader")


@pytest.fixture
def reader(app: Any) -> Person:
    return Person(app, "p1", "reader")


@pytest.fixture
def other(app: Any) -> Person:
    return Person(app, "p2", "hardware_owner", "member", "reader")


@pytest.fixture
def admin(app: Any) -> Person:
    return Person(app, "p0", "admin", "member", "reader")


@pytest.fixture
def unscoped(app: Any) -> Person:
    return Person(app, None)
