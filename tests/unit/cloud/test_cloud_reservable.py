from __future__ import annotations

from typing import Any

import pytest
from cc_cloud_plan import addresses
from cc_cloud_plan.reservable import reservable
from cc_cloud_plan.steps import Refused

STATE: dict[str, Any] = {
    "networks": [{"id": "ext", "name": "public", "is_router_external": True}],
    "subnets": [
        {
            "network_id": "ext",
            "cidr": "203.0.113.0/24",
            "gateway_ip": "203.0.113.1",
            "allocation_pools": [{"start": "203.0.113.100", "end": "203.0.113.200"}],
        }
    ],
}
SITE = [
    {"name": "public", "cidr": "203.0.113.0/24"},
    {"name": "physnet1", "reservable_vlan_ranges": ["300:302", 310]},
    {"name": "physnet2", "reservable_vlan_ranges": "7"},
]


def test_every_vlan_of_every_physical_network_may_be_lent() -> None:
    result = reservable(SITE, [], STATE)
    assert [(one["physical_network"], one["segment_id"]) for one in result["networks"]] == [
        ("physnet1", 300), ("physnet1", 301), ("physnet1", 302), ("physnet1", 310), ("physnet2", 7),
    ]  # fmt: skip
    assert result["physical_networks"] == ["public", "physnet1", "physnet2"]


def test_floating_addresses_are_single_ones_and_ranges() -> None:
    said = ["203.0.113.210-203.0.113.212", "203.0.113.220", "203.0.113.211"]
    result = reservable(SITE, said, STATE)
    assert result["floating_ips"] == [
        "203.0.113.210", "203.0.113.211", "203.0.113.212", "203.0.113.220",
    ]  # fmt: skip
    assert result["floating_network"] == "ext"
    assert not result["refused"]


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("203.0.113.150", "is in a pool that Neutron gives out itself"),
        ("198.51.100.9", "is in no subnet of the external network"),
        ("203.0.113.1", "is the gateway"),
    ],
)
def test_addresses_that_neutron_has_itself_are_not_lent(address: str, why: str) -> None:
    result = reservable(SITE, [address], STATE)
    assert result["floating_ips"] == []
    assert result["refused"] == [f"blazar_floating_ips: {address} {why}"]


def test_floating_addresses_are_of_the_external_network_of_the_site() -> None:
    other = {"id": "other", "name": "campus", "is_router_external": True}
    several = {**STATE, "networks": [other, *STATE["networks"]]}
    assert reservable(SITE, ["203.0.113.210"], several)["floating_network"] == "ext"
    named = [{"name": "physnet1", "public": {"name": "campus"}}]
    assert reservable(named, [], several)["floating_network"] == "other"
    assert reservable(SITE[1:], [], several)["floating_network"] == ""


def test_an_external_network_that_is_still_to_come_refuses_nothing() -> None:
    empty = {"networks": [], "subnets": []}
    assert reservable(SITE, ["203.0.113.210"], empty)["refused"] == []
    assert reservable(SITE[1:], ["203.0.113.210"], empty)["refused"]


@pytest.mark.parametrize("said", ["300:", "0:5", "5:4", "4000:4095", "many"])
def test_ranges_without_sense_are_refused(said: str) -> None:
    result = reservable([{"name": "a", "reservable_vlan_ranges": [said]}], [], STATE)
    if said == "300:":
        assert [one["segment_id"] for one in result["networks"]] == [300]
    else:
        assert len(result["refused"]) == 1


@pytest.mark.parametrize("said", ["203.0.113.9-203.0.113.8", "10.0.0.0-10.9.0.0", "a-b", "1.2.3"])
def test_lists_of_addresses_without_sense_are_refused(said: str) -> None:
    with pytest.raises(Refused):
        list(addresses.listed([said]))
