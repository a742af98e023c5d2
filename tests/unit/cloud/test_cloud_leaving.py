"""What the site names no longer goes, but nothing that somebody uses."""

from __future__ import annotations

from typing import Any

import pytest
from cc_cloud_plan import networks
from fake_neutron import EMPTY, PROVISIONING, after, leg, port

PUBLIC = {"name": "public", "cidr": "203.0.113.0/24"}
FIRST, SECOND = (
    {"name": name, "sharednet": {"name": name, "vlan": vlan, "cidr": f"10.{vlan}.0.0/24"}}
    for name, vlan in (("first", 11), ("second", 22))
)
OURS = ("router", "subnet", "network")


def plan(entries: Any, state: Any, prune: bool = True) -> dict[str, Any]:
    return networks.plan(entries, state, PROVISIONING, prune=prune).plain()


def in_question(entries: Any, state: Any) -> list[str]:
    return networks.in_question(entries, state, PROVISIONING)


@pytest.fixture
def settled() -> dict[str, Any]:
    return after(plan([PUBLIC, FIRST, SECOND], EMPTY))


def test_ports_are_read_only_where_something_may_go(settled: dict[str, Any]) -> None:
    assert in_question([PUBLIC, FIRST, SECOND], settled) == []
    assert in_question([PUBLIC, FIRST], settled) == ["id-of-second"]
    smaller = {**PUBLIC, "subnets": []}
    settled["subnets"].append({**settled["subnets"][0], "id": "x", "cidr": "198.51.100.0/24"})
    assert in_question([smaller, FIRST, SECOND], settled) == ["id-of-public"]


@pytest.mark.parametrize("owner", ["compute:nova", "network:floatingip", "", "baremetal:none"])
def test_a_network_in_use_keeps_its_leg_its_subnet_and_itself(
    settled: dict[str, Any], owner: str
) -> None:
    settled["ports"] = [port("second", owner)]
    result = plan([PUBLIC, FIRST], settled)
    assert result["labels"] == []
    assert result["notes"] == [
        "network second: the site names it no longer, but it is still used and stays",
        "subnet second-subnet: the site names it no longer, but it is still used and stays",
    ]
    assert plan([PUBLIC, FIRST], settled, prune=False) == result


def test_ports_of_neutron_and_of_the_router_are_no_use(settled: dict[str, Any]) -> None:
    settled["ports"] = [
        port("second", "network:dhcp"),
        port("second", "network:distributed"),
        port("second", "network:router_interface", "r"),
    ]
    assert plan([PUBLIC, FIRST], settled)["labels"] == [
        "leg sharednet-router: legs first-subnet second-subnet -> first-subnet",
        "subnet second-subnet: removed, the site names it no longer",
        "network second: removed, the site names it no longer",
    ]


def test_a_leg_of_somebody_elses_router_is_use(settled: dict[str, Any]) -> None:
    settled["ports"] = [port("second", "network:router_interface", "theirs")]
    assert plan([PUBLIC, FIRST], settled)["labels"] == []


def test_a_port_without_addresses_is_use_too(settled: dict[str, Any]) -> None:
    settled["ports"] = [port("second", "baremetal:none", fixed_ips=[])]
    assert plan([PUBLIC, FIRST], settled)["labels"] == []


def test_one_subnet_in_use_does_not_hold_another(settled: dict[str, Any]) -> None:
    more = {**settled["subnets"][0], "network_id": "id-of-public"}
    settled["subnets"] += [
        {**more, "id": "used", "name": "used", "cidr": "198.51.100.0/25"},
        {**more, "id": "free", "name": "free", "cidr": "198.51.100.128/25"},
    ]
    settled["ports"] = [port("public", "compute:nova", fixed_ips=[{"subnet_id": "used"}])]
    result = plan([PUBLIC, FIRST, SECOND], settled)
    assert result["labels"] == ["subnet free: removed, the site names it no longer"]
    assert [note.partition(":")[0] for note in result["notes"]] == ["subnet used"]


def test_a_subnet_that_somebody_added_keeps_its_network(settled: dict[str, Any]) -> None:
    theirs = {**settled["subnets"][-1], "id": "x", "name": "theirs", "description": ""}
    settled["subnets"].append(theirs)
    result = plan([PUBLIC, FIRST], settled)
    assert "network" not in result["todo"]
    assert (
        "network second: the site names it no longer, but a subnet of it stays" in (result["notes"])
    )


def test_a_router_stays_with_a_network_in_use_and_so_does_its_gateway(
    settled: dict[str, Any],
) -> None:
    settled["ports"] = [
        port("second", "compute:nova"),
        *(port(name, "network:router_interface", "r") for name in ("first", "second")),
        port("public", "network:router_gateway", "r"),
    ]
    result = plan([], settled)
    assert result["labels"] == []
    assert {note.partition(" ")[0] for note in result["notes"]} == {"router", "subnet", "network"}


def test_a_router_stays_with_a_leg_that_somebody_made(settled: dict[str, Any]) -> None:
    settled["router_interfaces"].append(leg("r", "by-hand"))
    assert "router" not in plan([PUBLIC], settled)["todo"]


def test_all_goes_where_nobody_uses_anything(settled: dict[str, Any]) -> None:
    settled["ports"] = [
        *(port(name, "network:router_interface", "r") for name in ("first", "second")),
        port("public", "network:router_gateway", "r"),
    ]
    result = plan([], settled)
    assert result["notes"] == []
    assert {kind: len(result["todo"][kind]["remove"]) for kind in OURS} == {
        "router": 1, "subnet": 3, "network": 3,
    }  # fmt: skip
