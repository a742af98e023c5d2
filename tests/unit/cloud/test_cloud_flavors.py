from __future__ import annotations

from typing import Any

import pytest
from cc_cloud_plan import flavors
from cc_cloud_plan.steps import Refused

EMPTY: dict[str, Any] = {"flavors": [], "aggregates": [], "resource_classes": [], "traits": []}
SMALL = {"name": "m1.small", "vcpus": 1, "ram": "2 GiB", "disk": 20}


def plan(state: Any = EMPTY, prune: bool = False, **wanted: Any) -> dict[str, Any]:
    return flavors.plan(wanted, state, prune=prune).plain()


def after(result: dict[str, Any]) -> dict[str, Any]:
    """What Nova and Placement have once a plan was carried out."""
    todo = result["todo"]
    return {
        "flavors": [
            {"id": f"id-{step['name']}", "name": step["name"], **step["args"]}
            for step in todo.get("flavor", {}).get("make", [])
        ],
        "aggregates": [
            {"name": step["name"], "hosts": [], **step["args"]}
            for step in todo.get("aggregate", {}).get("make", [])
        ],
        "resource_classes": [
            {"name": step["name"]} for step in todo.get("resource_class", {}).get("make", [])
        ],
        "traits": [{"name": step["name"]} for step in todo.get("trait", {}).get("make", [])],
    }


def flavor(result: dict[str, Any], do: str = "make") -> dict[str, Any]:
    (step,) = result["todo"]["flavor"][do]
    return dict(step["args"])


def test_a_flavor_of_bare_metal_asks_for_one_machine_and_nothing_else() -> None:
    args = flavor(
        plan(bare_metal=[{"name": "gpu", "resource_class": "gpu.a100", "traits": ["fast"]}])
    )
    assert args["extra_specs"] == {
        "resources:CUSTOM_GPU_A100": "1",
        "resources:VCPU": "0",
        "resources:MEMORY_MB": "0",
        "resources:DISK_GB": "0",
        "trait:CUSTOM_FAST": "required",
    }
    assert (args["vcpus"], args["ram"], args["disk"]) == (1, 1, 20)


def test_the_flavor_of_bare_metal_is_as_it_was_in_older_sites() -> None:
    args = flavor(plan(bare_metal=[{"name": "baremetal"}]))
    assert args["extra_specs"]["resources:CUSTOM_BAREMETAL"] == "1"


@pytest.mark.parametrize(
    ("said", "mebibytes"),
    [
        (512, 512), ("2048", 2048), ("512 MiB", 512), ("2 GiB", 2048), ("4GB", 4096),
        ("1.5G", 1536),
    ],
)  # fmt: skip
def test_memory_is_in_mebibytes_whatever_its_unit(said: Any, mebibytes: int) -> None:
    assert flavor(plan(virtual=[{**SMALL, "ram": said}]))["ram"] == mebibytes


@pytest.mark.parametrize("said", [1, "8", 16, "63 MiB"])
def test_gibibytes_without_their_unit_are_refused(said: Any) -> None:
    result = plan(virtual=[{**SMALL, "ram": said}])
    assert "GiB" in result["refused"][0]
    assert not result["labels"]


def test_memory_that_is_no_size_is_refused() -> None:
    with pytest.raises(Refused):
        flavors.mebibytes("much")


def test_nothing_is_to_be_done_where_all_was_done() -> None:
    wanted: dict[str, Any] = {
        "bare_metal": [{"name": "baremetal"}],
        "virtual": [SMALL],
        "aggregates": [{"name": "freepool"}, {"name": "kvm", "metadata": {"a": 1}}],
        "resource_classes": ["gpu"],
        "traits": ["fast", "HW_CPU_X86_AVX2"],
    }
    first = plan(**wanted)
    assert [label.partition(":")[0] for label in first["labels"]] == [
        "resource class CUSTOM_GPU", "trait CUSTOM_FAST", "trait HW_CPU_X86_AVX2",
        "aggregate freepool", "aggregate kvm", "flavor baremetal", "flavor m1.small",
    ]  # fmt: skip
    state = after(first)
    state["flavors"][0]["swap"] = ""
    assert plan(state, **wanted) == {"todo": {}, "labels": [], "refused": [], "notes": []}


def test_extra_specs_are_those_of_the_site_and_no_others() -> None:
    state = after(plan(bare_metal=[{"name": "baremetal"}]))
    specs = state["flavors"][0]["extra_specs"]
    specs |= {"resources:VCPU": "1", "foo": "bar"}
    result = plan(state, bare_metal=[{"name": "baremetal"}])
    assert result["labels"] == ["flavor baremetal: foo bar -> none, resources:VCPU 1 -> 0"]
    # Without a description the module does not make the flavor again.
    assert flavor(result, "change")["description"] is None


def test_a_flavor_of_another_size_is_made_again_with_its_id() -> None:
    state = after(plan(virtual=[SMALL]))
    result = plan(state, virtual=[{**SMALL, "ram": "4 GiB"}])
    assert result["labels"] == ["flavor m1.small: ram 2048 -> 4096"]
    args = flavor(result, "change")
    assert args["id"] == "id-m1.small"
    assert args["description"] == "[cc-ansible]"


def test_another_description_alone_makes_no_new_flavor() -> None:
    state = after(plan(virtual=[SMALL]))
    state["flavors"][0]["description"] = "by hand"
    result = plan(state, virtual=[SMALL])
    assert "flavor" not in result["todo"]
    (step,) = result["todo"]["flavor_text"]["change"]
    assert step["args"] == {"id": "id-m1.small", "description": "by hand [cc-ansible: adopted]"}


def test_a_flavor_of_another_description_and_other_specs_is_done_after_one_run() -> None:
    state = after(plan(virtual=[SMALL]))
    said = {**SMALL, "description": "small", "extra_specs": {"hw:mem": "x"}}
    result = plan(state, virtual=[said])
    assert result["labels"] == [
        "flavor m1.small: hw:mem none -> x",
        "flavor text m1.small: description [cc-ansible] -> small [cc-ansible]",
    ]
    state["flavors"][0] |= {"extra_specs": flavor(result, "change")["extra_specs"]}
    state["flavors"][0] |= result["todo"]["flavor_text"]["change"][0]["args"]
    assert plan(state, virtual=[said])["labels"] == []


def test_a_flavor_of_another_size_and_description_is_made_again_once() -> None:
    state = after(plan(virtual=[SMALL]))
    result = plan(state, virtual=[{**SMALL, "ram": "4 GiB", "description": "small"}])
    assert len(result["labels"]) == 1
    assert flavor(result, "change")["description"] == "small [cc-ansible]"


def test_projects_keep_a_flavor_that_is_made_again() -> None:
    said = {**SMALL, "public": False}
    state = after(plan(virtual=[said]))
    state["flavors"][0]["access"] = ["p1", "p2"]
    assert plan(state, virtual=[said])["labels"] == []
    bigger = {**said, "disk": 30}
    assert flavor(plan(state, virtual=[bigger]), "change")["access"] == ["p1", "p2"]
    public = {**bigger, "public": True}
    assert flavor(plan(state, virtual=[public]), "change")["access"] == []
    specs = {**said, "extra_specs": {"a": "b"}}
    assert "access" not in flavor(plan(state, virtual=[specs]), "change")


def test_pruning_leaves_a_flavor_that_was_there_before_the_site_named_it() -> None:
    found = {**after(plan(virtual=[SMALL]))["flavors"][0], "description": None}
    state = {**EMPTY, "flavors": [found]}
    (step,) = plan(state, virtual=[SMALL])["todo"]["flavor_text"]["change"]
    found["description"] = step["args"]["description"]
    assert plan(state, virtual=[SMALL])["labels"] == []
    assert plan(state, prune=True) == {"todo": {}, "labels": [], "refused": [], "notes": []}


def test_metadata_that_others_gave_an_aggregate_stays() -> None:
    found = {
        "name": "kvm",
        "metadata": {"theirs": "x", "a": "2"},
        "hosts": ["h"],
        "availability_zone": None,
    }
    result = plan(
        {**EMPTY, "aggregates": [found]}, aggregates=[{"name": "kvm", "metadata": {"a": 1}}]
    )
    (step,) = result["todo"]["aggregate"]["change"]
    assert step["label"] == "aggregate kvm: a 2 -> 1"
    assert step["args"]["metadata"] == {"theirs": "x", "a": "1"}


def test_blazars_aggregate_is_left_as_kolla_made_it() -> None:
    found = {"name": "freepool", "metadata": {}, "hosts": ["h"], "availability_zone": None}
    assert not plan({**EMPTY, "aggregates": [found]}, aggregates=[{"name": "freepool"}])["labels"]


def test_pruning_takes_only_what_is_ours_and_empty() -> None:
    state = after(plan(virtual=[SMALL], aggregates=[{"name": "old"}, {"name": "used"}]))
    state["aggregates"][1]["hosts"] = ["h"]
    state["flavors"].append({**state["flavors"][0], "id": "x", "name": "theirs", "description": ""})
    assert plan(state, prune=True)["labels"] == [
        "aggregate old: removed, the site names it no longer",
        "flavor m1.small: removed, the site names it no longer",
    ]
    assert plan(state)["labels"] == []
    assert len(plan(state)["notes"]) == 3


def test_a_name_twice_is_refused() -> None:
    assert plan(virtual=[SMALL, SMALL])["refused"] == ["flavor m1.small: the site names it twice"]
