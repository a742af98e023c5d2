"""Everything in ``hardware/*.yml`` of one site: calendars, profiles, and items as they work out.

An item is laid over its profile, the profile over the profile that it names, and all of them over
the ``defaults`` of the item's file, by the merge rules of variables.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cc_ansible.site import layers
from cc_ansible.site.findings import Finding, error
from cc_ansible.site.machines import Machine, Part
from cc_ansible.site.model import read as reading
from cc_ansible.site.model.read import INVALID_VALUE, MISSING_KEY, UNKNOWN_KEY
from cc_ansible.site.names import nearest
from cc_ansible.site.rules.repeated import Claim, once_per_place
from cc_ansible.site.values import is_template
from cc_ansible.site.yamlfile import Document, Tagged

if TYPE_CHECKING:
    from cc_ansible.site.subject import Subject

DIRECTORY = "hardware"
SECTIONS: dict[str, type] = {
    "calendars": dict,
    "profiles": dict,
    "defaults": dict,
    "hardware": list,
}
PROFILE = "profile"
OTHER_NAMES = {
    "driver": "protocol",
    "host": "address",
    "ip": "address",
    "ip_address": "address",
    "kind": "type",
    "type": "protocol",
    "passwd": "password",
    "user": "username",
    "hardware_type": "type",
    "interfaces": "ports",
    "mac_address": "mac",
    "management_address": "bmc.address",
    "ipmi_address": "bmc.address",
    "ipmi_username": "bmc.username",
    "ipmi_password": "bmc.password",
    "ipmi_port": "bmc.port",
    "ipmi_terminal_port": "bmc.terminal_port",
    "redfish_address": "bmc.address",
    "redfish_system_id": "bmc.system_id",
    "switch_port_id": "port",
    "switch_info": "switch",
    "pxe_enabled": "pxe",
    "baremetal_resource_class": "resource_class",
    "application_credential_id": "application_credential.id",
    "application_credential_secret": "application_credential.secret",
    "availability": "calendar",
    "windows": "calendar",
}
"""What other tools call the keys of an item."""

UNKNOWN_TYPE = error("unknown-hardware-type", "Hardware is of a type that exists")
UNKNOWN_PROFILE = error("unknown-profile", "Profiles that hardware refers to exist")
PROFILE_CYCLE = error("profile-cycle", "No profile is laid over itself")
DUPLICATE_PROFILE = error("duplicate-profile", "Profiles have different names")
DUPLICATE_CALENDAR = error("duplicate-calendar", "Calendars have different names")


@dataclass
class Hardware:
    """What the files say. ``findings`` are what is wrong with their form.

    Where not all of it could be read, not ``whole``, what seems to be missing may be there.
    """

    documents: list[Document] = field(default_factory=list)
    calendars: dict[str, Part] = field(default_factory=dict)
    profiles: dict[str, Part] = field(default_factory=dict)
    machines: list[Machine] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    whole: bool = True


def read(subject: Subject) -> Hardware:
    """Everything in the site's hardware files; use it through ``subject.once``."""
    before = len(subject.survey.findings)
    found = Hardware(subject.survey.documents(DIRECTORY))
    found.whole = len(subject.survey.findings) == before
    for document in found.documents:
        found.findings += _sections(document, found)
    wrong = [*_profiles(subject, found), *_items(subject, found)]
    found.findings += once_per_place(wrong)
    return found


def _sections(document: Document, found: Hardware) -> Iterator[Finding]:
    for key, value in document.value.items():
        kind = SECTIONS.get(key)
        if kind is None:
            close = nearest(key, SECTIONS)
            yield UNKNOWN_KEY.broken(
                f"Nothing reads `{key}` in {document.file.name}.",
                document.origin(key),
                detail=f"Known: {', '.join(SECTIONS)}.",
                fix=f"Did you mean `{close}`?" if close else "Correct the key, or remove it.",
            )
        elif value is not None and not isinstance(value, kind | Tagged):
            a_list = kind is list
            yield INVALID_VALUE.broken(
                f"`{key}` must be a {'list' if a_list else 'map'}.",
                document.origin(key),
                fix="Start each item with `- name: ...`." if a_list else "Write `name:` lines.",
            )
    yield from _named(document, "calendars", found.calendars)
    yield from _named(document, "profiles", found.profiles)


def _named(document: Document, section: str, named: dict[str, Part]) -> Iterator[Finding]:
    entries = document.value.get(section)
    rule = DUPLICATE_CALENDAR if section == "calendars" else DUPLICATE_PROFILE
    for name, value in entries.items() if isinstance(entries, dict) else ():
        part = Part(value, document, (section, name))
        if first := named.get(str(name)):
            yield rule.broken(
                f"There are two {section} called {name}.",
                part.at(),
                detail=f"The first is in {Claim(name, first.at()).where}.",
                fix="Rename one, or remove it.",
            )
        elif isinstance(value, dict):
            named[str(name)] = part
        else:
            text = f"{section.removesuffix('s')} {name} must be a map."
            yield INVALID_VALUE.broken(text, part.at(), fix="Write `key: value` lines below it.")


def _profiles(subject: Subject, found: Hardware) -> Iterator[Finding]:
    """What is wrong in profiles themselves; keys may be missing, items give them."""
    for name, part in found.profiles.items():
        parts, wrong = _chain(part, found)
        yield from wrong
        machine = _merge(name, parts, subject)
        machine.whole = False
        yield from _typed(machine, f"profile {name}")


def _items(subject: Subject, found: Hardware) -> Iterator[Finding]:
    for document in found.documents:
        items = document.value.get("hardware")
        defaults = document.value.get("defaults")
        for index, item in enumerate(items if isinstance(items, list) else ()):
            part = Part(item, document, ("hardware", index))
            if not isinstance(item, Mapping):
                text = f"Item {index + 1} of hardware must be a map."
                yield INVALID_VALUE.broken(text, part.at(), fix="Write `- name: ...` and its keys.")
                continue
            parts, wrong = _chain(part, found)
            yield from wrong
            lowest = parts[-1].value.get(PROFILE)
            if isinstance(defaults, Mapping):
                parts.append(Part(defaults, document, ("defaults",)))
            machine = _merge(str(item.get("name", index + 1)), parts, subject)
            machine.whole = lowest is None or bool(wrong and wrong[0].rule == PROFILE_CYCLE.name)
            found.machines.append(machine)
            yield from _typed(machine, f"hardware {machine.name}")


def _chain(part: Part, found: Hardware) -> tuple[list[Part], list[Finding]]:
    """An item or profile and the profiles below it, strongest first."""
    parts = [part]
    wrong: list[Finding] = []
    while (name := parts[-1].value.get(PROFILE)) is not None:
        at = parts[-1].at(PROFILE)
        below = found.profiles.get(str(name))
        if below is None and found.whole:
            close = nearest(str(name), found.profiles)
            fix = f"Did you mean `{close}`?" if close else f"Define it below `profiles:` as {name}."
            wrong.append(UNKNOWN_PROFILE.broken(f"There is no profile {name}.", at, fix=fix))
            # The one that is meant, so that nothing else seems to be missing.
            below = found.profiles.get(close or "")
        if below is None:
            break
        if below in parts:
            text = f"Profile {name} is laid over itself."
            fix = "Remove one `profile:` of the circle."
            return parts, [PROFILE_CYCLE.broken(text, at, fix=fix)]
        parts.append(below)
    return parts, wrong


def _merge(name: str, parts: list[Part], subject: Subject) -> Machine:
    merged: Any = {}
    if len(parts) == 1:
        merged = layers.clean(parts[0].value)
    else:
        for part in reversed(parts):
            merged = layers.merge(merged, part.value)
    merged.pop(PROFILE, None)
    return Machine(name, parts, merged, reading.rendered(merged, subject.values.render))


def _typed(machine: Machine, what: str) -> Iterator[Finding]:
    """Make the machine's model, as far as it is valid."""
    for finding in _form(machine, what):
        if machine.whole or finding.rule != MISSING_KEY.name:
            yield finding


def _form(machine: Machine, what: str) -> Iterator[Finding]:
    from cc_ansible.site.model.hardware import TYPES

    written = machine.value.get("type")
    kind = written if isinstance(written, str) and written in TYPES else _guess(machine, written)
    if written is None:
        yield MISSING_KEY.broken(
            f"{what} needs `type`.", machine.at(), fix=f"Add `type:`, one of {', '.join(TYPES)}."
        )
    elif written != kind and not is_template(written):
        yield UNKNOWN_TYPE.broken(
            f"{what} is of an unknown type {written}.",
            machine.at("type"),
            detail=f"Known: {', '.join(TYPES)}.",
            fix=f"Did you mean `{kind}`?" if kind else "Use one of these.",
        )
    if kind is None:
        return
    model = TYPES[kind]
    elsewhere = _every_key() - model.model_fields.keys()
    foreign = [key for key in machine.value if key in elsewhere]
    for key in foreign:
        having = ", ".join(name for name, other in TYPES.items() if key in other.model_fields)
        yield UNKNOWN_KEY.broken(
            f"{what} is a {kind}, which has no `{key}`.",
            machine.at(key),
            detail=f"Types with it: {having}.",
            fix="Remove it, or correct `type`.",
        )
    value = {key: item for key, item in machine.value.items() if key not in foreign}
    value["type"] = kind
    typed, wrong = reading.entry(model, value, machine.at, what, lambda leaf: leaf, OTHER_NAMES)
    machine.model = typed.model if typed and not foreign and written == kind else None
    yield from wrong


def _guess(machine: Machine, written: Any) -> str | None:
    """The type that is meant where it is missing or misspelt, so that the rest is checked too."""
    from cc_ansible.site.model.hardware import TYPES

    if written is not None:
        return nearest(str(written), TYPES)
    if "bmc" in machine.value or "ports" in machine.value:
        return "baremetal"
    return "device" if "machine_name" in machine.value else None


@functools.cache
def _every_key() -> frozenset[str]:
    from cc_ansible.site.model.hardware import TYPES

    return frozenset(key for model in TYPES.values() for key in model.model_fields)
