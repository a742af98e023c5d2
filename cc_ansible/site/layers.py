"""How layers of variables become one: pure functions, no files.

Maps merge key by key, lists of named maps merge by ``name``, everything else is replaced.
``!replace`` on a value means that it takes nothing from weaker layers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cc_ansible.errors import Origin
from cc_ansible.site.yamlfile import Document, Tagged

REPLACE = "!replace"


@dataclass(frozen=True)
class Value:
    """A variable after merging: its value and where it was set.

    ``origin`` is the strongest layer that sets it, ``overridden`` the weaker ones, weakest first.
    """

    value: Any
    origin: Origin
    overridden: tuple[Origin, ...] = ()


def merge(weaker: Any, stronger: Any) -> Any:
    """``stronger`` laid over ``weaker``, without any ``!replace`` left in the result."""
    if _is_replace(stronger):
        return clean(stronger)
    weaker = weaker.value if _is_replace(weaker) else weaker
    if isinstance(weaker, Mapping) and isinstance(stronger, Mapping):
        return _merge_maps(weaker, stronger)
    if _is_named_list(weaker) and _is_named_list(stronger):
        return _merge_named(weaker, stronger)
    return clean(stronger)


def clean(value: Any) -> Any:
    """The value without ``!replace`` tags, at any depth. Other tags stay."""
    if _is_replace(value):
        return clean(value.value)
    if isinstance(value, Mapping):
        return {key: clean(item) for key, item in value.items()}
    if isinstance(value, list):
        return [clean(item) for item in value]
    return value


def merge_layers(layers: Iterable[Document]) -> dict[str, Value]:
    """Merge documents of variables, weakest first."""
    result: dict[str, Value] = {}
    for layer in layers:
        for key, value in layer.value.items():
            origin = layer.origin(key)
            before = result.get(key)
            if before is None:
                result[key] = Value(clean(value), origin)
            else:
                seen = (*before.overridden, before.origin)
                result[key] = Value(merge(before.value, value), origin, seen)
    return result


def _merge_maps(weaker: Mapping[Any, Any], stronger: Mapping[Any, Any]) -> dict[Any, Any]:
    result = {key: clean(value) for key, value in weaker.items()}
    for key, value in stronger.items():
        result[key] = merge(weaker[key], value) if key in weaker else clean(value)
    return result


def _merge_named(weaker: list[Any], stronger: list[Any]) -> list[Any]:
    by_name = {item["name"]: item for item in map(_bare, weaker)}
    for item in stronger:
        name = _bare(item)["name"]
        by_name[name] = merge(by_name[name], item) if name in by_name else clean(item)
    return [clean(item) for item in by_name.values()]


def _is_replace(value: Any) -> bool:
    return isinstance(value, Tagged) and value.tag == REPLACE


def _bare(value: Any) -> Any:
    return value.value if _is_replace(value) else value


def _is_named_list(value: Any) -> bool:
    """Whether every item is a map with its own ``name``; an empty list is none."""
    if not isinstance(value, list) or not value:
        return False
    names = []
    for item in map(_bare, value):
        if not isinstance(item, Mapping) or not isinstance(item.get("name"), str | int):
            return False
        names.append(item["name"])
    return len(set(names)) == len(names)
