"""Many writers at once: nothing is lost, and nobody sees a failure of the server."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from asking import Person, add, replace
from doni.db import session
from doni.db.models import WorkerTask
from sqlalchemy import select

WRITERS = 200
FEWER = 60


@pytest.fixture(params=["sqlite", "mariadb"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/doni.sqlite"
        return
    server = request.getfixturevalue("mariadb")
    url = server.fresh()
    yield url
    server.drop(url)


def _at_once(ask: Callable[[int], Any], writers: int = WRITERS) -> Counter[int]:
    """The codes of replies to requests that are all made at the same time."""
    ready = threading.Barrier(writers)

    def one(number: int) -> int:
        ready.wait()
        reply = ask(number)
        assert reply.status_code < 500, reply.text
        code: int = reply.status_code
        return code

    with ThreadPoolExecutor(writers) as pool:
        return Counter(pool.map(one, range(writers)))


def _patch(person: Person, uuid: str, *operations: Any) -> Any:
    return person("PATCH", f"/v1/hardware/{uuid}", list(operations))


def test_one_name(owner: Person) -> None:
    body = {"name": "a", "hardware_type": "fake-hardware", "properties": {
        "default_required_field": "x"}}  # fmt: skip
    codes = _at_once(lambda number: owner("POST", "/v1/hardware", body))
    assert codes == {201: 1, 409: WRITERS - 1}
    assert len(owner.get("/v1/hardware")["hardware"]) == 1


def test_windows_and_properties_of_one_item(owner: Person) -> None:
    uuid = owner.create(kind="baremetal", extra_properties={"first": 1})["uuid"]
    span = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-02T00:00:00Z"}
    codes = _at_once(
        lambda number: _patch(
            owner,
            uuid,
            add("/availability/-", span),
            add(f"/properties/extra_properties/k{number}", number),
        )
    )
    assert codes == {200: WRITERS}
    assert len(owner.windows(uuid)) == WRITERS
    found = owner.show(uuid)["properties"]["extra_properties"]
    assert found == {"first": 1, **{f"k{number}": number for number in range(WRITERS)}}
    with session.reader() as db:
        assert set(db.scalars(select(WorkerTask.generation))) == {WRITERS}


def test_both_ends_of_a_window(owner: Person) -> None:
    uuid = owner.create()["uuid"]
    owner.patch(
        uuid,
        add("/availability/-", {"start": "2026-01-10T00:00:00Z", "end": "2026-01-20T00:00:00Z"}),
    )
    window = owner.windows(uuid)[0]["uuid"]

    def move(number: int) -> Any:
        end = "start" if number % 2 else "end"
        day = 1 + number % 28
        path = f"/availability/{window}/{end}"
        return _patch(owner, uuid, replace(path, f"2026-01-{day:02}T00:00:00Z"))

    assert set(_at_once(move, FEWER)) <= {200, 400}
    (found,) = owner.windows(uuid)
    assert found["start"] < found["end"]


def test_renames_to_one_name(owner: Person) -> None:
    uuids = [owner.create(f"n{number}")["uuid"] for number in range(FEWER)]
    codes = _at_once(lambda number: _patch(owner, uuids[number], add("/name", "a")), FEWER)
    assert codes == {200: 1, 409: FEWER - 1}


def test_changes_syncs_and_deletion(owner: Person) -> None:
    uuid = owner.create()["uuid"]
    span = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-02T00:00:00Z"}

    def ask(number: int) -> Any:
        if number == FEWER // 2:
            return owner("DELETE", f"/v1/hardware/{uuid}")
        if number % 2:
            return owner("POST", f"/v1/hardware/{uuid}/sync")
        return _patch(owner, uuid, add("/availability/-", span))

    assert set(_at_once(ask, FEWER)) <= {200, 404}
    owner.show(uuid, 404)
