"""Lists: whole, in pages, sorted, and fast."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy
from asking import NOBODYS, Person, add
from doni.db import session


def _names(found: Any) -> list[str]:
    return [item["name"] for item in found["hardware"]]


@pytest.fixture
def five(owner: Person) -> list[str]:
    return [owner.create(name)["uuid"] for name in ("b", "a", "e", "c", "d")]


def test_without_a_limit_it_is_whole(conf: Any, owner: Person, five: list[str]) -> None:
    conf.set_override("max_limit", 2, group="api")
    found = owner.get("/v1/hardware/")
    assert _names(found) == ["b", "a", "e", "c", "d"]
    assert found["links"] == []


@pytest.mark.parametrize(
    "sort_key", ["id", "name", "uuid", "created_at", "updated_at", "project_id"]
)
@pytest.mark.parametrize("sort_dir", ["asc", "desc"])
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages(owner: Person, five: list[str], sort_key: str, sort_dir: str, limit: int) -> None:
    owner.patch(five[1], add("/name", "x"))
    query = f"sort_key={sort_key}&sort_dir={sort_dir}"
    whole = _names(owner.get(f"/v1/hardware?{query}"))
    assert sorted(whole) == ["b", "c", "d", "e", "x"]
    path: str | None = f"/v1/hardware?{query}&limit={limit}"
    seen: list[str] = []
    while path:
        page = owner.get(path)
        assert len(page["hardware"]) <= limit
        seen += _names(page)
        assert all(link["rel"] == "next" for link in page["links"])
        href = urlsplit(page["links"][0]["href"]) if page["links"] else None
        path = f"{href.path}?{href.query}" if href else None
    assert seen == whole


def test_large_limits_are_cut_and_go_on(conf: Any, owner: Person, five: list[str]) -> None:
    conf.set_override("max_limit", 2, group="api")
    conf.set_override("public_endpoint", "https://chi.example.org:8100/", group="api")
    found = owner.get("/v1/hardware?limit=99999999999999999999")
    assert len(found["hardware"]) == 2
    assert found["links"][0]["href"] == (
        f"https://chi.example.org:8100/v1/hardware?limit=2&marker={five[1]}"
    )


@pytest.mark.parametrize(
    "query",
    [
        "limit=abc", "limit=0", "limit=-1", "limit=", "limit=1.5", "limit=٣", "marker=x",
        "sort_key=secret", "sort_key=", "sort_dir=up",
    ],
)  # fmt: skip
def test_refused(owner: Person, query: str) -> None:
    assert owner.get(f"/v1/hardware?{query}", 400)["error"]


def test_markers_of_others_are_unknown(owner: Person, other: Person) -> None:
    other.get(f"/v1/hardware?marker={NOBODYS}", 404)
    uuid = owner.create()["uuid"]
    other.get(f"/v1/hardware?marker={uuid}", 404)


def test_unknown_query_keys_are_ignored(owner: Person) -> None:
    assert owner.get("/v1/hardware?colour=blue")["hardware"] == []


def test_the_number_of_queries_does_not_grow(owner: Person, admin: Person) -> None:
    seen: list[str] = []

    def count(number: int) -> int:
        for place in range(number):
            owner.create(f"n{len(seen)}-{place}")
        seen.clear()
        owner.get("/v1/hardware")
        admin.get("/v1/hardware?all_projects=1&limit=3")
        return len([statement for statement in seen if statement.startswith("SELECT")])

    def note(*found: Any) -> None:
        seen.append(found[2])

    sqlalchemy.event.listen(session.engine(), "before_cursor_execute", note)
    assert count(1) == count(20) == 4


def test_records_that_older_releases_spoilt(owner: Person, app: Any) -> None:
    uuid = owner.create()["uuid"]
    fine = owner.create("fine")["uuid"]

    def spoil(column: str, value: str) -> None:
        statement = sqlalchemy.text(f"UPDATE hardware SET {column} = :value WHERE uuid = :uuid")
        with session.writer() as db:
            db.execute(statement, {"value": value, "uuid": uuid})

    spoil("hardware_type", "no-such-type")
    listed = owner.get("/v1/hardware")["hardware"]
    assert [item["uuid"] for item in listed] == [uuid, fine]
    assert owner.show(uuid)["hardware_type"] == "no-such-type"
    assert owner.show(uuid)["workers"] == []
    owner.patch(uuid, add("/properties/x", 1), code=400)
    mended = owner.patch(uuid, add("/hardware_type", "fake-hardware"))
    assert mended["hardware_type"] == "fake-hardware"
    assert len(mended["workers"]) == 1

    spoil("properties", '{"default_required_field": 5, "gone": null, "unknown": [1]}')
    assert owner.show(uuid)["properties"] == {"default_required_field": 5}
    # What was wrong before does not stand in the way of other changes.
    assert owner.patch(uuid, add("/name", "b"))["name"] == "b"
    owner.patch(uuid, add("/properties/public-field", "y"))
    owner.patch(uuid, add("/properties/public-field", 7), code=400)
    owner.patch(uuid, add("/properties/default_required_field", "x"), add("/properties/bad", 1),
                code=400)  # fmt: skip
    owner.patch(uuid, add("/properties/default_required_field", "x"))

    for text in ("[]", "null", "not json"):
        spoil("properties", text)
        assert owner.show(uuid)["properties"] == {}
        owner.patch(uuid, add("/name", "c"))
        assert len(owner.get("/v1/hardware")["hardware"]) == 2
