"""Networks and switches of the old site: their names stay, their forms become one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from cc_ansible.site import yamlfile
from cc_ansible.site.legacy import blocks, hidden
from cc_ansible.site.legacy.blocks import DROP, Edit
from cc_ansible.site.legacy.context import Context
from cc_ansible.site.legacy.report import Kind
from cc_ansible.site.legacy.variable import Variable
from cc_ansible.site.values import is_template, truth

NETWORKS = "neutron_networks"
SWITCHES = "switch_configs"
MAPPINGS = "neutron_ovs_bridge_mappings"
RANGES = "neutron_network_vlan_ranges"
_LOGIN = ("username", "password", "secret", "use_ssh_key", "private_key", "token")
# Spellings of the keys of ``auth`` and the one that counts.
_AUTH = {
    "enable_password": "secret",
    "enable_secret": "secret",
    "key": "private_key",
    "login": "username",
    "pass": "password",
    "passwd": "password",
    "ssh_key": "private_key",
    "user": "username",
}


def networks(context: Context, variable: Variable) -> Edit | None:
    """Networks stay as they are; what older CHI-in-a-Box did not read is named."""
    report, place = context.report, variable.place
    for item in _entries(variable.value):
        name = f"{NETWORKS}.{item.get('name', '?')}"
        if item.get("reservable_vlan_ranges"):
            why = "Check that these VLANs may be reserved and are no on-demand VLANs."
            report.add(Kind.EFFECT, place, f"{name}.reservable_vlan_ranges", why)
        if len(item.get("allocation_pools") or ()) > 1:
            why = "Only the first pool was used."
            report.add(Kind.EFFECT, place, f"{name}.allocation_pools", why)
        if isinstance(item.get("public"), dict):
            why = "The fields below `public` were not read."
            report.add(Kind.EFFECT, place, f"{name}.public", why)
    report.kept(place, NETWORKS)
    return hidden.hide(context, variable)


def switches(context: Context, variable: Variable) -> Edit | None:
    """Switches stay, with one spelling of their credentials and no plain secret among them."""
    report, place = context.report, variable.place
    for item in _entries(variable.value):
        name = f"{variable.name}.{item.get('name', '?')}"
        auth = item.get("auth")
        if "ngs_config" not in item:
            why = "Without ngs_config the switch was left out; it is configured now."
            report.add(Kind.EFFECT, place, name, why)
        if not isinstance(auth, dict) or not auth:
            report.decide(place, f"{name}.auth", "Nobody can log in to this switch.")
        elif "private_key" in auth or "ssh_key" in auth:
            why = "The key was not read; the switch was logged in to without it."
            report.add(Kind.EFFECT, place, f"{name}.auth.private_key", why)
    report.kept(place, variable.name)
    text = _one_spelling(context, variable)
    if text is None:
        return hidden.hide(context, variable)
    value = yamlfile.parse(text, Path(variable.name)).value
    changed = replace(variable, text=text, value=value[variable.name])
    return hidden.hide(context, changed) or Edit(text, value)


def legacy(context: Context, variable: Variable) -> Edit:
    """Bridge mappings and VLAN ranges of one line become entries of ``neutron_networks``."""
    report, beside = context.report, variable.beside
    both = [beside.get(MAPPINGS), beside.get(RANGES)]
    if NETWORKS in beside or any(is_template(each) for each in both):
        why = f"It was stronger than {NETWORKS}; what it says belongs there. It stays as a comment."
        report.decide(variable.place, variable.name, why)
        return hidden.comment(context, variable)
    if variable.name == RANGES and both[0]:
        report.translated(variable.place, variable.name, NETWORKS)
        return DROP
    entries = list(_from_lines(beside))
    report.translated(variable.place, variable.name, NETWORKS)
    return blocks.said({NETWORKS: entries})


def legacy_switches(context: Context, variable: Variable) -> Edit | None:
    """Switches as one map of driver options each become entries of ``switch_configs``."""
    report, place = context.report, variable.place
    if SWITCHES in variable.beside:
        why = f"It was stronger than {SWITCHES}; what it says belongs there. It stays as a comment."
        report.decide(place, variable.name, why)
        return hidden.comment(context, variable)
    entries = [_switch(item) for item in _entries(variable.value)]
    report.translated(place, variable.name, SWITCHES)
    edit = blocks.said({SWITCHES: entries})
    changed = replace(variable, name=SWITCHES, value=entries, text=edit.text)
    return hidden.hide(context, changed) or edit


def _switch(item: dict[str, Any]) -> dict[str, Any]:
    """An entry of today from the options of a driver."""
    rest = dict(item)
    entry: dict[str, Any] = {k: rest.pop(k) for k in ("name", "device_type") if k in rest}
    entry["address"] = rest.pop("ip", None)
    entry["auth"] = {key: rest.pop(key) for key in _LOGIN if key in rest}
    return {**entry, "ngs_config": rest}


def _entries(value: Any) -> Iterator[dict[str, Any]]:
    plain = value.value if isinstance(value, yamlfile.Tagged) else value
    for item in plain if isinstance(plain, list) else ():
        if isinstance(item, dict):
            yield item


def _from_lines(beside: Any) -> Iterator[dict[str, Any]]:
    """Entries from ``physnet:bridge`` and ``physnet:first:last`` lists, in their order."""
    bridges = dict(_pairs(beside.get(MAPPINGS)))
    ranges: dict[str, list[str]] = {}
    for physnet, vlans in _pairs(beside.get(RANGES)):
        ranges.setdefault(physnet, []).extend([vlans] if vlans else [])
    names = _words(beside.get("neutron_bridge_name"))
    interfaces = dict(zip(names, _words(beside.get("neutron_external_interface")), strict=False))
    for physnet in dict.fromkeys([*bridges, *ranges]):
        entry: dict[str, Any] = {"name": physnet}
        if bridge := bridges.get(physnet):
            entry["bridge_name"] = bridge
            if bridge in interfaces:
                entry["external_interface"] = interfaces[bridge]
        if ranges.get(physnet):
            entry["on_demand_vlan_ranges"] = ranges[physnet]
        yield entry


def _pairs(value: Any) -> Iterator[tuple[str, str]]:
    for word in _words(value):
        physnet, _, rest = word.partition(":")
        yield physnet, rest


def _words(value: Any) -> list[str]:
    items = value if isinstance(value, list) else str(value or "").split(",")
    return [str(item).strip() for item in items if str(item).strip()]


def _one_spelling(context: Context, variable: Variable) -> str | None:
    """The lines with one name for each credential; None when they have it already."""
    changes: list[tuple[str, str]] = []

    def change(value: Any) -> None:
        for item in _entries(value):
            auth = item.get("auth")
            if isinstance(auth, dict):
                label = f"{variable.name}.{item.get('name', '?')}.auth"
                changes.extend((f"{label}.{old}", f"{label}.{new}") for old, new in _spell(auth))

    text = hidden.edited(variable, change)
    for old, new in changes:
        if old != new:
            context.report.translated(variable.place, old, new)
    return text if changes else None


def _spell(auth: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Correct the keys and flags of one ``auth``; yields what changed."""
    keys = list(auth)
    renamed = {key: _AUTH[key] for key in keys if key in _AUTH and _AUTH[key] not in keys}
    for place, key in enumerate(keys):
        if new := renamed.get(key):
            value = auth.pop(key)
            if hasattr(auth, "insert"):
                auth.insert(place, new, value)
            else:
                auth[new] = value
            yield key, new
    said = auth.get("use_ssh_key")
    if isinstance(said, str) and not is_template(said) and truth(said) is not None:
        # A plain yes is a text to the editor of comments, and a flag to Ansible.
        auth["use_ssh_key"] = truth(said)
        yield "use_ssh_key", "use_ssh_key"
