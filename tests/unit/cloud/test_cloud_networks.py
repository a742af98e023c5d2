from __future__ import annotations

import copy
from typing import Any

import pytest
from cc_cloud_plan import networks
from fake_neutron import EMPTY, PROVISIONING, after, leg

PUBLIC = {
    "name": "public",
    "cidr": "203.0.113.0/24",
    "gateway_ip": "203.0.113.1",
    "allocation_pools": [
        {"start": "203.0.113.100", "end": "203.0.113.150"},
        {"start": "203.0.113.160", "end": "203.0.113.200"},
    ],
}
PHYSNET1 = {
    "name": "physnet1",
    "on_demand_vlan_ranges": ["200:250"],
    "sharednet": {"cidr": "10.140.80.0/22", "dns_nameservers": "8.8.8.8, 1.1.1.1"},
}
PHYSNET2 = {"name": "physnet2", "sharednet": {"name": "second", "vlan": 405, "cidr": "10.1.0.0/24"}}
SITE = [PUBLIC, PHYSNET1, PHYSNET2]


def plan(
    entries: Any, state: Any = EMPTY, prune: bool = False, **provisioning: Any
) -> dict[str, Any]:
    return networks.plan(entries, state, {**PROVISIONING, **provisioning}, prune=prune).plain()


def made(result: dict[str, Any], kind: str, name: str) -> dict[str, Any]:
    return next(step["args"] for step in result["todo"][kind]["make"] if step["name"] == name)


@pytest.fixture
def settled() -> dict[str, Any]:
    return after(plan(SITE, vlan=230))


def test_an_empty_cloud_gets_every_network_subnet_and_the_router() -> None:
    result = plan(SITE, vlan=230)
    assert result["labels"] == [
        "network public: new, flat on public",
        "network sharednet1: new, vlan on physnet1",
        "network second: new, vlan on physnet2 VLAN 405",
        "network ironic-provisioning: new, vlan on physnet1 VLAN 230",
        "subnet public-subnet: new, 203.0.113.0/24 in public",
        "subnet sharednet1-subnet: new, 10.140.80.0/22 in sharednet1",
        "subnet second-subnet: new, 10.1.0.0/24 in second",
        "subnet ironic-provisioning-subnet: new, 10.51.0.0/24 in ironic-provisioning",
        "router sharednet-router: new, gateway in public, legs in sharednet1-subnet, second-subnet",
    ]
    assert not result["refused"]


def test_nothing_is_to_be_done_where_all_was_done(settled: dict[str, Any]) -> None:
    assert plan(SITE, settled, vlan=230) == {"todo": {}, "labels": [], "refused": [], "notes": []}


def test_the_public_network_gets_all_of_its_pools_and_no_dhcp() -> None:
    subnet = made(plan([PUBLIC]), "subnet", "public-subnet")
    assert subnet["allocation_pools"] == PUBLIC["allocation_pools"]
    assert subnet["is_dhcp_enabled"] is False
    network = made(plan([PUBLIC]), "network", "public")
    assert network["is_router_external"] is True
    assert network["is_shared"] is False


def test_a_public_network_without_gateway_and_pools_has_its_router_at_the_end() -> None:
    subnet = made(plan([{"name": "public", "cidr": "203.0.113.0/24"}]), "subnet", "public-subnet")
    assert subnet["gateway_ip"] == "203.0.113.254"
    assert subnet["allocation_pools"] == [{"start": "203.0.113.2", "end": "203.0.113.253"}]


def test_pools_that_are_not_given_leave_the_gateway_out() -> None:
    said = {"name": "public", "cidr": "203.0.113.0/24", "gateway_ip": "203.0.113.50"}
    assert made(plan([said]), "subnet", "public-subnet")["allocation_pools"] == [
        {"start": "203.0.113.2", "end": "203.0.113.49"},
        {"start": "203.0.113.51", "end": "203.0.113.253"},
    ]


def test_a_nested_public_network_is_on_the_physical_network_of_its_entry() -> None:
    entry = {
        "name": "physnet1",
        "public": {
            "segment_type": "vlan", "vlan": 99, "cidr": "203.0.113.0/24", "gateway": "203.0.113.1",
            "ip_range_start": "203.0.113.10", "ip_range_end": "203.0.113.20",
        },
    }  # fmt: skip
    network = made(plan([entry]), "network", "public")
    assert network["provider_physical_network"] == "physnet1"
    assert network["provider_network_type"] == "vlan"
    assert network["provider_segmentation_id"] == 99
    subnet = made(plan([entry]), "subnet", "public-subnet")
    assert subnet["gateway_ip"] == "203.0.113.1"
    assert subnet["allocation_pools"] == [{"start": "203.0.113.10", "end": "203.0.113.20"}]


def test_each_shared_network_has_its_own_vlan() -> None:
    site = [
        {"name": name, "sharednet": {"name": f"s{vlan}", "vlan": vlan, "cidr": f"10.{vlan}.0.0/24"}}
        for name, vlan in (("a", 11), ("b", 22), ("c", 33))
    ]
    found = {
        name: made(plan(site), "network", f"s{vlan}")["provider_segmentation_id"]
        for name, vlan in (("a", 11), ("b", 22), ("c", 33))
    }
    assert found == {"a": 11, "b": 22, "c": 33}


def test_a_shared_network_without_vlan_keeps_the_one_neutron_chose(settled: dict[str, Any]) -> None:
    network = made(plan([PHYSNET1]), "network", "sharednet1")
    assert "provider_segmentation_id" not in network
    next(one for one in settled["networks"] if one["name"] == "sharednet1")[
        "provider_segmentation_id"
    ] = 217
    assert not plan(SITE, settled, vlan=230)["labels"]


def test_a_shared_network_without_any_vlan_to_have_is_refused() -> None:
    result = plan([{"name": "physnet9", "sharednet": {"cidr": "10.0.0.0/24"}}])
    assert result["refused"] == [
        "shared network sharednet1 needs `vlan`, as physnet9 has none on demand"
    ]
    assert not result["labels"]


def test_the_one_vlan_that_neutron_must_know_is_given_to_nobody() -> None:
    """Where all VLANs are lent by reservation and the site has no network of its own."""
    lent = {"name": "lent", "reservable_vlan_ranges": "300:4094"}
    assert made(plan([lent], vlan=230), "network", "lent-spare") == {
        "description": "[cc-ansible]",
        "is_admin_state_up": True,
        "is_router_external": False,
        "is_shared": False,
        "provider_network_type": "vlan",
        "provider_physical_network": "lent",
        "provider_segmentation_id": 299,
    }
    for more in (
        {"sharednet": {"vlan": 20, "cidr": "10.2.0.0/24"}},
        {"on_demand_vlan_ranges": 210},
    ):
        labels = plan([{**lent, **more}], vlan=230)["labels"]
        assert not [label for label in labels if "spare" in label]


def test_a_disabled_shared_network_has_no_subnet_and_no_leg() -> None:
    entry = {**PHYSNET1, "sharednet": {"cidr": "10.9.0.0/24", "enabled": "no"}}
    result = plan([PUBLIC, entry])
    assert "network sharednet1: new, vlan on physnet1" in result["labels"]
    assert "router" not in result["todo"]


def test_only_the_first_shared_network_may_lack_addresses() -> None:
    bare = {"name": "a", "sharednet": {"vlan": 5}}
    assert made(plan([bare]), "subnet", "sharednet1-subnet")["cidr"] == "10.0.0.0/24"
    second = {"name": "b", "sharednet": {"name": "other", "vlan": 6}}
    assert plan([bare, second])["refused"] == ["shared network other needs `cidr`"]


def test_further_subnets_of_ipv6_are_announced_by_their_router() -> None:
    entry = {
        **PHYSNET1,
        "sharednet": {"cidr": "10.0.0.0/24", "subnets": [{"cidr": "2001:DB8::/64"}]},
    }
    result = plan([{**PUBLIC, "subnets": [{"cidr": "2001:db8:1::/64"}]}, entry])
    shared = made(result, "subnet", "sharednet1-subnet-v6")
    assert shared["cidr"] == "2001:db8::/64"
    assert shared["ip_version"] == 6
    assert shared["ipv6_ra_mode"] == shared["ipv6_address_mode"] == "slaac"
    public = made(result, "subnet", "public-subnet-v6")
    assert public["gateway_ip"] == "2001:db8:1:0:ffff:ffff:ffff:ffff"
    assert "ipv6_ra_mode" not in public
    assert made(result, "router", "sharednet-router")["interfaces"] == [
        "sharednet1-subnet", "sharednet1-subnet-v6",
    ]  # fmt: skip


def test_the_provisioning_network_may_be_flat_and_on_any_physical_network() -> None:
    result = plan([], type="flat", physical_network="deploy", gateway="10.51.0.9")
    network = made(result, "network", "ironic-provisioning")
    assert network["provider_physical_network"] == "deploy"
    assert "provider_segmentation_id" not in network
    assert made(result, "subnet", "ironic-provisioning-subnet")["gateway_ip"] == "10.51.0.9"


def test_without_a_vlan_there_is_no_provisioning_network() -> None:
    assert not plan([])["labels"]


def test_machines_may_be_deployed_in_a_shared_network() -> None:
    assert plan([PHYSNET1], name="sharednet1", vlan=230)["labels"] == [
        "network sharednet1: new, vlan on physnet1",
        "subnet sharednet1-subnet: new, 10.140.80.0/22 in sharednet1",
    ]


@pytest.mark.parametrize(
    ("kind", "name", "attribute", "value", "label"),
    [
        ("networks", "public", "is_shared", True, "network public: is_shared true -> false"),
        ("networks", "second", "provider_segmentation_id", 7,
         "network second: provider_segmentation_id 7 -> 405"),
        ("networks", "public", "is_admin_state_up", False,
         "network public: is_admin_state_up false -> true"),
        ("networks", "public", "description", "by hand",
         "network public: description by hand -> by hand [cc-ansible: adopted]"),
        ("subnets", "public-subnet", "gateway_ip", None,
         "subnet public-subnet: gateway_ip none -> 203.0.113.1"),
        ("subnets", "sharednet1-subnet", "dns_nameservers", ["9.9.9.9"],
         "subnet sharednet1-subnet: dns_nameservers 9.9.9.9 -> 8.8.8.8 1.1.1.1"),
        ("subnets", "public-subnet", "is_dhcp_enabled", True,
         "subnet public-subnet: is_dhcp_enabled true -> false"),
        ("routers", "sharednet-router", "is_admin_state_up", False,
         "router sharednet-router: is_admin_state_up false -> true"),
    ],
)  # fmt: skip
def test_what_somebody_changed_by_hand_is_told_and_repaired(
    settled: dict[str, Any], kind: str, name: str, attribute: str, value: Any, label: str
) -> None:
    one = next(one for one in settled[kind] if one["name"] == name)
    was, one[attribute] = one[attribute], value
    result = plan(SITE, settled, vlan=230)
    assert result["labels"] == [label]
    (step,) = result["todo"][kind[:-1]]["change"]
    assert step["args"]["id"] == one["id"]
    assert step["args"][attribute] == was or attribute == "description"
    assert len(step["args"]) == 2


def test_a_changed_mtu_is_repaired_only_where_the_site_says_one(settled: dict[str, Any]) -> None:
    settled["networks"][0]["mtu"] = 1442
    assert not plan(SITE, settled, vlan=230)["labels"]
    assert plan([{**PUBLIC, "mtu": 9000}, PHYSNET1, PHYSNET2], settled, vlan=230)["labels"] == [
        "network public: mtu 1442 -> 9000"
    ]


def test_pools_in_another_order_are_the_same_pools(settled: dict[str, Any]) -> None:
    subnet = next(one for one in settled["subnets"] if one["name"] == "public-subnet")
    subnet["allocation_pools"] = subnet["allocation_pools"][::-1]
    assert not plan(SITE, settled, vlan=230)["labels"]


def test_what_neutron_never_changes_is_refused(settled: dict[str, Any]) -> None:
    moved = [PUBLIC, PHYSNET1, {**PHYSNET2, "name": "physnet3"}]
    assert plan(moved, settled, vlan=230)["refused"] == [
        "network second: provider_physical_network physnet2 -> physnet3 needs a new network"
    ]
    wider = {**PHYSNET1, "sharednet": {**PHYSNET1["sharednet"], "cidr": "10.140.0.0/16"}}  # type: ignore[dict-item]
    assert plan([PUBLIC, wider, PHYSNET2], settled, vlan=230)["refused"] == [
        "subnet sharednet1-subnet: cidr 10.140.80.0/22 -> 10.140.0.0/16 needs a new subnet"
    ]


def test_a_subnet_of_another_name_is_taken_over_by_its_addresses(settled: dict[str, Any]) -> None:
    next(one for one in settled["subnets"] if one["name"] == "public-subnet")["name"] = "old"
    assert not plan(SITE, settled, vlan=230)["labels"]


def with_subnets(*cidrs: str, **names: str) -> list[dict[str, Any]]:
    said = [{"cidr": cidr, **({"name": names[cidr]} if cidr in names else {})} for cidr in cidrs]
    return [{**PUBLIC, "subnets": said}]


def test_a_subnet_in_the_middle_of_a_list_may_go_and_others_may_change_places() -> None:
    every = ("198.51.100.0/26", "198.51.100.64/26", "198.51.100.128/26")
    state = after(plan(with_subnets(*every)))
    ids = {one["cidr"]: one["id"] for one in state["subnets"]}
    assert plan(with_subnets(*every[::-1]), state)["labels"] == []
    fewer = plan(with_subnets(every[0], every[2]), state, prune=True)
    assert not fewer["refused"]
    (gone,) = fewer["todo"]["subnet"]["remove"]
    assert gone["args"] == {"id": ids[every[1]]}
    assert "change" not in fewer["todo"]["subnet"]


def test_a_new_subnet_before_others_gets_a_name_that_none_of_them_has() -> None:
    state = after(plan(with_subnets("198.51.100.0/26")))
    more = with_subnets("198.51.100.64/26", "198.51.100.0/26")
    result = plan(more, state)
    assert result["labels"] == ["subnet public-subnet2-2: new, 198.51.100.64/26 in public"]
    new = after({"todo": {"subnet": result["todo"]["subnet"]}})["subnets"]
    state["subnets"] += new
    assert plan(more, state)["labels"] == []


def test_several_networks_of_one_name_are_refused(settled: dict[str, Any]) -> None:
    settled["networks"].append({**settled["networks"][0], "id": "another"})
    assert plan(SITE, settled, vlan=230)["refused"] == [
        "network public: there are several; remove or rename all but one"
    ]


def test_a_leg_that_was_removed_comes_back_and_one_made_by_hand_stays(
    settled: dict[str, Any],
) -> None:
    settled["router_interfaces"] = [leg("r", "id-of-second-subnet"), leg("r", "by-hand")]
    (step,) = plan(SITE, settled, vlan=230)["todo"]["leg"]["change"]
    assert step["label"] == (
        "leg sharednet-router: legs by-hand second-subnet"
        " -> by-hand second-subnet sharednet1-subnet"
    )
    assert step["args"]["interfaces"] == [
        "by-hand",
        "id-of-second-subnet",
        "id-of-sharednet1-subnet",
    ]


def test_a_lost_gateway_comes_back(settled: dict[str, Any]) -> None:
    settled["routers"][0]["external_gateway_info"] = None
    (step,) = plan(SITE, settled, vlan=230)["todo"]["router"]["change"]
    assert step["label"] == "router sharednet-router: gateway none -> public"
    assert step["args"] == {"id": "r", "external_gateway_info": {"network_id": "id-of-public"}}


def test_what_is_named_no_longer_is_only_told_of(settled: dict[str, Any]) -> None:
    result = plan([PUBLIC, PHYSNET1], settled, vlan=230)
    assert result["labels"] == []
    assert result["notes"] == [
        "subnet second-subnet: the site names it no longer; --prune removes it",
        "network second: the site names it no longer; --prune removes it",
    ]


def test_pruning_takes_the_leg_the_subnet_and_the_network_in_this_order(
    settled: dict[str, Any],
) -> None:
    result = plan([PUBLIC, PHYSNET1], settled, prune=True, vlan=230)
    assert result["labels"] == [
        "leg sharednet-router: legs second-subnet sharednet1-subnet -> sharednet1-subnet",
        "subnet second-subnet: removed, the site names it no longer",
        "network second: removed, the site names it no longer",
    ]


def test_pruning_never_takes_what_is_not_ours(settled: dict[str, Any]) -> None:
    for kind in ("networks", "subnets", "routers"):
        for one in settled[kind]:
            one["description"] = "by hand"
    assert plan([], settled, prune=True)["labels"] == []


def test_pruning_leaves_what_was_there_before_the_site_named_it(settled: dict[str, Any]) -> None:
    for kind in ("networks", "subnets"):
        one = next(one for one in settled[kind] if one["name"].startswith("second"))
        one["description"] = "by hand"
        (step,) = plan(SITE, settled, vlan=230)["todo"][kind[:-1]]["change"]
        one |= step["args"]
    assert plan(SITE, settled, vlan=230)["labels"] == []
    result = plan([PUBLIC, PHYSNET1], settled, prune=True, vlan=230)
    assert (result["labels"], result["notes"]) == ([], [])


def test_a_site_without_any_shared_network_loses_its_router_by_pruning(
    settled: dict[str, Any],
) -> None:
    labels = plan([PUBLIC], settled, prune=True)["labels"]
    assert labels[0] == "router sharednet-router: removed, the site names it no longer"
    assert not [label for label in labels if "public" in label]


def test_the_site_itself_is_not_changed(settled: dict[str, Any]) -> None:
    site, state = copy.deepcopy(SITE), copy.deepcopy(settled)
    plan(SITE, settled, prune=True)
    assert (site, state) == (SITE, settled)
