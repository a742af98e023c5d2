"""Ids that users write into new reservations count for nothing."""

from __future__ import annotations

import datetime

import pytest
from site_of_blazar import Refused, Site, network, nodes

DAY = datetime.timedelta(days=1)
VLAN = {"network_type": "vlan", "physical_network": "physnet1", "segment_id": 300}


@pytest.mark.parametrize("who", ["p1", "p2"])
def test_a_new_reservation_does_not_get_the_node_of_the_one_whose_id_it_names(
    site: Site, who: str
) -> None:
    site.host(site.cloud.compute.node())
    (first,) = site.lease(nodes(1))["reservations"]
    for ids in ({"id": first["id"]}, {"id": first["id"], "lease_id": first["lease_id"]}):
        with pytest.raises(Refused, match="Not enough hosts"):
            site.lease(nodes(1, **ids), who=who)


@pytest.mark.parametrize("who", ["p1", "p2"])
def test_a_new_reservation_does_not_get_the_segment_of_the_one_whose_id_it_names(
    site: Site, who: str
) -> None:
    site.ask("POST", "/networks", VLAN)
    (first,) = site.lease(network(), start=DAY)["reservations"]
    for ids in ({"id": first["id"]}, {"id": first["id"], "lease_id": first["lease_id"]}):
        with pytest.raises(Refused, match="Not enough networks"):
            site.lease(network(**ids), who=who, start=DAY)


@pytest.mark.parametrize("ids", [{"lease_id": "x"}, {"id": "x"}, {"id": 0, "lease_id": {"a": 1}}])
def test_ids_of_nothing_are_no_trouble(site: Site, ids: dict[str, object]) -> None:
    site.host(site.cloud.compute.node())
    site.ask("POST", "/networks", VLAN)
    assert site.lease(nodes(1, **ids), network(**ids))["status"] == "ACTIVE"


def test_a_project_does_not_borrow_the_name_of_another_one(site: Site) -> None:
    site.host(site.cloud.compute.node(), authorized_projects="p1")
    site.host(site.cloud.compute.node())
    site.ask("POST", "/networks", {**VLAN, "authorized_projects": "p1"})
    (first,) = site.lease(nodes(1), start=DAY)["reservations"]
    ids = {"id": first["id"], "lease_id": first["lease_id"]}
    with pytest.raises(Refused, match="Not enough hosts"):
        site.lease(nodes(2, **ids), who="p2", start=2 * DAY)
    with pytest.raises(Refused, match="Not enough networks"):
        site.lease(network(**ids), who="p2", start=2 * DAY)
