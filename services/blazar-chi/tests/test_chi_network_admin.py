"""The routes of network segments."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from site_of_blazar import Refused, Site, network

DAY = datetime.timedelta(days=1)
VLAN = {"network_type": "vlan", "physical_network": "physnet1", "segment_id": 300}
VXLAN = {"network_type": "vxlan", "physical_network": None, "segment_id": "70000"}


@pytest.fixture
def segment(site: Site) -> dict[str, Any]:
    found: dict[str, Any] = site.ask("POST", "/networks", {**VLAN, "rack": "7"})["network"]
    return found


def _refused(site: Site, status: int, *request: Any) -> None:
    with pytest.raises(Refused) as refusal:
        site.ask(*request)
    assert refusal.value.status == status


def test_segments_are_made_shown_and_listed(site: Site, segment: dict[str, Any]) -> None:
    assert segment.items() >= {**VLAN, "rack": "7"}.items()
    assert site.ask("GET", f"/networks/{segment['id']}")["network"] == segment
    assert site.ask("GET", "/networks")["networks"] == [segment]


def test_tunnels_have_no_physical_network(site: Site) -> None:
    made = site.ask("POST", "/networks", VXLAN)["network"]
    assert made["physical_network"] is None
    assert made["segment_id"] == 70000


@pytest.mark.parametrize(
    "wrong",
    [
        {"segment_id": 0},
        {"segment_id": 4095},
        {"segment_id": "one"},
        {"segment_id": None},
        {"segment_id": 1.5},
        {"network_type": "flat"},
        {"network_type": None},
        {"physical_network": None},
        {"network_type": "vxlan"},
        {"x" * 65: "too long"},
    ],
)
def test_what_is_no_segment_is_refused(site: Site, wrong: dict[str, Any]) -> None:
    _refused(site, 400, "POST", "/networks", {**VLAN, **wrong})


def test_a_segment_is_known_once(site: Site, segment: dict[str, Any]) -> None:
    _refused(site, 409, "POST", "/networks", VLAN)
    site.ask("POST", "/networks", VXLAN)
    _refused(site, 409, "POST", "/networks", VXLAN)
    site.ask("POST", "/networks", {**VLAN, "physical_network": "physnet2"})
    assert len(site.ask("GET", "/networks")["networks"]) == 3


def test_capabilities_are_set_changed_and_unset(site: Site, segment: dict[str, Any]) -> None:
    path = f"/networks/{segment['id']}"
    changed = site.ask("PUT", path, {"rack": "8", "speed": "100"})["network"]
    assert (changed["rack"], changed["speed"]) == ("8", "100")
    assert "rack" not in site.ask("PUT", path, {"rack": None})["network"]
    assert "speed" in site.ask("GET", path)["network"]


def test_a_segment_that_is_reserved_is_neither_moved_nor_deleted(
    site: Site, segment: dict[str, Any]
) -> None:
    path = f"/networks/{segment['id']}"
    lease = site.lease(network("x", ["==", "$rack", "7"]), start=DAY)
    _refused(site, 409, "DELETE", path)
    _refused(site, 409, "PUT", path, {"segment_id": 301})
    _refused(site, 409, "PUT", path, {"rack": "8"})
    assert site.ask("PUT", path, {"speed": "100"})["network"]["rack"] == "7"
    site.ask("DELETE", f"/leases/{lease['id']}", who="p1")
    assert site.ask("PUT", path, {"segment_id": 301})["network"]["segment_id"] == 301
    site.ask("DELETE", path)
    assert site.ask("GET", "/networks")["networks"] == []


def test_what_is_not_there_is_not_found(site: Site) -> None:
    for request in (("GET", ""), ("PUT", "", {"a": "b"}), ("DELETE", ""), ("GET", "/allocation")):
        method, rest, *body = request
        _refused(site, 404, method, f"/networks/none{rest}", *body)


def test_only_admins_work_with_segments(site: Site, segment: dict[str, Any]) -> None:
    path = f"/networks/{segment['id']}"
    for method, route, body in (
        ("GET", "/networks", None),
        ("GET", path, None),
        ("POST", "/networks", VXLAN),
        ("PUT", path, {"rack": "9"}),
        ("DELETE", path, None),
        ("GET", "/networks/allocations", None),
        ("GET", f"{path}/allocation", None),
        ("GET", "/networks/properties", None),
        ("PATCH", "/networks/properties/rack", {"private": True}),
    ):
        _refused(site, 403, method, route, body, "p1")
    assert site.ask("GET", "/networks")["networks"] == [segment]


def test_allocations_say_who_has_a_segment_when(site: Site, segment: dict[str, Any]) -> None:
    other = site.ask("POST", "/networks", VXLAN)["network"]
    lease = site.lease(network("x", ["==", "$segment_id", "300"]), start=DAY)
    reservation = lease["reservations"][0]
    found = {
        allocation["resource_id"]: allocation["reservations"]
        for allocation in site.ask("GET", "/networks/allocations")["allocations"]
    }
    assert found[other["id"]] == []
    (mine,) = found[segment["id"]]
    assert (mine["id"], mine["lease_id"]) == (reservation["id"], lease["id"])
    assert mine["start_date"] == lease["start_date"]
    one = site.ask("GET", f"/networks/{segment['id']}/allocation")["allocation"]
    assert one == {"resource_id": segment["id"], "reservations": [mine]}
    query = f"/networks/allocations?reservation_id={reservation['id']}"
    assert [
        each["resource_id"]
        for each in site.ask("GET", query)["allocations"]
        if each["reservations"]
    ] == [segment["id"]]


def test_properties_are_listed_and_hidden(site: Site, segment: dict[str, Any]) -> None:
    path = "/networks/properties"
    detailed = site.ask("GET", f"{path}?detail=True")["resource_properties"]
    assert detailed == [{"property": "rack", "private": False, "values": ["7"]}]
    site.ask("PATCH", f"{path}/rack", {"private": True})
    assert site.ask("GET", path)["resource_properties"] == []
    assert site.ask("GET", f"{path}?all=True")["resource_properties"] == [{"property": "rack"}]
