"""Projects get the VLANs that a site gives them, and no others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import rendering
import yaml


def ranges(tmp_path: Path, networks: list[dict[str, Any]], settings: str = "") -> list[str]:
    """``network_vlan_ranges`` as Neutron's server reads it."""
    said = yaml.safe_dump({"neutron_networks": networks}) + settings
    with rendering.of_site(tmp_path / "site", "neutron", said) as rendered:
        config = rendered.ini("neutron/ml2_conf.ini")
    return [each for each in config["ml2_type_vlan"]["network_vlan_ranges"].split(",") if each]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (["200:249", "260:270"], ["p:200:249", "p:260:270"]),
        ("200:250", ["p:200:250"]),
        ("200:249,260", ["p:200:249", "p:260:260"]),
        (210, ["p:210:210"]),
        ([210], ["p:210:210"]),
        (["210", 212, "211"], ["p:210:212"]),
    ],
)
def test_every_form_of_vlans_on_demand_is_what_neutron_reads(said, meant, tmp_path):
    assert ranges(tmp_path, [{"name": "p", "on_demand_vlan_ranges": said}]) == meant


def test_the_external_network_has_no_vlans_by_itself(tmp_path):
    public = {"name": "public", "cidr": "203.0.113.0/24"}
    users = {"name": "physnet1", "on_demand_vlan_ranges": "200:249"}
    assert ranges(tmp_path, [public, users]) == ["physnet1:200:249"]


def test_a_site_of_flat_networks_gives_nobody_a_vlan(tmp_path):
    assert ranges(tmp_path, [{"name": "public"}, {"name": "x", "network_type": "flat"}]) == []


def test_a_network_without_vlans_on_demand_is_asked_last_and_has_one_that_is_taken(tmp_path):
    networks = [
        {"name": "storage", "sharednet": {"vlan": 150}},
        {"name": "machines", "reservable_vlan_ranges": "300:349"},
        {"name": "edge", "public": {"vlan": 20}},
        {"name": "physnet1", "on_demand_vlan_ranges": "200:249"},
    ]
    provisioning = (
        "ironic_provisioning_network_vlan: 401\nironic_provisioning_physical_network: machines\n"
    )
    assert ranges(tmp_path, networks, provisioning) == [
        "physnet1:200:249", "storage:150:150", "machines:401:401", "edge:20:20",
    ]  # fmt: skip


def test_the_provisioning_vlan_counts_on_its_own_network_only(tmp_path):
    networks = [{"name": "physnet1", "on_demand_vlan_ranges": 200}, {"name": "spare"}]
    found = ranges(tmp_path, networks, "ironic_provisioning_network_vlan: 401\n")
    assert found == ["physnet1:200:200", "spare:4094:4094"]


def test_a_vlan_that_is_lent_is_never_given_to_projects(tmp_path):
    networks = [{"name": "lent", "reservable_vlan_ranges": ["300:349", "4000:4094"]}]
    assert ranges(tmp_path, networks) == ["lent:3999:3999"]


@pytest.mark.parametrize("ironic", [True, False])
def test_the_external_network_may_be_flat_with_and_without_ironic(ironic, tmp_path):
    settings = f"enable_ironic: {ironic}\nneutron_networks: [{{name: public}}]\n"
    with rendering.of_site(tmp_path / "site", "neutron", settings) as rendered:
        assert rendered.ini("neutron/ml2_conf.ini")["ml2_type_flat"]["flat_networks"] == "*"
