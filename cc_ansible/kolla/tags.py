"""The tags of a deploy. Each role that a deploy applies has one of its own name."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from cc_ansible.kolla import release
from cc_ansible.paths import PROJECT
from cc_ansible.site import yamlfile

PLAYBOOKS = ("site.yml", "mariadb.yml", "nova.yml", "rabbitmq.yml")


@functools.cache
def known() -> frozenset[str]:
    """Every tag of Kolla-Ansible's deploy and of what we add to it."""
    files = [release.ANSIBLE_TREE / name for name in PLAYBOOKS]
    files.append(PROJECT / "playbooks" / "chi.yml")
    return frozenset(tag for file in files for tag in _tags(yamlfile.load(file).value))


def _tags(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _tags(item)
    elif isinstance(value, dict):
        said = value.get("tags", [])
        yield from [said] if isinstance(said, str) else said
        for item in value.values():
            yield from _tags(item)
