"""What tests of several rooms share: a state directory, a small site, a web server, an engine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import openbao
import pytest
import served
import small_site
from fake_engine import Engine

from cc_ansible.site.load import Site, load


@pytest.fixture
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state directory of this test; nothing else of the user's environment counts."""
    for name in ("SITE", "VAULT_PASSWORD", "DEBUG"):
        monkeypatch.delenv(f"CC_ANSIBLE_{name}", raising=False)
    monkeypatch.setenv("CC_ANSIBLE_STATE_DIR", str(tmp_path / "state-home"))
    return tmp_path / "state-home"


@pytest.fixture
def site_dir(tmp_path: Path, state_home: Path) -> Path:
    return small_site.write(tmp_path / "tiny-site")


@pytest.fixture
def tiny_site(site_dir: Path) -> Site:
    return load(site_dir, env={})


@pytest.fixture(scope="session")
def bao(tmp_path_factory: pytest.TempPathFactory) -> Iterator[openbao.Server]:
    """A server for secrets."""
    server = openbao.Server(tmp_path_factory.mktemp("openbao"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(tmp_path / "engine")


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers on this machine are asked without any proxy."""
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "127.0.0.1")


@pytest.fixture
def serve(no_proxy: None) -> Iterator[Callable[[type[BaseHTTPRequestHandler]], str]]:
    """Start a web server on this machine; returns its address."""
    with ExitStack() as running:

        def start(handler: type[BaseHTTPRequestHandler]) -> str:
            handler.log_message = lambda *_: None  # type: ignore[method-assign]
            return running.enter_context(served.http(handler))

        yield start


@pytest.fixture
def wait_until() -> Callable[..., None]:
    """Wait until something is the case."""

    def wait(condition: Callable[[], object], seconds: float = 10.0) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "it did not happen in time"
            time.sleep(0.02)

    return wait
