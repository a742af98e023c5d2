"""Doni's contract over HTTP: real databases, tokens of a deployed lab, the published clients."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from cc_ansible.lab import spec
from cc_ansible.paths import PROJECT, VENV_BIN, site_state_dir
from cc_ansible.verify.cloud import connect

sys.path.append(str(PROJECT / "services/doni/tests"))

from doni_site import DoniSite
from keystone_proxy import KeystoneProxy
from people import Login, People
from private_mariadb import PrivateMariaDB

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def cloud() -> Any:
    lab = spec.load()
    assert lab is not None, "no lab: these tests need a deployed one; run `make lab` first"
    connection = connect(site_state_dir(lab.site) / "credentials" / "clouds.yaml")
    try:
        connection.authorize()
    except Exception as error:
        pytest.fail(f"the lab's Keystone gives no token: deploy the lab first ({error})")
    return connection


@pytest.fixture(scope="session")
def keystone(cloud: Any) -> str:
    """The URL of the lab's Keystone, without a version."""
    url: str = cloud.config.get_auth_args()["auth_url"]
    return url.rstrip("/").removesuffix("/v3")


@pytest.fixture(scope="session")
def proxy(keystone: str) -> Iterator[KeystoneProxy]:
    server = KeystoneProxy(keystone)
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def people(cloud: Any, proxy: KeystoneProxy) -> Iterator[dict[str, Login]]:
    makes = People(cloud, f"{proxy.url}/v3")
    yield makes.make()
    makes.remove()


@pytest.fixture(scope="session", params=["sqlite", "mariadb"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('database')}/doni.sqlite"
        return
    server = PrivateMariaDB()
    yield server.fresh()
    server.remove()


@pytest.fixture(scope="session")
def site(
    database: str,
    keystone: str,
    proxy: KeystoneProxy,
    people: dict[str, Login],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[DoniSite]:
    found = DoniSite(tmp_path_factory.mktemp("doni"), database, keystone, people["service"])
    try:
        found.start()
        proxy.inventory = found.url
        yield found
    finally:
        found.stop()


class Person:
    """Somebody with a token, over HTTP."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.headers["X-Auth-Token"] = token

    def __call__(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        if body is not None:
            options["json"] = body
        return self.session.request(method, self.url + path, timeout=120, **options)

    def get(self, path: str, code: int = 200) -> Any:
        reply = self("GET", path)
        assert reply.status_code == code, reply.text
        return reply.json()

    def create(self, name: str, kind: str = "fake-hardware", **properties: Any) -> Any:
        base = {"default_required_field": "x"} if kind == "fake-hardware" else {}
        body = {"name": name, "hardware_type": kind, "properties": {**base, **properties}}
        reply = self("POST", "/v1/hardware/", body)
        assert reply.status_code == 201, reply.text
        return reply.json()

    def steady(self, uuid: str, seconds: float = 60) -> Any:
        """The item once all its workers are done."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.get(f"/v1/hardware/{uuid}")
            if all(worker["state"] == "STEADY" for worker in found["workers"]):
                return found
            assert time.monotonic() < deadline, found
            time.sleep(0.1)


@pytest.fixture
def ask(site: DoniSite, people: dict[str, Login]) -> Iterator[Callable[[str], Person]]:
    """Somebody by name; all items are gone afterwards."""
    known: dict[str, Person] = {}

    def person(name: str) -> Person:
        if name not in known:
            known[name] = Person(site.url, people[name].token())
        return known[name]

    yield person
    admin = person("admin")
    for item in admin.get("/v1/hardware?all_projects=1")["hardware"]:
        assert admin("DELETE", f"/v1/hardware/{item['uuid']}").status_code == 200


@pytest.fixture
def owner(ask: Callable[[str], Person]) -> Person:
    return ask("owner")


@pytest.fixture
def client(ask: Any, site: DoniSite, people: dict[str, Login], tmp_path: Path) -> Run:
    """Run a published client as somebody."""

    def run(*words: str, person: str = "owner", code: int = 0) -> subprocess.CompletedProcess[str]:
        rest = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
        env = {**rest, **people[person].environment(), "COLUMNS": "300", "NO_COLOR": "1"}
        argv = [str(VENV_BIN / words[0]), *words[1:]]
        result = subprocess.run(
            argv, env=env, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert result.returncode == code, f"{words}\n{result.stdout}\n{result.stderr}"
        return result

    return run
