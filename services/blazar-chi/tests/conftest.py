"""A whole Blazar, manager and API, in one process, with a database of its own."""

from __future__ import annotations

import eventlet

eventlet.monkey_patch(os=True, select=True, socket=True, thread=True, time=True)

# Everything else sees the patched modules, as it does in Blazar's own programs.
import datetime  # noqa: E402
import pathlib  # noqa: E402
import sys  # noqa: E402
from collections.abc import Iterator  # noqa: E402

import pytest  # noqa: E402
from blazar.db.sqlalchemy import facade_wrapper  # noqa: E402
from cloud import Cloud  # noqa: E402
from oslo_utils import timeutils  # noqa: E402
from site_of_blazar import Site  # noqa: E402

sys.path.append(str(pathlib.Path(__file__).parents[2] / "doni" / "tests"))
from private_mariadb import PrivateMariaDB  # noqa: E402


def pytest_configure(config: pytest.Config) -> None:
    """Marks of these tests."""
    config.addinivalue_line("markers", "options(text): lines for blazar.conf")
    config.addinivalue_line("markers", "mariadb: the database is MariaDB's")


NOON = datetime.datetime(2030, 1, 15, 12, 0)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[PrivateMariaDB]:
    """A server; it starts when the first test wants a database."""
    server = PrivateMariaDB()
    yield server
    server.remove()


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Iterator[str]:
    """The URL of an empty database; of MariaDB for tests marked so."""
    if request.node.get_closest_marker("mariadb") is None:
        yield f"sqlite:///{tmp_path}/blazar.sqlite"
        return
    server: PrivateMariaDB = request.getfixturevalue("mariadb")
    url = server.fresh()
    yield url
    server.drop(url)


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """What Blazar talks to."""
    cloud = Cloud()
    yield cloud
    cloud.close()


@pytest.fixture
def clock() -> Iterator[None]:
    """Time stands still at noon, until ``timeutils.advance_time_seconds``."""
    timeutils.set_time_override(NOON)
    yield
    timeutils.clear_time_override()


@pytest.fixture
def site(
    request: pytest.FixtureRequest,
    cloud: Cloud,
    clock: None,
    database: str,
    tmp_path: pathlib.Path,
) -> Iterator[Site]:
    """Blazar with all plugins of this package, and with the options of the test's mark."""
    mark = request.node.get_closest_marker("options")
    site = Site(cloud, tmp_path / "blazar.conf", database, mark.args[0] if mark else "")
    yield site
    site.close()
    facade_wrapper._clear_engine()
