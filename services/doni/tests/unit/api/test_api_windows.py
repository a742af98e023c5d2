"""Windows: times at which an item is kept from users."""

from __future__ import annotations

from typing import Any

import pytest
from asking import NOBODYS, Person, add, remove, replace
from doni.db import session
from doni.db.models import AvailabilityWindow
from sqlalchemy import select, update

SPAN = {"start": "2026-01-01T10:00:00+00:00", "end": "2026-01-02T10:00:00+00:00"}
LATER = {"start": "2026-02-01T10:00:00+00:00", "end": "2026-02-02T10:00:00+00:00"}


@pytest.fixture
def item(owner: Person) -> str:
    uuid: str = owner.create()["uuid"]
    return uuid


def _spans(owner: Person, item: str) -> list[tuple[str, str]]:
    return [(window["start"], window["end"]) for window in owner.windows(item)]


def test_the_window(owner: Person, item: str) -> None:
    owner.patch(item, add("/availability/-", SPAN))
    (found,) = owner.windows(item)
    assert set(found) == {"uuid", "created_at", "updated_at", "start", "end"}
    assert found["updated_at"] is None
    assert {"start": found["start"], "end": found["end"]} == SPAN
    assert owner.get(f"/v1/hardware/{item}/availability/")["availability"] == [found]


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("2026-01-01T12:00:00+02:00", "2026-01-01T10:00:00+00:00"),
        ("2025-12-31T20:00:00-06:00", "2026-01-01T02:00:00+00:00"),
        ("2026-01-01T10:00:00Z", "2026-01-01T10:00:00+00:00"),
        ("2026-01-01t10:00:00z", "2026-01-01T10:00:00+00:00"),
        ("2026-01-01T10:00:00.999999Z", "2026-01-01T10:00:00+00:00"),
        ("2026-01-01T10:00:00-00:00", "2026-01-01T10:00:00+00:00"),
    ],
)
def test_times_become_utc(owner: Person, item: str, sent: str, seen: str) -> None:
    owner.patch(item, add("/availability/-", {"start": sent, "end": LATER["end"]}))
    assert _spans(owner, item) == [(seen, LATER["end"])]


@pytest.mark.parametrize(
    "time",
    [
        None, "", "tomorrow", 5, True, [], {}, "2026-01-01", "2026-01-01T10:00:00",
        "2026-01-01 10:00:00+00:00", "20260101T100000Z", "2026-W01-1T10:00:00Z",
        "2026-13-01T10:00:00Z", "2026-02-30T10:00:00Z", "2026-01-01T25:00:00Z",
        "2026-01-01T10:00:00+25:00", "2026-01-01T10:00Z", "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00", "0999-12-31T00:00:00Z", "2026-01-01T10:00:00Z\n",
        "٢٠٢٦-01-01T10:00:00Z",
    ],
)  # fmt: skip
def test_no_times(owner: Person, item: str, time: Any) -> None:
    found = owner.patch(item, add("/availability/-", {"start": time, "end": time}), code=400)
    assert "must be a time with an offset" in found["error"]
    assert owner.windows(item) == []


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (SPAN["end"], SPAN["start"]),
        (SPAN["start"], SPAN["start"]),
        ("2026-01-01T10:00:00+00:00", "2026-01-01T11:00:00+02:00"),
    ],
)
def test_the_end_is_after_the_start(owner: Person, item: str, start: str, end: str) -> None:
    found = owner.patch(item, add("/availability/-", {"start": start, "end": end}), code=400)
    assert "end must be after start" in found["error"]


@pytest.mark.parametrize(
    "value", [None, 5, "x", [], {}, {"start": SPAN["start"]}, {**SPAN, "reason": "x"}]
)
def test_no_windows(owner: Person, item: str, value: Any) -> None:
    owner.patch(item, add("/availability/-", value), code=400)
    owner.patch(item, add("/availability/new", value), code=400)


def test_several_at_once_and_anywhere_in_the_patch(owner: Person, item: str) -> None:
    found = owner.patch(
        item,
        add("/properties/public-field", "x"),
        add("/availability/-", SPAN),
        add("/availability/-", LATER),
        add("/availability/any-key", SPAN),
        add("/name", "b"),
    )
    assert found["name"] == "b"
    assert found["properties"]["public-field"] == "x"
    assert len({window["uuid"] for window in owner.windows(item)}) == 3
    assert "any-key" not in {window["uuid"] for window in owner.windows(item)}


def test_change(owner: Person, item: str) -> None:
    owner.patch(item, add("/availability/-", SPAN), add("/availability/-", LATER))
    first, second = owner.windows(item)
    one, two = (f"/availability/{window['uuid']}" for window in (first, second))
    owner.patch(item, replace(f"{one}/start", "2026-01-01T12:00:00+02:00"))
    assert owner.windows(item)[0]["updated_at"] is None
    owner.patch(item, replace(f"{one}/end", "2026-01-03T00:00:00Z"))
    changed, unchanged = owner.windows(item)
    assert changed["end"] == "2026-01-03T00:00:00+00:00"
    assert changed["updated_at"]
    assert unchanged == second
    # Both ends move past where the other one was.
    owner.patch(
        item,
        replace(f"{one}/start", "2026-03-01T00:00:00Z"),
        replace(f"{one}/end", "2026-03-02T00:00:00Z"),
    )
    for operation in (add, replace):
        owner.patch(item, operation(two, {**LATER, "end": "2026-02-03T00:00:00Z"}))
        assert owner.windows(item)[0]["end"] == "2026-02-03T00:00:00+00:00"
        assert owner.windows(item)[0]["uuid"] == second["uuid"]
    owner.patch(item, remove(two))
    assert [window["uuid"] for window in owner.windows(item)] == [first["uuid"]]
    owner.patch(item, remove(two), code=400)


def test_refused(owner: Person, item: str) -> None:
    owner.patch(item, add("/availability/-", SPAN))
    (window,) = owner.windows(item)
    one = f"/availability/{window['uuid']}"
    for operation in (
        add("/availability", {}),
        replace("/availability", []),
        remove("/availability"),
        remove(f"/availability/{NOBODYS}"),
        replace(f"/availability/{NOBODYS}", SPAN),
        replace(f"/availability/{NOBODYS}/start", SPAN["start"]),
        add(f"/availability/{NOBODYS}/start", SPAN["start"]),
        replace("/availability/-", SPAN),
        remove("/availability/-"),
        add("/availability/-/start", SPAN["start"]),
        remove(f"{one}/start"),
        remove(f"{one}/end"),
        remove(f"{one}/other"),
        replace(f"{one}/other", SPAN["start"]),
        replace(f"{one}/start/x", SPAN["start"]),
        replace(f"{one}/start", None),
        replace(f"{one}/start", SPAN["end"]),
        replace(one, {"start": SPAN["start"]}),
        replace(one, None),
    ):
        owner.patch(item, add("/availability/-", LATER), operation, code=400)
        assert owner.windows(item) == [window]


def test_a_window_of_another_item(owner: Person, item: str) -> None:
    other = owner.create("b")["uuid"]
    owner.patch(other, add("/availability/-", SPAN))
    (window,) = owner.windows(other)
    owner.patch(item, remove(f"/availability/{window['uuid']}"), code=400)
    owner.patch(item, replace(f"/availability/{window['uuid']}", LATER), code=400)
    # As with any other key that names no window of the item.
    owner.patch(item, add(f"/availability/{window['uuid']}", LATER))
    assert owner.windows(other) == [window]
    assert owner.windows(item)[0]["uuid"] != window["uuid"]


def test_windows_without_ends_of_older_releases(owner: Person, item: str) -> None:
    owner.patch(item, add("/availability/-", SPAN))
    with session.writer() as db:
        db.execute(update(AvailabilityWindow).values(end=None))
    (window,) = owner.windows(item)
    assert window["end"] is None
    one = f"/availability/{window['uuid']}"
    owner.patch(item, add("/name", "b"))
    owner.patch(item, replace(f"{one}/start", SPAN["start"]), code=400)
    owner.patch(item, replace(f"{one}/end", SPAN["end"]))
    assert _spans(owner, item) == [(SPAN["start"], SPAN["end"])]


def test_deletion_drops_the_windows(owner: Person, item: str) -> None:
    owner.patch(item, add("/availability/-", SPAN))
    reply = owner("DELETE", f"/v1/hardware/{item}")
    assert (reply.status_code, reply.data) == (200, b"")
    assert reply.content_type.startswith("text/html")
    owner.get(f"/v1/hardware/{item}/availability", 404)
    owner.show(item, 404)
    assert owner("DELETE", f"/v1/hardware/{item}").status_code == 404
    with session.reader() as db:
        assert db.scalars(select(AvailabilityWindow)).all() == []


def test_sync(owner: Person, item: str) -> None:
    reply = owner("POST", f"/v1/hardware/{item}/sync")
    assert (reply.status_code, reply.data) == (200, b"")
