"""What a scenario switches on is what the guide says of it."""

from __future__ import annotations

import pytest
import rendering

FLAGS = ("enable_ironic", "enable_nova", "enable_placement", "enable_blazar", "enable_doni")


@pytest.mark.parametrize(
    ("settings", "on"),
    [
        ("chi_scenario: edge\n", set()),
        ("chi_scenario: edge\nenable_k3s: true\n", {"enable_blazar", "enable_doni"}),
        ("chi_scenario: independent\n", set(FLAGS)),
    ],
)
def test_an_edge_site_has_no_bare_metal_and_no_nova(settings, on, tmp_path):
    with rendering.of_site(tmp_path / "site", "neutron", settings) as rendered:
        assert {flag for flag in FLAGS if rendered.value(f"{flag} | bool")} == on


def test_neutron_of_an_edge_site_configures_no_switch(tmp_path):
    with rendering.of_site(tmp_path / "site", "neutron", "chi_scenario: edge\n") as rendered:
        drivers = rendered.ini("neutron/ml2_conf.ini")["ml2"]["mechanism_drivers"]
    assert "genericswitch" not in drivers
