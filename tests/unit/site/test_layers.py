from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cc_ansible.errors import Origin
from cc_ansible.site import layers, yamlfile
from cc_ansible.site.yamlfile import Tagged

keys = st.sampled_from("abc")
scalars = st.integers(0, 3) | st.sampled_from(["x", "y"])
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(keys, inner, max_size=3)
        | st.builds(Tagged, st.just("!replace"), st.dictionaries(keys, inner, max_size=2))
    ),
    max_leaves=8,
)
maps = st.dictionaries(keys, values, max_size=3)
names = st.sampled_from("pqr")
named_lists = st.lists(
    st.fixed_dictionaries({"name": names}, optional={"v": values, "w": values}),
    max_size=3,
    unique_by=lambda item: item["name"],
)


def has_replace(value: Any) -> bool:
    if isinstance(value, Tagged):
        return True
    if isinstance(value, dict):
        return any(map(has_replace, value.values()))
    return isinstance(value, list) and any(map(has_replace, value))


@given(maps)
def test_nothing_over_a_map_is_that_map(value: dict[str, Any]) -> None:
    assert layers.merge(value, {}) == layers.clean(value)
    assert layers.merge({}, value) == layers.clean(value)
    assert layers.merge(value, value) == layers.clean(value) or has_replace(value)


@given(maps, maps)
def test_no_replace_tag_is_left(weaker: Any, stronger: Any) -> None:
    assert not has_replace(layers.merge(weaker, stronger))


@given(maps, maps)
def test_maps_merge_key_by_key(weaker: Any, stronger: Any) -> None:
    result = layers.merge(weaker, stronger)
    assert list(result) == [*weaker, *(key for key in stronger if key not in weaker)]
    for key, value in result.items():
        if key not in stronger:
            assert value == layers.clean(weaker[key])
        elif key not in weaker or isinstance(stronger[key], int | str):
            assert value == layers.clean(stronger[key])


@given(maps, maps)
def test_the_inputs_stay_as_they_were(weaker: Any, stronger: Any) -> None:
    before = repr((weaker, stronger))
    layers.merge(weaker, stronger)
    assert repr((weaker, stronger)) == before


@given(named_lists, named_lists)
def test_named_items_keep_the_weaker_order_and_new_ones_follow(below: Any, above: Any) -> None:
    result = layers.merge(below, above)
    old = [item["name"] for item in below]
    new = [item["name"] for item in above]
    if below and above:
        assert [item["name"] for item in result] == [*old, *(n for n in new if n not in old)]
    else:
        assert result == layers.clean(above)
    for item in above:
        found = next(each for each in result if each["name"] == item["name"])
        assert set(item) <= set(found)


@given(maps, maps)
def test_replace_takes_nothing_from_below(weaker: Any, stronger: Any) -> None:
    merged = layers.merge({"k": weaker}, {"k": Tagged("!replace", stronger)})
    assert merged == {"k": layers.clean(stronger)}


def test_networks_merge_by_name() -> None:
    below = [{"name": "public", "mtu": 1500, "vlan": 5}, {"name": "shared"}]
    above = [{"name": "edge"}, {"name": "public", "mtu": 9000}]
    assert layers.merge(below, above) == [
        {"name": "public", "mtu": 9000, "vlan": 5},
        {"name": "shared"},
        {"name": "edge"},
    ]


def test_other_lists_are_replaced() -> None:
    assert layers.merge([1, 2], [3]) == [3]
    assert layers.merge([{"name": "a"}], [{"id": 1}]) == [{"id": 1}]
    assert layers.merge([{"name": "a"}], []) == []


def test_replace_on_one_item_of_a_named_list() -> None:
    above = [Tagged("!replace", {"name": "a", "x": 1})]
    assert layers.merge([{"name": "a", "y": 2}], above) == [{"name": "a", "x": 1}]


def test_other_tags_are_values() -> None:
    secret = Tagged("!vault", "text")
    assert layers.merge({"a": {"b": 1}}, {"a": secret}) == {"a": secret}


def test_origins_of_all_layers_are_kept_weakest_first() -> None:
    documents = [
        yamlfile.parse(text, Path(name))
        for name, text in (("one", "a: 1\n"), ("two", "b: 1\na: 2\n"), ("three", "a: 3\n"))
    ]
    merged = layers.merge_layers(documents)
    assert merged["a"] == layers.Value(
        3, Origin(Path("three"), 1, 1), (Origin(Path("one"), 1, 1), Origin(Path("two"), 2, 1))
    )
    assert merged["b"].overridden == ()
