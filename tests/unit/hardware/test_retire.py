"""`hardware retire`: an item goes when no lease holds it, and no user loses one by accident."""

from __future__ import annotations

import io

import pytest
from lending import HOUR, Lending, device, fake, span
from testbed import OTHER
from werkzeug.wrappers import Response

from cc_ansible.errors import Exit

BEGIN, END = "2027-03-03T06:00:00.000000", "2027-03-03T18:00:00.000000"


@pytest.fixture
def uuid(lending: Lending) -> str:
    """An item that is no longer declared."""
    lending.declare(fake("f1"), fake("f2"))
    lending.apply()
    lending.declare(fake("f2"))
    return lending.uuid("f1")


def leases_can_be_deleted(lending: Lending) -> None:
    bed = lending.bed

    def delete(method: str, path: str) -> Response | None:
        if method != "DELETE" or "/leases/" not in path:
            return None
        bed.leases = [each for each in bed.leases if each["id"] != path.rpartition("/")[2]]
        return Response(status=204)

    bed.before = delete


def test_without_a_lease_it_goes_at_once(lending: Lending, uuid: str) -> None:
    said = lending.ok("retire", "f1", "--yes")
    assert lending.bed.writes() == [("DELETE", f"/v1/hardware/{uuid}/")]
    assert "f1 is retired" in said.out
    assert lending.json("plan")["pending"] is False
    assert lending.run("retire", "f1", "--yes").code == Exit.USAGE  # nobody knows it any more


def test_it_asks(lending: Lending, uuid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert lending.run("retire", "f1").code == Exit.INTERRUPTED
    assert lending.bed.writes() == []
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert lending.json("retire", "f1") == {
        "name": "f1",
        "uuid": uuid,
        "removed": True,
        "leases": [],
    }


def test_a_lease_keeps_it_and_nobody_else_gets_it(lending: Lending, uuid: str) -> None:
    lending.bed.lease(uuid, BEGIN, END, "mine")
    said = lending.run("retire", "f1", "--yes")
    assert said.code == Exit.CHANGES_PENDING
    assert lending.bed.writes() == [("PATCH", f"/v1/hardware/{uuid}/")]
    assert "lease mine (lease-1) of" in said.out
    assert "1 lease holds it until 2027-03-03 18:00Z" in said.out
    assert lending.blackouts("f1") == [("03-01 12:00", "03-03 06:00"), ("03-03 18:00", "forever")]
    again = lending.run("retire", "f1", "--yes", "--output", "json")
    assert again.code == Exit.CHANGES_PENDING and lending.bed.writes() == []
    assert again.json["removed"] is False and again.json["leases"][0]["id"] == "lease-1"
    lending.ok("roll")  # which does not lend it again
    assert lending.bed.writes() == []
    lending.bed.leases.clear()
    lending.ok("retire", "f1", "--yes")
    assert lending.bed.writes() == [("DELETE", f"/v1/hardware/{uuid}/")]


def test_a_lease_that_is_under_way_and_a_window_that_was_there(lending: Lending) -> None:
    lending.declare(fake("f1", calendar=span("2027-03-01 to 2027-03-05")))
    lending.apply()
    lending.bed.lease(lending.uuid("f1"), "2027-03-01T06:00:00.000000", END)
    lending.declare()
    lending.now += HOUR
    assert lending.run("retire", "f1", "--yes").code == Exit.CHANGES_PENDING
    assert lending.blackouts("f1") == [("03-03 18:00", "forever")]


def test_a_declared_item_with_a_lease_is_not_drained(lending: Lending) -> None:
    lending.declare(fake("f1"))
    lending.apply()
    lending.bed.lease(lending.uuid("f1"), BEGIN, END)
    said = lending.run("retire", "f1", "--yes")
    assert said.code == Exit.USAGE
    assert "f1 is still declared in hardware/, and 1 lease holds it." in said.err
    assert lending.bed.writes() == []


def test_a_declared_item_without_a_lease_goes_with_a_warning(lending: Lending) -> None:
    lending.declare(fake("f1"))
    assert "not enrolled; there is nothing to do" in lending.ok("retire", "f1").out
    lending.apply()
    assert "`apply` would enrol it again" in lending.ok("retire", "f1", "--yes").out
    assert [item["action"] for item in lending.json("plan")["items"]] == ["create"]


@pytest.mark.parametrize("reason", [(), ("--reason", " ")])
def test_force_needs_a_reason(lending: Lending, uuid: str, reason: tuple[str, ...]) -> None:
    said = lending.run("retire", "f1", "--yes", "--force", *reason)
    assert said.code == Exit.USAGE and "Add --reason TEXT." in said.err
    assert lending.bed.writes() == []


def test_force_ends_its_leases_and_names_what_else_they_take(lending: Lending, uuid: str) -> None:
    lending.bed.lease(uuid, BEGIN, END, "mine")
    other = lending.uuid("f2")
    lending.bed.hosts.append({"id": other, "hypervisor_hostname": other})
    taken = {"reservations": [{"id": "r", "lease_id": "lease-1"}]}
    lending.bed.allocations.append({"resource_id": other, **taken})
    lending.bed.lease(other, BEGIN, END, "elsewhere")
    leases_can_be_deleted(lending)
    said = lending.ok("retire", "f1", "--yes", "--force", "--reason", "it burns")
    assert "it takes f2 too" in said.out
    assert lending.bed.writes() == [
        ("DELETE", "/blazar/v1/leases/lease-1"),
        ("DELETE", f"/v1/hardware/{uuid}/"),
    ]
    journals = [file for file in (lending.state / "runs").rglob("*") if file.is_file()]
    assert any("end lease lease-1: it burns" in file.read_text() for file in journals)


def test_a_lease_that_cannot_be_ended_keeps_the_item(lending: Lending, uuid: str) -> None:
    lending.bed.lease(uuid, BEGIN, END)
    lending.bed.before = lambda method, _: Response("no", 500) if method == "DELETE" else None
    said = lending.run("retire", "f1", "--yes", "--force", "--reason", "it burns")
    assert said.code not in (Exit.OK, Exit.CHANGES_PENDING)
    assert lending.bed.writes() == [("DELETE", "/blazar/v1/leases/lease-1")]


def test_a_lease_of_a_device_holds_it_by_its_name(lending: Lending) -> None:
    lending.declare(device("d1"))
    lending.apply()
    lending.declare()
    uuid = lending.uuid("d1")
    lending.bed.lease("another-id", BEGIN, END)
    lending.bed.hosts[-1]["hypervisor_hostname"] = "d1"
    assert lending.run("retire", "d1", "--yes").code == Exit.CHANGES_PENDING
    assert lending.bed.writes() == [("PATCH", f"/v1/hardware/{uuid}/")]


def test_what_others_enrolled_is_theirs(lending: Lending) -> None:
    lending.bed.enrol("of-a-user", project=OTHER)
    said = lending.run("retire", "of-a-user", "--yes")
    assert said.code == Exit.USAGE and "Its owner removes it" in said.err
    assert lending.bed.writes() == []
