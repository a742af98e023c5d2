"""VLANs of a site: something is found exactly when two purposes share one."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cc_ansible.kolla import known
from cc_ansible.site.rules import vlans
from cc_ansible.site.subject import Subject
from cc_ansible.site.survey import Survey

RANGE = st.tuples(st.integers(1, 30), st.integers(0, 8)).map(lambda one: (one[0], one[0] + one[1]))
RANGES = st.lists(RANGE, max_size=3)


def rules_found(path: Path, text: str) -> list[str]:
    path.mkdir(exist_ok=True)
    (path / "defaults.yml").write_text(text)
    (path / "inventory").write_text("[control]\nnode1\n")
    return [finding.rule for finding in vlans.disjoint(Subject(Survey(path), known))]


def written(ranges: list[tuple[int, int]]) -> str:
    return "[" + ", ".join(f'"{first}:{last}"' for first, last in ranges) + "]"


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(RANGES, RANGES, st.integers(1, 30))
def test_purposes_are_disjoint_when_their_sets_are(
    tmp_path: Path,
    on_demand: list[tuple[int, int]],
    reservable: list[tuple[int, int]],
    provisioning: int,
) -> None:
    text = f"""
neutron_networks:
  - name: physnet1
    on_demand_vlan_ranges: {written(on_demand)}
    reservable_vlan_ranges: {written(reservable)}
  - name: physnet2
    on_demand_vlan_ranges: {written(on_demand)}
ironic_provisioning_network_vlan: {provisioning}
enable_ironic: true
"""
    uses = [*on_demand, *reservable, (provisioning, provisioning)]
    sets = [set(range(first, last + 1)) for first, last in uses]
    of_first = sum(bool(one & other) for one, other in itertools.combinations(sets, 2))
    inner = itertools.combinations(sets[: len(on_demand)], 2)
    of_second = sum(bool(one & other) for one, other in inner)
    assert len(rules_found(tmp_path / "site", text)) == of_first + of_second


@pytest.mark.parametrize(
    ("on_demand", "reservable", "rules"),
    [
        ("200:250", "251:300", []),
        ("200:250", "250:300", ["vlan-at-edge"]),
        ("200:250", "249:300", ["vlan-taken"]),
        ("200:250", "150:200", ["vlan-at-edge"]),
        ("200:250", "200:250", ["vlan-taken"]),
        ("200:250", "210", ["vlan-taken"]),
    ],
)
def test_ranges_that_touch_are_worth_a_warning(
    tmp_path: Path, on_demand: str, reservable: str, rules: list[str]
) -> None:
    text = f"""
neutron_networks:
  - name: physnet1
    on_demand_vlan_ranges: ["{on_demand}"]
    reservable_vlan_ranges: ["{reservable}"]
"""
    assert rules_found(tmp_path / "site", text) == rules
