"""`hardware list`, `show` and `calendar`: what there is, how it is, and when it is lent."""

from __future__ import annotations

import pytest
from lending import BMC_PASSWORD, Lending, device, fake, node, span
from testbed import OTHER, OWN
from werkzeug.wrappers import Response

from cc_ansible.errors import Exit

CHICAGO = {"timezone": "America/Chicago", "windows": ["2027-03-02 to 2027-03-03"]}


def table(lending: Lending, *words: str) -> dict[str, list[str]]:
    """The cells of `list` by name."""
    head, *rows = lending.ok("list", *words).out.splitlines()
    assert head.split() == ["NAME", "TYPE", "STATE", "NODE", "CALENDAR", "LENT", "MAINTENANCE"]
    cells = ([cell.strip() for cell in row.split("  ") if cell.strip()] for row in rows)
    return {name: rest for name, *rest in cells}


def test_a_row_for_each_item(lending: Lending) -> None:
    lending.declare(
        fake("open"),
        fake("shut", calendar="never"),
        fake("later", calendar="weekends"),
        fake("broken", maintenance="no power"),
        calendars={"weekends": CHICAGO},
    )
    lending.apply()
    lending.declare(
        fake("open"),
        fake("shut", calendar="never"),
        fake("later", calendar="weekends"),
        fake("broken", maintenance="no power"),
        fake("new", calendar=span("2027-02-01 to 2027-03-01")),
        calendars={"weekends": CHICAGO},
    )
    assert table(lending) == {
        "open": ["fake-hardware", "STEADY", "-", "always", "always"],
        "shut": ["fake-hardware", "STEADY", "-", "never", "not lent"],
        "later": ["fake-hardware", "STEADY", "-", "weekends", "from Tue 2027-03-02 00:00"],
        "broken": ["fake-hardware", "STEADY", "-", "always", "always", "no power"],
        "new": ["fake-hardware", "not enrolled", "-", "new", "until Tue 2027-03-02 00:00"],
    }


def test_whose_items(lending: Lending) -> None:
    lending.declare(fake("f1", project="physics"), fake("retired"))
    lending.apply()
    lending.declare(fake("f1", project="physics"))
    lending.bed.enrol("of-a-user", project=OTHER)
    assert list(table(lending)) == ["f1", "retired"]
    assert table(lending)["retired"] == ["baremetal", "STEADY", "-", "-", "-"]
    assert list(table(lending, "--all")) == ["f1", "retired", "of-a-user"]


def test_list_as_json(lending: Lending) -> None:
    lending.declare(fake("f1", calendar=CHICAGO), fake("f2"))
    lending.apply("f1")
    enrolled, other = lending.json("list")
    assert enrolled | {"properties": 0, "workers": 0} == {
        "name": "f1",
        "type": "fake-hardware",
        "declared": "hardware/nodes.yml:2",
        "calendar": "f1",
        "lent_now": False,
        "lent": [{"from": "2027-03-02T06:00:00+00:00", "until": "2027-03-04T06:00:00+00:00"}],
        "state": "STEADY",
        "maintenance": None,
        "maintenance_until": None,
        "uuid": lending.uuid("f1"),
        "project_id": OWN,
        "properties": 0,
        "workers": 0,
        "node": None,
        "troubles": [],
    }
    assert {each["worker"] for each in enrolled["workers"]} == {"ironic", "blazar.physical_host"}
    assert (other["state"], other["uuid"], other["workers"]) == ("not enrolled", None, [])
    assert other["lent"] == [{"from": "2027-03-01T12:00:00+00:00", "until": None}]
    assert other["lent_now"] is True


def test_what_is_wrong_with_an_item(lending: Lending) -> None:
    lending.declare(fake("f1"))
    lending.apply()
    lending.bed.tasks("ERROR", last_error="no power")
    assert table(lending)["f1"][1] == "ERROR"
    said = lending.ok("show", "f1").out
    assert "! ironic error: no power" in said and "apply f1 --again" in said
    lending.bed.tasks("PENDING", defer_reason="lease-1 is there")
    assert table(lending)["f1"][1] == "DEFERRED"
    assert lending.shown("f1")["troubles"][0]["reason"] == "lease-1 is there"


def test_show(lending: Lending) -> None:
    days = [f"2027-03-{day:02} to 2027-03-{day:02}" for day in range(2, 16, 2)]
    lending.declare(node(1, calendar={**CHICAGO, "windows": days}))
    lending.apply()
    uuid = lending.uuid("c01")
    lending.bed.lease(uuid, "2027-03-03T00:00:00.000000", "2027-03-03T03:00:00.000000")
    lending.bed.lease("of-another", "2027-03-03T00:00:00.000000", "2027-03-04T00:00:00.000000")
    lines = lending.ok("show", "c01").out.splitlines()
    assert lines[0] == "c01  baremetal  STEADY  from Tue 2027-03-02 00:00"
    assert "  declared    hardware/nodes.yml:2" in lines and f"  uuid        {uuid}" in lines
    assert sum(line.startswith("  lent  ") for line in lines) == 5
    assert "  2 more      cc-ansible hardware calendar c01" in lines
    [lease] = [line for line in lines if line.startswith("  lease")]
    assert "Tue 2027-03-02 18:00 to Tue 2027-03-02 21:00" in lease  # clocks of the calendar
    assert "    ipmi_username: root" in lines
    assert not any(BMC_PASSWORD in line for line in lines)
    by_uuid = lending.shown(uuid)
    assert by_uuid["name"] == "c01" and [each["id"] for each in by_uuid["leases"]] == ["lease-1"]


def test_show_needs_neither_a_lease_nor_doni_s_item(lending: Lending) -> None:
    lending.bed.has_blazar = False
    lending.declare(fake("f1"), device("d1"))
    lending.apply("f1")
    assert lending.shown("f1")["leases"] == []
    assert lending.ok("show", "d1").out.startswith("d1  device  not enrolled  always\n")
    said = lending.run("show", "f11")
    assert said.code == Exit.USAGE and "Did you mean f1?" in said.err


def test_list_and_show_need_no_valid_site(lending: Lending) -> None:
    lending.declare(fake("f1"))
    lending.apply()
    (lending.path / "passwords.yml").write_text("{}\n")
    lending.declare(fake("f1"), device("d1", contact_email="nobody"))
    assert lending.run("plan").code == Exit.SITE_INVALID
    assert list(table(lending)) == ["f1", "d1"] and lending.shown("f1")["uuid"]


@pytest.mark.parametrize("name", ["weekends", "f1"])
def test_calendar(lending: Lending, name: str) -> None:
    lending.declare(fake("f1", calendar="weekends"), calendars={"weekends": CHICAGO})
    assert "March 2027" in lending.ok("calendar", name).out
    assert "April 2027" in lending.ok("calendar", name, "--month", "2027-04").out
    [month] = lending.json("calendar", name)
    assert month["month"] == "2027-03"
    ics = lending.ok("calendar", name, "--output", "ics").out
    assert ics.startswith("BEGIN:VCALENDAR") and ics.count("BEGIN:VEVENT") == 1
    assert lending.bed.calls == []  # nor is the testbed asked


def test_calendars_that_are_not(lending: Lending) -> None:
    lending.declare(fake("f1"), calendars={"weekends": CHICAGO, "nights": CHICAGO})
    said = lending.run("calendar", "weekend")
    assert said.code == Exit.USAGE and "Did you mean weekends?" in said.err
    assert lending.run("calendar", "--month", "march").code == Exit.USAGE
    assert lending.run("calendar", "--output", "ics").code == Exit.USAGE
    assert len(lending.json("calendar")) == 2


def ironic(lending: Lending, name: str, **said: object) -> dict[str, object]:
    """A node of Ironic behind an enrolled item."""
    plain = {"uuid": lending.uuid(name), "name": name, "provision_state": "available"}
    return {**plain, "power_state": "power off", "maintenance": False, **said}


def test_how_nodes_are_and_why(lending: Lending) -> None:
    lending.declare(node(1), node(2), node(3))
    lending.apply()
    reason = (
        "max retries exceeded for node 7, ... Error: HTTP GET https://10.0.0.1 returned HTTP 401."
    )
    lending.bed.nodes = sorted(
        [
            ironic(lending, "c01"),
            ironic(lending, "c02", maintenance=True, fault="power failure",
                   maintenance_reason=reason, power_state=None),
            ironic(lending, "c03", maintenance=True, maintenance_reason="Doni: fans"),
        ],
        key=lambda each: str(each["uuid"]),
    )  # fmt: skip
    shown = {name: cells[2] for name, cells in table(lending).items()}
    assert shown == {
        "c01": "available",
        "c02": "available, power failure",
        "c03": "available, maintenance",
    }
    lines = [line.strip() for line in lending.ok("show", "c02").out.splitlines()]
    assert "node        available, power failure, unknown" in lines
    assert "! power failure: Its controller refuses the user or the password." in lines
    assert f"Ironic: {reason}" in lines
    times = {"created_at": "2027-02-28T11:00:00+00:00", "event_type": "deploying"}
    text = "Failed to prepare to deploy: The supplied image checksum is invalid"
    lending.bed.history = [
        {**times, "severity": "ERROR", "event": text},
        {**times, "severity": "INFO", "event": "cleaned"},
    ]
    said = lending.ok("show", "c01").out
    assert "last failed 2027-02-28 11:00 UTC, deploying" in said
    assert text in said and "it was damaged" in said
    assert lending.shown("c01")["last_failure"]["text"] == text
    assert lending.shown("c02")["node"]["trouble"] == "power failure"
    assert lending.shown("c03")["node"]["trouble"] is None


def test_a_node_is_shown_without_its_history(lending: Lending) -> None:
    lending.declare(node(1))
    lending.apply()
    lending.bed.nodes = [ironic(lending, "c01")]

    def broken(method: str, path: str) -> Response | None:
        return Response("{}", 503) if path.endswith("/history") else None

    lending.bed.before = broken
    said = lending.ok("show", "c01").out
    assert "node        available, power off" in said and "last failed" not in said


def test_items_are_shown_when_ironic_is_silent(lending: Lending) -> None:
    lending.declare(fake("f1"))
    lending.apply()

    def broken(method: str, path: str) -> Response | None:
        return Response("{}", 503) if path.startswith("/ironic") else None

    lending.bed.before = broken
    said = lending.ok("list")
    assert "f1" in said.out
    assert "nothing is known of nodes: Ironic" in said.err
