"""Module cc_cloud_state as Ansible runs it, with servers in place of Neutron and Nova."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from against_fake import play, run
from fake_cloud import DOMAIN, running

MODULE = "cc_cloud_state"


def port(id_: str, owner: str, network: str = "n", device: str = "r") -> dict[str, Any]:
    return {
        "id": id_, "device_owner": owner, "device_id": device, "network_id": network,
        "fixed_ips": [{"subnet_id": f"s-{id_}", "ip_address": "192.0.2.1"}],
    }  # fmt: skip


def test_only_legs_of_routers_are_read_whether_they_are_highly_available_or_not(
    tmp_path: Path,
) -> None:
    with running("routers", "ports") as cloud:
        cloud.kept["routers"] = [{"id": "r", "name": "sharednet-router", "project_id": "p"}]
        cloud.kept["ports"] = [
            port("leg", "network:router_interface"),
            port("dvr", "network:router_interface_distributed"),
            port("ha-leg", "network:ha_router_replicated_interface"),
            port("ha", "network:router_ha_interface"),
            port("gateway", "network:router_gateway"),
            port("snat", "network:router_centralized_snat"),
        ]
        state = run(MODULE, cloud, tmp_path, kinds=["router_interfaces"])["state"]
    assert [one["id"] for one in state["router_interfaces"]] == ["leg", "dvr", "ha-leg"]
    assert state["user_id"] == "u"


def test_ports_are_read_of_the_networks_that_are_asked_for(tmp_path: Path) -> None:
    with running("ports") as cloud:
        cloud.kept["ports"] = [
            port("1", "compute:nova", device="i"),
            port("2", "compute:nova", network="other"),
        ]
        state = run(MODULE, cloud, tmp_path, kinds=["ports"], port_networks=["n"])["state"]
    assert state["ports"] == [port("1", "compute:nova", device="i")]


def test_who_may_use_a_flavor_that_is_not_public_is_read(tmp_path: Path) -> None:
    every = [
        {"id": id_, "name": id_, "os-flavor-access:is_public": public, "extra_specs": {"a": "b"}}
        for id_, public in (("open", True), ("closed", False))
    ]
    access = [{"flavor_id": "closed", "tenant_id": project} for project in ("p1", "p2")]
    with running() as cloud:
        cloud.answers = {
            "/compute/v2.1/flavors/detail": {"flavors": every},
            "/compute/v2.1/flavors/closed/os-flavor-access": {"flavor_access": access},
        }
        flavors = run(MODULE, cloud, tmp_path, kinds=["flavors"])["state"]["flavors"]
    assert {one["id"]: one.get("access") for one in flavors} == {
        "open": None,
        "closed": ["p1", "p2"],
    }


def test_the_role_says_how_to_get_the_domain_before_it_stops_at_its_lack(tmp_path: Path) -> None:
    kinds = (
        "domains", "projects", "users", "groups", "roles", "role_assignments", "identity_providers",
    )  # fmt: skip
    values: dict[str, Any] = {
        "cloud_identity_enabled": True, "cloud_identity_federated": True,
        "cloud_identity_provider": "chameleon", "cloud_identity_prune": False,
        "cloud_identity_groups": [{"name": "staff", "domain": "chameleon"}],
        "cloud_identity_federated_groups": [],
    }  # fmt: skip
    with running(*kinds) as cloud:
        cloud.kept["domains"] = [DOMAIN]
        said = play(cloud, tmp_path, "cloud_identity", "main.yml", **values)
    assert "group staff: there is no domain chameleon" in said
    assert "cc-ansible reconfigure --tags keystone" in said


def test_the_role_for_networks_looks_who_uses_what_may_go(tmp_path: Path) -> None:
    ours = {"project_id": "p", "description": "[cc-ansible]"}
    values = {
        "cloud_networks_enabled": True, "cloud_networks_reservable_enabled": False,
        "cloud_networks_prune": True, "cloud_networks_physical": [],
    }  # fmt: skip
    with running("networks", "subnets", "routers", "ports") as cloud:
        cloud.kept["networks"] = [{"id": id_, "name": f"net-{id_}", **ours} for id_ in ("a", "b")]
        cloud.kept["ports"] = [port("1", "compute:nova", "a", "i")]
        said = play(cloud, tmp_path, "cloud_networks", "main.yml", **values)
    assert "network net-a: the site names it no longer, but it is still used and stays" in said
    assert "network net-b: removed, the site names it no longer" in said
    assert cloud.writes == ["DELETE /network/v2.0/networks/b"]
