"""The single values of a nested one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cc_ansible.site.yamlfile import KeyPath


def leaves(value: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Everything that is neither a map nor a list, with its place."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    else:
        yield path, value
