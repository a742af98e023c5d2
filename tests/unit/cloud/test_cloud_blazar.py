"""Module cc_blazar_resources as Ansible runs it, with servers in place of Keystone and Blazar."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from against_fake import play
from against_fake import run as run_module
from fake_cloud import Cloud, running

SEGMENTS = [
    {"network_type": "vlan", "physical_network": "physnet1", "segment_id": vlan}
    for vlan in (300, 301)
]
WANTED = {
    "networks": SEGMENTS,
    "physical_networks": ["physnet1"],
    "floating_ips": ["203.0.113.210"],
    "floating_network": "ext",
}


def run(cloud: Cloud, home: Path, check: bool = False, **wanted: Any) -> dict[str, Any]:
    return run_module("cc_blazar_resources", cloud, home, check, **wanted)


def test_what_blazar_lacks_is_registered_once(tmp_path: Path) -> None:
    with running("networks", "floatingips") as cloud:
        first = run(cloud, tmp_path, **WANTED)
        assert first["told"] == [
            "VLAN physnet1:300 physnet1:301: lent",
            "floating address 203.0.113.210: lent",
        ]
        assert first["changed"]
        assert first["diff"]["after"].splitlines()[0] == "VLAN physnet1:300"
        second = run(cloud, tmp_path, **WANTED)
        assert (second["changed"], second["told"]) == (False, [])
        assert cloud.writes == ["POST /v1/networks", "POST /v1/networks", "POST /v1/floatingips"]
        assert [one["segment_id"] for one in cloud.kept["networks"]] == [300, 301]


def test_check_mode_writes_nothing(tmp_path: Path) -> None:
    with running("networks", "floatingips") as cloud:
        result = run(cloud, tmp_path, check=True, **WANTED)
        assert result["changed"]
        assert len(result["told"]) == 2
        assert cloud.writes == []


def test_what_is_not_wanted_goes_only_by_pruning(tmp_path: Path) -> None:
    with running("networks", "floatingips") as cloud:
        run(cloud, tmp_path, **WANTED)
        fewer = {**WANTED, "networks": SEGMENTS[:1], "floating_ips": []}
        kept = run(cloud, tmp_path, **fewer)
        assert not kept["changed"]
        assert kept["told"][0] == (
            "VLAN physnet1:301: the site does not lend it; --prune removes it"
        )
        assert run(cloud, tmp_path, **fewer, prune=True)["changed"]
        assert [one["segment_id"] for one in cloud.kept["networks"]] == [300]
        assert cloud.kept["floatingips"] == []


def test_pruning_leaves_other_physical_networks_alone(tmp_path: Path) -> None:
    with running("networks", "floatingips") as cloud:
        other = {"id": "x", "network_type": "vlan", "physical_network": "theirs", "segment_id": 9}
        cloud.kept["networks"].append(other)
        run(cloud, tmp_path, **WANTED, prune=True)
        assert other in cloud.kept["networks"]


def test_what_is_reserved_stays_and_is_told_of(tmp_path: Path) -> None:
    with running("networks", "floatingips") as cloud:
        run(cloud, tmp_path, **WANTED)
        cloud.refuses = "it is reserved"
        result = run(cloud, tmp_path, **{**WANTED, "networks": SEGMENTS[:1]}, prune=True)
        assert not result["changed"]
        assert result["told"] == ["VLAN physnet1:301: is reserved; it stays until it is not"]


def test_a_blazar_that_lends_no_networks_is_told_of_none(tmp_path: Path) -> None:
    with running("floatingips") as cloud:
        result = run(cloud, tmp_path, **WANTED)
        assert result["told"][0] == "VLANs: this Blazar lends none; 2 left out"
        assert cloud.writes == ["POST /v1/floatingips"]


def test_a_site_without_blazar_is_no_failure(tmp_path: Path) -> None:
    with running(registered=False) as cloud:
        result = run(cloud, tmp_path, **WANTED)
        assert not result["changed"]
        assert "not in the catalogue" in result["told"][0]


def test_a_blazar_that_is_only_starting_is_waited_for(tmp_path: Path) -> None:
    with running("networks", "floatingips") as cloud:
        cloud.starting = 2
        assert run(cloud, tmp_path, **WANTED)["changed"]
        cloud.starting = 1000
        result = run(cloud, tmp_path, **WANTED, patience=1)
        assert result["failed"]
        assert "Blazar did not list VLANs: HTTP 503" in result["msg"]


def test_what_blazar_refuses_is_said_in_its_words(tmp_path: Path) -> None:
    with running("networks", "floatingips") as cloud:
        cloud.refuses = "no such physical network"
        result = run(cloud, tmp_path, **WANTED)
        assert result["failed"]
        assert "physnet1:300" in result["msg"]
        assert "no such physical network" in result["msg"]


def test_the_role_says_what_stays_though_it_was_to_go(tmp_path: Path) -> None:
    values: dict[str, Any] = {
        "cloud_networks_physical": [{"name": "physnet1", "reservable_vlan_ranges": ["300"]}],
        "cloud_networks_floating_ips": [],
        "cloud_networks_read": {"state": {"networks": [], "subnets": []}},
        "cloud_networks_prune": True,
    }
    with running("networks", "floatingips") as cloud:
        cloud.kept["networks"] = [{**one, "id": str(one["segment_id"])} for one in SEGMENTS]
        cloud.refuses = "it is reserved"
        said = play(cloud, tmp_path, "cloud_networks", "reservable.yml", **values)
    assert said.count("VLAN physnet1:301: lent no longer") == 1
    assert "VLAN physnet1:301: is reserved; it stays until it is not" in said
