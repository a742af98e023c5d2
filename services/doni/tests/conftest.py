"""Databases and options for the tests of Doni."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from doni.conf import opts
from doni.db import session
from doni.db.models import Base
from oslo_config import cfg
from oslo_log import log
from private_mariadb import PrivateMariaDB


@pytest.fixture(scope="session")
def mariadb() -> Iterator[PrivateMariaDB]:
    """A server; it starts when the first test wants a database."""
    server = PrivateMariaDB()
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", "mariadb"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/doni.sqlite"
        return
    server: PrivateMariaDB = request.getfixturevalue("mariadb")
    url = server.fresh()
    yield url
    server.drop(url)


@pytest.fixture
def conf(database: str) -> Iterator[cfg.ConfigOpts]:
    """Options with which all that is fake runs, quickly; the database is configured and empty."""
    conf = cfg.ConfigOpts()
    opts.register(conf)
    log.register_options(conf)
    conf([], project="doni", default_config_files=[])
    conf.set_override("connection", database, group="database")
    conf.set_override("max_retries", 0, group="database")
    conf.set_override("enabled_hardware_types", ["fake-hardware"])
    conf.set_override("enabled_worker_types", ["fake-worker"])
    conf.set_override("process_pending_task_interval", 0.05, group="worker")
    conf.set_override("graceful_shutdown_timeout", 5, group="worker")
    session.configure(conf)
    yield conf
    session.reset()


@pytest.fixture
def schema(conf: cfg.ConfigOpts) -> cfg.ConfigOpts:
    """As ``conf``, with all tables."""
    Base.metadata.create_all(session.engine())
    return conf
