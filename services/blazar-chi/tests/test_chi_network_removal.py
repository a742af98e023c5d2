"""What is in the way of a network goes with it; what is interrupted is done again."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from blazar_chi.networks import neutron, records
from site_of_blazar import Refused, Site, network

DAY = datetime.timedelta(days=1)
ELSEWHERE = {"destination": "192.0.2.0/24", "nexthop": "172.16.0.1"}
VLAN = {"network_type": "vlan", "physical_network": "physnet1", "segment_id": 300}


@pytest.fixture
def lease(site: Site) -> dict[str, Any]:
    site.ask("POST", "/networks", VLAN)
    return site.lease(network())


@pytest.fixture
def crowded(site: Site, lease: dict[str, Any]) -> str:
    """A network with a subnet, a router, ports of a deleted server and of DHCP, and a spare one."""
    double = site.cloud.network
    key: str = lease["reservations"][0]["network_id"]
    subnet = double.add("subnets", network_id=key, cidr="10.0.0.0/24")
    inside = {"destination": "198.51.100.0/24", "nexthop": "10.0.0.7"}
    router = double.add("routers", routes=[inside, ELSEWHERE])
    double.interface(key, subnet, router)
    fixed = [{"subnet_id": subnet, "ip_address": "10.0.0.9"}]
    for owner, device in (("compute:nova", "gone"), ("network:dhcp", "dhcp"), ("", "")):
        values = {"device_owner": owner, "device_id": device, "fixed_ips": fixed}
        double.add("ports", network_id=key, **values)
    return key


def _left(site: Site) -> dict[str, int]:
    kinds = site.cloud.network.kinds
    return {kind: len(kinds[kind]) for kind in ("networks", "subnets", "ports")}


NOTHING = {"networks": 0, "subnets": 0, "ports": 0}


def test_ports_routers_and_subnets_are_no_obstacle(
    site: Site, lease: dict[str, Any], crowded: str
) -> None:
    site.advance(hours=1)
    assert site.show(lease)["status"] == "TERMINATED"
    assert _left(site) == NOTHING
    (router,) = site.cloud.network.kinds["routers"].values()
    assert router["routes"] == [ELSEWHERE]


@pytest.mark.parametrize("writes", range(6))
def test_a_removal_that_was_interrupted_anywhere_is_completed(
    site: Site, lease: dict[str, Any], crowded: str, writes: int
) -> None:
    site.cloud.network.deaf_after = writes
    site.advance(hours=1)
    assert site.show(lease)["status"] == "ERROR"
    with pytest.raises(Refused, match="Not enough networks"):
        site.lease(network(), who="p2")
    site.cloud.network.deaf_after = None
    site.ask("DELETE", f"/leases/{lease['id']}", who="p1")
    assert _left(site) == NOTHING
    assert site.lease(network(), who="p2")["status"] == "ACTIVE"


def test_the_port_of_a_server_that_lives_stays(
    site: Site, lease: dict[str, Any], crowded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neutron, "PATIENCE", 0.1)
    monkeypatch.setattr(neutron, "POLL", 0.01)
    server = site.cloud.compute.server("elsewhere")
    values = {"device_owner": "compute:nova", "device_id": server}
    port = site.cloud.network.add("ports", network_id=crowded, **values)
    before = _left(site)
    site.advance(hours=1)
    assert site.show(lease)["status"] == "ERROR"
    assert _left(site) == before
    assert port in site.cloud.network.kinds["ports"]
    site.cloud.compute.servers.clear()
    site.ask("DELETE", f"/leases/{lease['id']}", who="p1")
    assert _left(site) == NOTHING


def test_a_network_that_its_user_deleted_is_no_problem(site: Site, lease: dict[str, Any]) -> None:
    site.cloud.network.kinds["networks"].clear()
    site.advance(hours=1)
    assert site.show(lease)["status"] == "TERMINATED"


def _forget_the_id(site: Site, lease: dict[str, Any]) -> Any:
    """As when the manager was killed after Neutron made the network."""
    plugin = site.manager.plugins["network"]
    key = site.resource_id(lease)
    records.note(key, network_id=None)
    return lambda act: site.in_the_manager(getattr(plugin, act), key)


def test_a_start_that_was_interrupted_finds_its_network(site: Site, lease: dict[str, Any]) -> None:
    again = _forget_the_id(site, lease)
    again("on_start")
    again("on_start")
    (made,) = site.cloud.network.kinds["networks"]
    assert site.show(lease)["reservations"][0]["network_id"] == made


def test_the_network_of_a_start_that_was_interrupted_is_removed(
    site: Site, lease: dict[str, Any]
) -> None:
    again = _forget_the_id(site, lease)
    again("on_end")
    again("on_end")
    assert _left(site) == NOTHING


def test_deleting_a_lease_of_later_leaves_the_network_of_now(
    site: Site, lease: dict[str, Any]
) -> None:
    later = site.lease(network(), start=DAY)
    site.ask("DELETE", f"/leases/{later['id']}", who="p1")
    assert len(site.cloud.network.kinds["networks"]) == 1


def test_a_segment_that_somebody_uses_fails_the_lease_and_nothing_else(site: Site) -> None:
    site.ask("POST", "/networks", VLAN)
    foreign = {f"provider:{key}": value for key, value in VLAN.items() if key != "segment_id"}
    values = {**foreign, "provider:segmentation_id": 300, "name": "net", "project_id": "p1"}
    theirs = site.cloud.network.add("networks", **values)
    lease = site.lease(network("net"))
    assert lease["status"] == "ERROR"
    site.ask("DELETE", f"/leases/{lease['id']}", who="p1")
    assert set(site.cloud.network.kinds["networks"]) == {theirs}
