"""Hosts that only some projects may reserve."""

from __future__ import annotations

import datetime

import pytest
from site_of_blazar import Refused, Site, network, nodes

DAY = datetime.timedelta(days=1)
NOBODY = ""


def _node(site: Site, authorized: str | None) -> str:
    name = site.cloud.compute.node()
    restriction = {} if authorized is None else {"authorized_projects": authorized}
    site.host(name, **restriction, restricted_reason="on loan")
    return name


@pytest.mark.parametrize("authorized", [None, "all", "p1", "p0,p1", " p1 , p2 ", "p9,all"])
def test_who_may_have_a_node_gets_it(site: Site, authorized: str | None) -> None:
    name = _node(site, authorized)
    assert site.standing(site.lease(nodes(1)))["nodes"] == [name]


@pytest.mark.parametrize("authorized", [NOBODY, "p2", "p11", "p0,p2", ","])
def test_who_may_not_have_a_node_does_not(site: Site, authorized: str) -> None:
    _node(site, authorized)
    with pytest.raises(Refused, match="Not enough hosts available"):
        site.lease(nodes(1))


def test_a_reservation_is_filled_with_what_its_project_may_have(site: Site) -> None:
    mine = {_node(site, "p1"), _node(site, None)}
    _node(site, "p2")
    assert set(site.standing(site.lease(nodes(1, max=3)))["nodes"]) == mine


def test_more_nodes_come_from_what_the_project_may_have(site: Site) -> None:
    for authorized in ("p1", "p2"):
        _node(site, authorized)
    lease = site.lease(nodes(1), start=DAY)
    change = {"id": lease["reservations"][0]["id"], "min": 2, "max": 2}
    with pytest.raises(Refused, match="Not enough hosts"):
        site.ask("PUT", f"/leases/{lease['id']}", {"reservations": [change]}, "p1")


def test_a_lease_moves_only_to_a_node_that_its_project_may_have(site: Site) -> None:
    mine, other = _node(site, "p1,p3"), _node(site, "p3")
    lease = site.lease(nodes(1), start=DAY)
    assert site.standing(lease)["nodes"] == [mine]
    site.lease(nodes(1, ["==", "$hypervisor_hostname", mine]), who="p3", start=2 * DAY)
    start = datetime.datetime.fromisoformat(lease["start_date"])
    with pytest.raises(Refused, match="Not enough hosts"):
        site.prolong(lease, start + 3 * DAY)
    _node(site, "p1")
    site.prolong(lease, start + 3 * DAY)
    assert site.standing(lease)["nodes"] not in ([mine], [other])


def test_a_lease_is_not_prolonged_on_a_node_that_its_project_may_no_longer_have(
    site: Site,
) -> None:
    _node(site, "p1")
    lease = site.lease(nodes(1))
    host = site.ask("GET", "/os-hosts")["hosts"][0]
    site.ask("PUT", f"/os-hosts/{host['id']}", {"authorized_projects": "p2"})
    end = datetime.datetime.fromisoformat(lease["end_date"])
    with pytest.raises(Refused, match="Not enough hosts"):
        site.prolong(lease, end + DAY)
    assert site.show(lease)["status"] == "ACTIVE"
    site.prolong(lease, end - datetime.timedelta(minutes=10))


def test_a_failed_node_is_replaced_by_what_the_project_may_have(site: Site) -> None:
    failed, other = _node(site, "p1"), _node(site, "p2")
    lease = site.lease(nodes(1), start=DAY / 48)
    plugin = site.manager.plugins["physical:host"]
    hosts = {host["hypervisor_hostname"]: host for host in plugin.list_computehosts()}
    flags = site.in_the_manager(plugin.monitor._handle_failures, [hosts[failed]])
    assert site.standing(lease)["nodes"] == []
    assert site.lease(nodes(1), who="p2")["status"] == "ACTIVE", other
    assert flags == {lease["reservations"][0]["id"]: {"missing_resources": True}}


def test_the_reason_restricts_nothing(site: Site) -> None:
    _node(site, None)
    assert site.lease(nodes(1, ["==", "$restricted_reason", "on loan"]))["status"] == "ACTIVE"


def test_maintenance_is_for_restricted_nodes_too(site: Site) -> None:
    names = {_node(site, authorized) for authorized in ("p1", NOBODY, None)}
    lease = site.lease(nodes(3), who="service")
    assert set(site.standing(lease)["nodes"]) == names
    end = datetime.datetime.fromisoformat(lease["end_date"])
    site.prolong(lease, end + DAY, who="service")


def test_maintenance_is_for_restricted_segments_too(site: Site) -> None:
    vlan = {"network_type": "vlan", "physical_network": "physnet1", "segment_id": 300}
    site.ask("POST", "/networks", {**vlan, "authorized_projects": "p1"})
    assert site.lease(network(), who="service")["status"] == "ACTIVE"
