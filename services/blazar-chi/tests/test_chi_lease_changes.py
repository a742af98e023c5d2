"""A lease is changed as a whole, or it stays what it was."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from blazar_chi.networks import neutron
from site_of_blazar import DATE, Refused, Site, network, nodes, uid

HOUR = datetime.timedelta(hours=1)
DAY = 24 * HOUR
VLAN = {"network_type": "vlan", "physical_network": "physnet1", "segment_id": 300}


def _date(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


def _change(site: Site, lease: dict[str, Any], **body: Any) -> None:
    site.ask("PUT", f"/leases/{lease['id']}", body, "p1")


def _move(site: Site, lease: dict[str, Any], by: datetime.timedelta) -> None:
    dates = {key: (_date(lease[key]) + by).strftime(DATE) for key in ("start_date", "end_date")}
    _change(site, lease, **dates)


def _holders(site: Site) -> dict[str, list[str]]:
    """The ids of leases that have each segment."""
    allocations = site.ask("GET", "/networks/allocations")["allocations"]
    return {
        each["resource_id"]: [reservation["lease_id"] for reservation in each["reservations"]]
        for each in allocations
    }


@pytest.fixture
def segment(site: Site) -> dict[str, Any]:
    found: dict[str, Any] = site.ask("POST", "/networks", VLAN)["network"]
    return found


def test_a_change_that_fails_for_one_reservation_leaves_the_others_as_they_were(
    site: Site, segment: dict[str, Any]
) -> None:
    names = [site.cloud.compute.node() for _ in range(2)]
    for name in names:
        site.host(name, uid=name)
    lease = site.lease(nodes(1), network("mine"), start=DAY)
    (mine,) = site.standing(lease)["nodes"]
    (other,) = {*names} - {mine}
    site.lease(nodes(1, uid(other)), who="p2", start=DAY)
    site.lease(nodes(1, uid(mine)), network("x"), who="p3", start=3 * DAY)
    with pytest.raises(Refused, match="Not enough networks"):
        _move(site, lease, 2 * DAY)
    after = site.show(lease)
    assert (after["status"], after["start_date"]) == ("PENDING", lease["start_date"])
    assert site.standing(lease)["nodes"] == [mine]


def test_a_lease_is_none_the_worse_for_a_change_that_breaks_off(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.host(site.cloud.compute.node())
    lease = site.lease(nodes(1), start=DAY)

    def broken(*args: Any, **kwargs: Any) -> None:
        raise OSError("gone")

    monkeypatch.setattr(site.manager, "_send_notification", broken)
    with pytest.raises(Refused):
        _move(site, lease, DAY)
    after = site.show(lease)
    assert (after["status"], after["start_date"]) == ("PENDING", lease["start_date"])
    assert sorted(each["time"] for each in after["events"]) == sorted(
        each["time"] for each in lease["events"]
    )


@pytest.mark.parametrize("wanted", [nodes(1), network("x")])
def test_what_has_begun_keeps_its_start(
    site: Site, segment: dict[str, Any], wanted: dict[str, Any]
) -> None:
    site.host(site.cloud.compute.node())
    lease = site.lease(wanted)
    with pytest.raises(Refused, match="Cannot modify the start date") as refusal:
        _move(site, lease, DAY)
    assert refusal.value.status == 400
    assert site.show(lease)["status"] == "ACTIVE"
    with pytest.raises(Refused, match="Not enough"):
        site.lease(wanted, who="p2")
    _change(site, lease, start_date=_date(lease["start_date"]).strftime(DATE), name="new")
    assert site.show(lease)["name"] == "new"


@pytest.mark.parametrize("changed", [{"network_description": "x"}, {"network_name": "y"}])
def test_dates_of_a_reservation_are_those_of_its_lease(
    site: Site, segment: dict[str, Any], changed: dict[str, str]
) -> None:
    lease = site.lease(network(), start=DAY)
    later = site.lease(network(), who="p2", start=2 * DAY)
    reservation = {
        "id": lease["reservations"][0]["id"],
        "start_date": lease["start_date"],
        "end_date": lease["end_date"],
        **changed,
    }
    end = _date(later["end_date"]).strftime(DATE)
    with pytest.raises(Refused, match="Not enough networks"):
        _change(site, lease, end_date=end, reservations=[reservation])
    _change(site, lease, reservations=[reservation])
    assert site.show(lease)["reservations"][0].items() >= changed.items()


def test_dates_in_a_reservation_of_nodes_do_not_hide_those_of_its_lease(site: Site) -> None:
    site.host(site.cloud.compute.node())
    lease = site.lease(nodes(1), start=DAY)
    later = site.lease(nodes(1), who="p2", start=2 * DAY)
    reservation = {key: lease[key] for key in ("start_date", "end_date")}
    reservation |= {"id": lease["reservations"][0]["id"], "min": 1, "max": 1}
    end = _date(later["end_date"]).strftime(DATE)
    with pytest.raises(Refused, match="Not enough hosts"):
        _change(site, lease, end_date=end, reservations=[reservation])


@pytest.mark.mariadb
@pytest.mark.parametrize(
    "wrong", [{"network_name": "x" * 300}, {"network_name": None}, {"before_end": "x" * 40}]
)
def test_a_network_is_not_changed_to_what_cannot_be(
    site: Site, segment: dict[str, Any], wrong: dict[str, Any]
) -> None:
    lease = site.lease(network(), start=DAY)
    change = {"id": lease["reservations"][0]["id"], **wrong}
    with pytest.raises(Refused, match=next(iter(wrong))) as refusal:
        _change(site, lease, reservations=[change])
    assert refusal.value.status == 400
    after = site.show(lease)
    assert after["status"] == "PENDING"
    assert after["reservations"][0]["network_name"] == "net"


def test_properties_may_be_json_instead_of_text(site: Site, segment: dict[str, Any]) -> None:
    name = site.cloud.compute.node()
    site.host(name, uid=name)
    lease = site.lease(
        nodes(1, resource_properties=uid(name)),
        network(resource_properties=["==", "$segment_id", "300"]),
        start=DAY,
    )
    changes = [
        {"id": each["id"], "hypervisor_properties": [], "resource_properties": None}
        for each in lease["reservations"]
        if each["resource_type"] == "physical:host"
    ]
    _change(site, lease, reservations=changes)
    assert site.standing(lease)["nodes"] == [name]


def test_a_lease_that_could_not_be_deleted_can_be_deleted_later(
    site: Site, segment: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neutron, "PATIENCE", 0.1)
    monkeypatch.setattr(neutron, "POLL", 0.01)
    lease = site.lease(network())
    server = site.cloud.compute.server("elsewhere")
    site.cloud.network.add(
        "ports",
        network_id=lease["reservations"][0]["network_id"],
        device_owner="compute:nova",
        device_id=server,
    )
    with pytest.raises(Refused):
        site.ask("DELETE", f"/leases/{lease['id']}", who="p1")
    assert site.show(lease)["status"] == "ERROR"
    del site.cloud.compute.servers[server]
    site.ask("DELETE", f"/leases/{lease['id']}", who="p1")
    assert site.ask("GET", "/leases")["leases"] == []
    assert _holders(site) == {segment["id"]: []}
