"""Changes to passwords: told apart by name, and made in the text with its comments and order."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from cc_ansible.site import yamledit, yamlfile
from cc_ansible.site.secrets import content

_ABSENT = object()


@dataclass(frozen=True)
class Changes:
    """Values that are new or different, and names that are gone."""

    new: Mapping[str, Any] = field(default_factory=dict, repr=False)
    removed: Collection[str] = ()

    @property
    def names(self) -> set[str]:
        """Everything that is touched."""
        return {*self.new, *self.removed}


def between(before: Mapping[str, Any], after: Mapping[str, Any]) -> Changes:
    """What makes ``after`` of ``before``."""
    new = {key: value for key, value in after.items() if before.get(key, _ABSENT) != value}
    return Changes(new, [key for key in before if key not in after])


def apply(text: str, changes: Changes) -> str:
    """The YAML text with the changes made; everything else stays as it is written.

    :raises SiteInvalid: when the text is no mapping of passwords.
    """
    before = content.document(text).value
    kept = {key: value for key, value in before.items() if key not in changes.removed}
    wanted = {**kept, **changes.new}
    if wanted == before and list(wanted) == list(before):
        return text
    edited = _edited(text, changes)
    # The editing library reads YAML 1.2, Ansible 1.1: where they differ, comments are given up.
    same = content.document(edited).value == wanted
    return edited if same else yamlfile.dump(wanted)


def _edited(text: str, changes: Changes) -> str:
    from ruamel.yaml.scalarstring import walk_tree

    def change(data: Any) -> None:
        for key in changes.removed:
            data.pop(key, None)
        values = {key: _copied(value) for key, value in changes.new.items()}
        walk_tree(values)  # multi-line values as blocks
        data.update(values)

    return yamledit.edited(text, change)


def _copied(value: Any) -> Any:
    """A copy in the editing library's own types."""
    from ruamel.yaml.comments import TaggedScalar

    if isinstance(value, yamlfile.Tagged):
        return TaggedScalar(value.value, tag=value.tag)
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copied(item) for item in value]
    return value
