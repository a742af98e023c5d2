"""The windows of many items in one list."""

from __future__ import annotations

import datetime
from typing import Any

from asking import Person
from doni.db import windows

TIMES = ("2026-12-01T00:00:00+00:00", "2026-12-02T00:00:00+00:00")


def _with_window(person: Person, name: str) -> str:
    uuid: str = person.create(name)["uuid"]
    ends = dict(zip(("start", "end"), TIMES, strict=True))
    person.patch(uuid, {"op": "add", "path": "/availability/-", "value": ends})
    return uuid


def test_each_window_names_its_item_beside_what_the_item_itself_says(owner: Person) -> None:
    first, second = _with_window(owner, "a"), _with_window(owner, "b")
    listed = owner.get("/v1/availability")["availability"]
    assert [each["hardware_uuid"] for each in listed] == [first, second]
    own = owner.get(f"/v1/hardware/{second}/availability")["availability"][0]
    assert listed[1] == {**own, "hardware_uuid": second}


def test_without_windows_it_is_empty(owner: Person) -> None:
    owner.create("a")
    assert owner.get("/v1/availability/") == {"availability": []}


def test_other_projects_see_their_own_only(owner: Person, other: Person, admin: Person) -> None:
    mine = _with_window(owner, "a")
    theirs = _with_window(other, "b")

    def seen(person: Person, query: str = "") -> set[str]:
        found = person.get(f"/v1/availability{query}")["availability"]
        return {each["hardware_uuid"] for each in found}

    assert seen(owner) == {mine}
    assert seen(other) == {theirs}
    assert seen(admin) == set()
    assert seen(admin, "?all_projects=1") == {mine, theirs}
    owner.get("/v1/availability?all_projects=1", 403)


def test_nobody_sees_it_without_a_project(unscoped: Person, app: Any) -> None:
    unscoped.get("/v1/availability", 403)
    assert app.test_client().get("/v1/availability").status_code == 401


def test_retired_items_have_no_windows(owner: Person) -> None:
    uuid = _with_window(owner, "a")
    owner("DELETE", f"/v1/hardware/{uuid}")
    assert owner.get("/v1/availability")["availability"] == []


def test_an_item_has_its_windows_in_the_order_of_time(owner: Person) -> None:
    uuid = owner.create("a")["uuid"]
    for day in (3, 1, 2):
        ends = {
            "start": f"2026-12-0{day}T00:00:00+00:00",
            "end": f"2026-12-0{day}T12:00:00+00:00",
        }
        owner.patch(uuid, {"op": "add", "path": "/availability/-", "value": ends})
    starts = [window.start for window in windows.of_project(None)]
    assert starts == [datetime.datetime(2026, 12, day) for day in (1, 2, 3)]
