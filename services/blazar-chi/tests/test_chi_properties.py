"""By which properties nodes are found, and which are asked for when a request names none."""

from __future__ import annotations

import pytest
from site_of_blazar import Refused, Site, nodes

SKYLAKE = """
[physical:host]
default_resource_properties = ["==", "$$node_type", "compute_skylake"]
"""
STRICT = SKYLAKE + "retry_allocation_without_defaults = false\n"


def _nodes(site: Site, *types: str) -> dict[str, str]:
    names = {kind: site.cloud.compute.node() for kind in types}
    for number, (kind, name) in enumerate(names.items()):
        site.host(name, node_type=kind, gpus=str(9 + number), version=f"1.{number}0")
    return names


@pytest.mark.parametrize(
    ("properties", "found"),
    [
        (["==", "$node_type", "b"], {"b"}),
        (["=", "$node_type", "b"], {"b"}),
        (["!=", "$node_type", "b"], {"a", "c"}),
        ([">=", "$gpus", "10"], {"b", "c"}),
        (["<", "$gpus", "10"], {"a"}),
        (["==", "$version", "1.1"], set()),
        (["and", [">", "$gpus", "9"], ["!=", "$node_type", "c"]], {"b"}),
        (["and", ["and", [">", "$gpus", "9"], ["<", "$gpus", "11"]], ["!=", "$gpus", "7"]], {"b"}),
        (["==", "$vcpus", "8"], {"a", "b", "c"}),
        (["<", "$memory_mb", "9000"], set()),
        (["==", "$unknown", "x"], set()),
        (["!=", "$unknown", "x"], set()),
    ],
)
def test_nodes_are_found_by_their_properties(
    site: Site, properties: list[object], found: set[str]
) -> None:
    names = _nodes(site, "a", "b", "c")
    wanted = nodes(1, properties, max=9)
    if not found:
        with pytest.raises(Refused, match="Not enough hosts"):
            site.lease(wanted)
        return
    assert set(site.standing(site.lease(wanted))["nodes"]) == {names[kind] for kind in found}


@pytest.mark.parametrize(
    "properties",
    [
        "no json",
        '{"uid": 1}',
        '["like", "$uid", "x"]',
        '["==", "$a b", "x"]',
        "3",
        '["and"]',
        '["and", ["==", "$uid", "x"], 3]',
        "[" * 5000,
        '["and",' * 5000 + "[]" + "]" * 5000,
    ],
)
def test_what_is_no_condition_is_refused(site: Site, properties: str) -> None:
    _nodes(site, "a")
    with pytest.raises(Refused, match="Malformed requirements") as refusal:
        site.lease(nodes(1, properties))
    assert refusal.value.status == 400


@pytest.mark.parametrize("properties", ["", "[]"])
@pytest.mark.options(SKYLAKE)
def test_the_default_is_taken_when_nothing_is_named(site: Site, properties: str) -> None:
    names = _nodes(site, "other", "compute_skylake")
    lease = site.lease(nodes(1, properties))
    assert site.standing(lease)["nodes"] == [names["compute_skylake"]]
    assert "compute_skylake" in lease["reservations"][0]["resource_properties"]


@pytest.mark.options(SKYLAKE)
def test_another_node_does_when_none_of_the_default_is_free(site: Site) -> None:
    names = _nodes(site, "other", "compute_skylake")
    site.lease(nodes(1))
    assert site.standing(site.lease(nodes(1)))["nodes"] == [names["other"]]


@pytest.mark.options(STRICT)
def test_no_other_node_does_where_the_site_says_so(site: Site) -> None:
    names = _nodes(site, "other", "compute_skylake")
    site.lease(nodes(1))
    with pytest.raises(Refused, match="Not enough hosts"):
        site.lease(nodes(1))
    chosen = site.lease(nodes(1, ["==", "$node_type", "other"]))
    assert site.standing(chosen)["nodes"] == [names["other"]]
