"""Network segments: an admin lists them, leases make networks of them."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from site_of_blazar import Refused, Site, network, nodes

DAY = datetime.timedelta(days=1)
VLAN = {"network_type": "vlan", "physical_network": "physnet1", "segment_id": 300}


@pytest.fixture
def segment(site: Site) -> dict[str, Any]:
    found: dict[str, Any] = site.ask("POST", "/networks", VLAN)["network"]
    return found


def _networks(site: Site) -> list[dict[str, Any]]:
    return list(site.cloud.network.kinds["networks"].values())


def test_a_lease_has_a_network_of_its_project_from_start_to_end(
    site: Site, segment: dict[str, Any]
) -> None:
    lease = site.lease(network("mine", network_description="of the experiment"), start=DAY)
    assert _networks(site) == []
    site.advance(days=1)
    (made,) = _networks(site)
    assert (
        made.items()
        >= {
            "name": "mine",
            "description": "of the experiment",
            "project_id": "p1",
            "provider:network_type": "vlan",
            "provider:physical_network": "physnet1",
            "provider:segmentation_id": 300,
        }.items()
    )
    assert site.show(lease)["reservations"][0]["network_id"] == made["id"]
    site.advance(hours=1)
    assert _networks(site) == []
    assert site.show(lease)["status"] == "TERMINATED"


def test_leases_show_what_was_asked_for(site: Site, segment: dict[str, Any]) -> None:
    properties = '["==", "$physical_network", "physnet1"]'
    lease = site.lease(network("mine", resource_properties=properties))
    (listed,) = site.ask("GET", "/leases", who="p1")["leases"]
    for shown in (lease["reservations"][0], listed["reservations"][0]):
        assert shown["resource_type"] == "network"
        assert shown["status"] == "active"
        assert shown["network_name"] == "mine"
        assert shown["network_description"] == ""
        assert shown["resource_properties"] == properties
        assert shown["network_properties"] == ""
        assert "requested" not in shown


def test_a_segment_is_reserved_once_at_a_time(site: Site, segment: dict[str, Any]) -> None:
    lease = site.lease(network())
    with pytest.raises(Refused, match="Not enough networks available") as refusal:
        site.lease(network(), who="p2")
    assert refusal.value.status == 400
    later = site.lease(network(), who="p2", start=DAY)
    begin = datetime.datetime.fromisoformat(later["start_date"])
    site.prolong(lease, begin)
    with pytest.raises(Refused, match="Not enough networks available"):
        site.prolong(lease, begin + DAY)
    assert site.show(lease)["status"] == "ACTIVE"


def test_two_leases_have_two_segments(site: Site, segment: dict[str, Any]) -> None:
    site.ask("POST", "/networks", {**VLAN, "segment_id": "301"})
    for who in ("p1", "p2"):
        site.lease(network(), who=who)
    ids = {made["provider:segmentation_id"]: made["project_id"] for made in _networks(site)}
    assert set(ids) == {300, 301}
    assert set(ids.values()) == {"p1", "p2"}


def test_a_segment_is_chosen_by_its_properties(site: Site, segment: dict[str, Any]) -> None:
    site.ask("POST", "/networks", {**VLAN, "segment_id": 301, "stitch_provider": "fabric"})
    for properties, expected in (
        (["==", "$stitch_provider", "fabric"], 301),
        (["<=", "$segment_id", "300"], 300),
    ):
        lease = site.lease(network("x", properties))
        (made,) = _networks(site)
        assert made["provider:segmentation_id"] == expected
        site.ask("DELETE", f"/leases/{lease['id']}", who="p1")


def test_a_lease_that_has_not_begun_gets_another_name_and_segment(
    site: Site, segment: dict[str, Any]
) -> None:
    other = site.ask("POST", "/networks", {**VLAN, "segment_id": 301})["network"]
    lease = site.lease(network("old", ["==", "$segment_id", "300"]), start=DAY)
    change = {
        "id": lease["reservations"][0]["id"],
        "network_name": "new",
        "resource_properties": '["==", "$segment_id", "301"]',
    }
    site.ask("PUT", f"/leases/{lease['id']}", {"reservations": [change]}, "p1")
    assert site.ask("GET", f"/networks/{other['id']}/allocation")["allocation"]["reservations"]
    site.ask("DELETE", f"/networks/{segment['id']}")
    site.advance(days=1)
    assert [made["name"] for made in _networks(site)] == ["new"]
    with pytest.raises(Refused, match="network_name cannot be updated"):
        site.ask(
            "PUT", f"/leases/{lease['id']}", {"reservations": [change | {"network_name": "x"}]}
        )


def test_a_network_may_be_reserved_along_with_nodes(site: Site, segment: dict[str, Any]) -> None:
    node = site.cloud.compute.node()
    site.host(node)
    lease = site.lease(network(), nodes(1))
    (made,) = _networks(site)
    server = site.cloud.compute.server(node)
    site.cloud.network.add(
        "ports", network_id=made["id"], device_owner="compute:nova", device_id=server
    )
    site.advance(hours=1)
    assert site.show(lease)["status"] == "TERMINATED"
    assert _networks(site) == []
    assert site.cloud.network.kinds["ports"] == {}


def test_only_projects_that_may_have_a_segment_get_it(site: Site) -> None:
    site.ask("POST", "/networks", {**VLAN, "authorized_projects": "p2"})
    with pytest.raises(Refused, match="Not enough networks"):
        site.lease(network(), who="p1")
    assert site.lease(network(), who="p2")["status"] == "ACTIVE"


@pytest.mark.parametrize("wrong", [{"network_name": None}, {"network_name": "x" * 256}])
def test_a_network_needs_a_name(site: Site, segment: dict[str, Any], wrong: dict) -> None:
    with pytest.raises(Refused, match="network_name") as refusal:
        site.lease({**network(), **wrong})
    assert refusal.value.status == 400


def test_a_lease_with_a_network_that_is_not_to_be_had_leaves_nothing(site: Site) -> None:
    node = site.cloud.compute.node()
    site.host(node)
    with pytest.raises(Refused, match="Not enough networks"):
        site.lease(nodes(1), network())
    assert site.ask("GET", "/leases")["leases"] == []
    assert site.lease(nodes(1))["status"] == "ACTIVE"


# Blazar's own plugin reads while it writes, for which SQLite has no patience.
@pytest.mark.mariadb
def test_floating_addresses_are_reserved_as_before(site: Site, segment: dict[str, Any]) -> None:
    double = site.cloud.network
    public = double.add("networks", name="public", subnets=[])
    pools = [{"start": "10.0.0.10", "end": "10.0.0.20"}]
    subnet = double.add(
        "subnets",
        network_id=public,
        cidr="10.0.0.0/24",
        gateway_ip="10.0.0.1",
        allocation_pools=pools,
    )
    double.kinds["networks"][public]["subnets"].append(subnet)
    address = {"floating_network_id": public, "floating_ip_address": "10.0.0.100"}
    site.ask("POST", "/floatingips", address)
    wanted = {"resource_type": "virtual:floatingip", "network_id": public, "amount": 1}
    lease = site.lease(wanted, network(), start=DAY)
    shown = {each["resource_type"]: each for each in lease["reservations"]}
    assert shown["virtual:floatingip"]["amount"] == 1
    assert shown["network"]["network_name"] == "net"
