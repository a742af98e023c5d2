"""What the site says about its network, as far as hardware refers to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cc_ansible.site.model.read import rendered
from cc_ansible.site.subject import Subject
from cc_ansible.site.values import Unknown, is_template

SWITCHES = ("switch_configs", "neutron_ml2_generic_switch_configs")
NETWORKS = "neutron_networks"
OLD_NETWORKS = ("neutron_ovs_bridge_mappings", "neutron_network_vlan_ranges")
_SECTION = re.compile(r"^\s*\[genericswitch:([^\]]+)\]", re.MULTILINE)


@dataclass(frozen=True)
class Switch:
    """A switch that ports may name."""

    name: str
    device_type: str = ""
    address: str = ""


@dataclass(frozen=True)
class Fabric:
    """Names that ports may use; None where they cannot be told without a run."""

    switches: Mapping[str, Switch] | None
    networks: frozenset[str] | None


def read(subject: Subject) -> Fabric:
    """The switches and physical networks of the site; use it through ``subject.once``."""
    if not subject.survey.whole:
        return Fabric(None, None)
    return Fabric(_switches(subject), _networks(subject))


def switches(subject: Subject) -> Mapping[str, Switch]:
    """The switches of the site, as far as they are known."""
    return subject.once(read).switches or {}


def _switches(subject: Subject) -> Mapping[str, Switch] | None:
    found: dict[str, Switch] = {}
    for variable in SWITCHES:
        entries = _value(subject, variable)
        if is_template(entries):
            return None
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, Mapping) and (name := entry.get("name")):
                address = str(entry.get("address") or entry.get("ip") or "").lower()
                found[str(name)] = Switch(str(name), str(entry.get("device_type", "")), address)
    for file in sorted((subject.survey.path / "node_custom_config").rglob("ml2_conf.ini")):
        for name in _SECTION.findall(file.read_text(encoding="utf-8", errors="replace")):
            found.setdefault(name, Switch(name))
    return found


def _networks(subject: Subject) -> frozenset[str] | None:
    entries = _value(subject, NETWORKS)
    if is_template(entries):
        return None
    if not all(isinstance(entry, Mapping) and entry.get("name") for entry in entries or ()):
        return None  # another name may be missing; that is told elsewhere
    names = {
        str(entry[key])
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, Mapping)
        for key in ("name", "physical_network")
        if entry.get(key)
    }
    for variable in OLD_NETWORKS:
        names |= set(_old_networks(_value(subject, variable)))
    if not names:
        try:
            names = set(str(subject.values.get("neutron_physical_networks") or "").split(","))
        except Unknown:
            return None
    return frozenset(name.strip() for name in names)


def _old_networks(value: Any) -> Iterator[str]:
    parts = value.split(",") if isinstance(value, str) else value
    for part in parts if isinstance(parts, list) else ():
        yield str(part).partition(":")[0]


def _value(subject: Subject, name: str) -> Any:
    """A variable, each part of it evaluated for itself, so that a secret does not hide it."""
    found = subject.values.raw(name)
    return None if found is None else rendered(found.value, subject.values.render)
