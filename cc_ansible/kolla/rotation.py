"""Which passwords a new value and a deploy change, and which services that deploy must cover."""

from __future__ import annotations

import fnmatch
import functools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cc_ansible.errors import UsageError
from cc_ansible.kolla import known, needed, tags
from cc_ansible.paths import PROJECT
from cc_ansible.site import passwords, yamlfile
from cc_ansible.site.load import Site
from cc_ansible.site.names import nearest
from cc_ansible.site.secrets import changes
from cc_ansible.site.secrets.changes import Changes
from cc_ansible.site.secrets.store import Snapshot, Store
from cc_ansible.site.values import Values, is_template, truth

RULES = PROJECT / "kolla" / "rotation.yml"


@dataclass(frozen=True)
class Rotation:
    """New values for ``names``; ``roles`` read them, and ``tags`` of a deploy cover these.

    ``notes`` say what to expect, by name.
    """

    names: tuple[str, ...]
    roles: tuple[str, ...]
    tags: tuple[str, ...]
    notes: Mapping[str, str] = field(default_factory=dict)


def plan(site: Site, names: Sequence[str], present: Mapping[str, Any]) -> Rotation:
    """What changing these passwords takes.

    Raises:
        UsageError: one of them does not exist, or cannot be changed this way: why, and how it can.
    """
    listed = passwords.known(site.project)
    notes: dict[str, str] = {}
    roles: set[str] = set()
    on = needed.switched_on(site)
    for name in dict.fromkeys(names):
        if name not in present and name not in listed:
            close = nearest(name, {*present, *listed})
            raise UsageError(
                f"There is no password {name}.", fix=f"Did you mean {close}?" if close else ""
            )
        rule = rule_for(name)
        _allow(site, name, rule, present.get(name))
        roles |= {role for role in roles_of(name, rule) if on(role)}
        if note := rule.get("note"):
            notes[name] = note
    covered = tuple(sorted(roles & tags.known()))
    return Rotation(tuple(dict.fromkeys(names)), tuple(sorted(roles)), covered, notes)


def carry_out(store: Store, seen: Snapshot, rotation: Rotation) -> None:
    """Write new values of the kinds that Kolla-Ansible's generator decides by name.

    Raises:
        Changed: somebody else changed the passwords since they were ``seen``.
    """
    values = passwords.generated(dict.fromkeys(rotation.names))
    store.write(changes.apply(seen.text, Changes(values)), seen)


def rule_for(name: str) -> Mapping[str, Any]:
    """What rotation.yml says about a password; nothing for most."""
    for pattern, rule in _rules().items():
        if fnmatch.fnmatchcase(name, pattern):
            return rule
    return {}


def roles_of(name: str, rule: Mapping[str, Any]) -> set[str]:
    """The roles that bring a new value to where it is used."""
    if "roles" in rule:
        return set(rule["roles"])
    return {*known.roles_using(name), *rule.get("also", ())}


@functools.cache
def _rules() -> Mapping[str, Mapping[str, Any]]:
    rules: Mapping[str, Mapping[str, Any]] = yamlfile.load_mapping(RULES).value
    return rules


def _allow(site: Site, name: str, rule: Mapping[str, Any], value: Any) -> None:
    if refusal := rule.get("refuse"):
        raise _refused(name, refusal, rule.get("steps", ()))
    if is_template(value):
        raise _refused(name, "It is made of other variables.", ("rotate those",))
    if isinstance(value, dict | list) and not name.endswith(passwords.SSH_KEY_SUFFIX):
        raise _refused(name, "It is no single value.", ("cc-ansible passwords edit",))
    values = _values(site)
    for setting, wanted in rule.get("needs", {}).items():
        if truth(values.known_or(wanted, setting)) is not wanted:
            raise _refused(
                name,
                f"The site sets {setting}, so a deploy does not bring a new value in.",
                ("change it where it is used, then: cc-ansible passwords edit",),
            )


def _refused(name: str, reason: str, steps: Collection[str]) -> UsageError:
    lines = [f"{number}. {step}" for number, step in enumerate(steps, start=1)]
    return UsageError(
        f"{name} cannot be rotated by a deploy. Nothing was changed.",
        detail="\n".join([reason, *lines]),
        fix="Follow the steps above." if lines else "Leave it as it is.",
    )


def _values(site: Site) -> Values:
    from cc_ansible.site.survey import Survey

    return Values(Survey(site.path, site.project), known)
