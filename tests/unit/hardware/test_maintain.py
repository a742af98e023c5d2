"""`hardware maintain`: out of service for a while, and back as the site config says."""

from __future__ import annotations

import datetime
import io

import pytest
from lending import HOUR, NOW, Lending, fake, node, span

from cc_ansible.errors import Exit, UsageError
from cc_ansible.hardware import maintenance

FAN = ("--for", "4h", "--reason", "new fan", "--no-wait")
LEASE = ("2027-03-01T14:00:00.000000", "2027-03-01T20:00:00.000000")


@pytest.fixture
def uuid(lending: Lending) -> str:
    lending.declare(fake("f1"))
    lending.apply()
    return lending.uuid("f1")


def test_for_some_time(lending: Lending, uuid: str) -> None:
    said = lending.ok("maintain", "f1", *FAN)
    assert lending.bed.writes() == [("PATCH", f"/v1/hardware/{uuid}/")]
    assert "f1 is out of service until 2027-03-01 16:00Z: new fan" in said.out
    found = lending.shown("f1")
    assert found["properties"]["maintenance"] == "new fan [until 2027-03-01T16:00Z]"
    assert found["maintenance"] == "new fan"
    assert found["maintenance_until"] == "2027-03-01T16:00:00+00:00"
    assert lending.blackouts("f1") == [("03-01 12:00", "03-01 16:00")]
    assert "maintenance until Mon 2027-03-01 16:00  new fan" in lending.ok("list").out
    assert lending.json("plan")["same"] == 1  # apply lets it be


def test_a_later_apply_ends_it_in_time(lending: Lending, uuid: str) -> None:
    lending.ok("maintain", "f1", *FAN)
    lending.now += 4 * HOUR
    lending.apply()
    assert "maintenance" not in lending.shown("f1")["properties"]
    assert lending.blackouts("f1") == []


def test_a_change_of_the_item_meanwhile(lending: Lending) -> None:
    lending.declare(node(1, node_type="old"))
    lending.apply()
    lending.ok("maintain", "c01", *FAN)
    lending.declare(node(1, node_type="new", maintenance="always broken"))
    lending.apply()
    found = lending.shown("c01")
    assert (found["maintenance"], found["properties"]["node_type"]) == ("new fan", "new")
    lending.ok("maintain", "c01", "--end", "--no-wait")
    assert lending.shown("c01")["maintenance"] == "always broken"


def test_only_the_maintenance_is_written(lending: Lending) -> None:
    lending.declare(node(1, node_type="old"))
    lending.apply()
    lending.declare(node(1, node_type="new"))
    lending.ok("maintain", "c01", *FAN)
    assert lending.shown("c01")["properties"]["node_type"] == "old"
    assert lending.json("plan")["items"][0]["keys"] == ["node_type"]


def test_end(lending: Lending, uuid: str) -> None:
    lending.ok("maintain", "f1", *FAN)
    lending.now += HOUR
    said = lending.ok("maintain", "f1", "--end", "--no-wait")
    assert "its maintenance ends." in said.out
    assert lending.bed.writes() == [("PATCH", f"/v1/hardware/{uuid}/")]
    assert lending.blackouts("f1") == [] and lending.shown("f1")["maintenance"] is None
    assert "nothing to do." in lending.ok("maintain", "f1", "--end").out
    assert lending.bed.writes() == []


def test_another_one_replaces_it(lending: Lending, uuid: str) -> None:
    lending.ok("maintain", "f1", *FAN)
    lending.now += HOUR
    lending.ok("maintain", "f1", "--for", "1d", "--reason", "new board", "--no-wait")
    assert lending.blackouts("f1") == [("03-01 12:00", "03-02 13:00")]
    assert lending.shown("f1")["maintenance"] == "new board"


def test_within_its_calendar(lending: Lending) -> None:
    lending.declare(fake("f1", calendar=span("2027-03-01 to 2027-03-02")))
    lending.apply()
    lending.ok("maintain", "f1", "--for", "2d", "--reason", "new fan", "--no-wait")
    assert lending.blackouts("f1") == [("03-01 12:00", "forever")]
    lending.ok("maintain", "f1", "--end", "--no-wait")
    assert lending.blackouts("f1") == [("03-03 00:00", "forever")]


def test_a_lease_in_its_way(lending: Lending, uuid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lending.bed.lease(uuid, *LEASE, "mine")
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    said = lending.run("maintain", "f1", *FAN)
    assert said.code == Exit.INTERRUPTED and lending.bed.writes() == []
    assert "! lease mine (lease-1)" in said.out and "It stays" in said.out
    lending.ok("maintain", "f1", *FAN, "--yes")
    assert lending.blackouts("f1") == [
        ("03-01 12:00", "03-01 14:00"),
        ("03-01 14:00", "03-01 16:00"),
    ]
    assert [each["id"] for each in lending.bed.leases] == ["lease-1"]
    assert lending.json("plan")["same"] == 1


def test_as_json(lending: Lending, uuid: str) -> None:
    said = lending.json("maintain", "f1", *FAN)
    assert said["written"] == ["f1"]
    [item] = said["plan"]["items"]
    assert item["keys"] == ["maintenance"]
    assert item["windows"][0]["after"] == {
        "from": "2027-03-01T12:00:00+00:00",
        "until": "2027-03-01T16:00:00+00:00",
    }


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["f1"], "either --for TIME"),
        (["f1", "--for", "4h", "--end"], "either --for TIME"),
        (["f1", "--for", "4h"], "--reason"),
        (["f1", "--for", "4h", "--reason", "two\nlines"], "--reason"),
        (["f1", "--for", "soon", "--reason", "new fan"], "90m, 4h"),
        (["f9", "--for", "4h", "--reason", "new fan"], "There is no hardware f9"),
        (["new", "--for", "4h", "--reason", "new fan"], "new is not enrolled yet."),
    ],
)
def test_what_is_refused(lending: Lending, uuid: str, words: list[str], message: str) -> None:
    lending.declare(fake("f1"), fake("new"))
    said = lending.run("maintain", *words)
    assert said.code == Exit.USAGE and message in said.err
    assert lending.bed.writes() == []


@pytest.mark.parametrize(
    ("text", "minutes"), [("90m", 90), ("4h", 240), ("2d", 2880), ("1w", 10080), ("1d 12h", 2160)]
)
def test_lengths(text: str, minutes: int) -> None:
    assert maintenance.duration(text) == datetime.timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "4", "h", "4x", "-4h", "0m", "2y", "4h and more", "367d"])
def test_what_is_no_length(text: str) -> None:
    with pytest.raises(UsageError):
        maintenance.duration(text)


def test_what_is_kept_is_read_again() -> None:
    began = maintenance.begin(" why [until then] ", HOUR, NOW + datetime.timedelta(seconds=1))
    assert maintenance.parse(str(began)) == began
    assert (began.reason, began.until.minute) == ("why [until then]", 1)


@pytest.mark.parametrize("written", [None, True, "new fan", "x [until 2027-13-01T00:00Z]"])
def test_other_maintenance_has_no_end(written: object) -> None:
    assert maintenance.parse(written) is None
