"""Rules about the switches whose ports Neutron configures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cc_ansible.site.findings import Finding, error, warning
from cc_ansible.site.model.read import Place, Typed
from cc_ansible.site.model.switches import Switch
from cc_ansible.site.names import nearest
from cc_ansible.site.net import addresses, numbers, plan
from cc_ansible.site.net.addresses import UNUSABLE_ADDRESS
from cc_ansible.site.net.drivers import DEVICE_TYPES, ON_THIS_HOST, OPTIONS, OTHER_FAMILIES
from cc_ansible.site.net.refused import Refused
from cc_ansible.site.rules.vlans import UNKNOWN_NETWORK
from cc_ansible.site.subject import Subject
from cc_ansible.site.values import is_template, truth

DUPLICATE_SWITCH = error("duplicate-switch", "Each switch has one entry, with a name of its own")
UNKNOWN_TYPE = error("unknown-device-type", "Switches have drivers that exist")
FOREIGN_TYPE = warning("foreign-device-type", "Switches have drivers that are in the image")
NO_LOGIN = error("switch-login-missing", "Neutron can log in to every switch")
TWO_LOGINS = warning("switch-login-twice", "There is one way to log in to a switch")
UNKNOWN_OPTION = warning("unknown-switch-option", "Options of switches are read by the driver")


EXAMPLE = "netmiko_dell_os10"
KEYS = ("use_ssh_key", "private_key", "use_keys", "key_file")


def entries(subject: Subject) -> Iterator[Finding]:
    """Entries that cannot be read as switches."""
    yield from plan.switches(subject).findings
    yield from plan.legacy_switches(subject).findings


def unique(subject: Subject) -> Iterator[Finding]:
    """Switches that are there twice."""
    for group in plan.switches(subject):
        yield from _twice([(typed.model.name, typed.at("name")) for typed in group], "are called")
        reached = [
            (str(typed.model.address), typed.at("address"))
            for typed in group
            if "port" not in typed.model.ngs_config
        ]
        yield from _twice(reached, "have the address")
    for old in plan.legacy_switches(subject):
        yield from _twice([(typed.model.name, typed.at("name")) for typed in old], "are called")


def _twice(named: list[tuple[str, Any]], what: str) -> Iterator[Finding]:
    seen: dict[str, Any] = {}
    for name, origin in named:
        if name in seen:
            yield DUPLICATE_SWITCH.broken(
                f"Two switches {what} {name}.",
                origin,
                detail=f"The first is at {plan.place_of(seen[name])}.",
                fix="Correct one, or remove it.",
            )
        seen.setdefault(name, origin)


def reachable(subject: Subject) -> Iterator[Finding]:
    """Drivers that do not exist, and addresses and logins that cannot work."""
    for group in plan.switches(subject):
        for typed in group:
            switch = typed.model
            yield from _driver(switch.name, switch.device_type, typed.at)
            yield from _address(typed)
            yield from _login(typed)
    for old in (typed for group in plan.legacy_switches(subject) for typed in group):
        yield from _driver(old.model.name, old.model.device_type, old.at)


def _driver(name: str, kind: str, at: Place) -> Iterator[Finding]:
    if kind in DEVICE_TYPES or is_template(kind):
        return
    lower = kind.lower()
    close = nearest(lower, DEVICE_TYPES) or nearest(f"netmiko_{lower}", DEVICE_TYPES)
    fix = (
        f"Did you mean `{close}`?"
        if close
        else "Write one that networking-generic-switch has, such as netmiko_dell_os10."
    )
    rule = FOREIGN_TYPE if kind.startswith(OTHER_FAMILIES) else UNKNOWN_TYPE
    what = "is no driver" if rule is UNKNOWN_TYPE else "is no driver of the image"
    yield rule.broken(
        f"switch {name}: {kind} {what}.",
        at("device_type"),
        detail="Neutron does not start when networking-generic-switch has no such driver.",
        fix=fix,
    )


def _address(typed: Typed[Switch]) -> Iterator[Finding]:
    switch = typed.model
    if not addresses.is_address(switch.address):
        return
    found = addresses.address(switch.address)
    if found.is_loopback and switch.device_type in ON_THIS_HOST:
        return
    try:
        addresses.usable(switch.address)
    except Refused as refused:
        yield (UNUSABLE_ADDRESS if found.is_loopback else refused.rule).broken(
            f"switch {switch.name}: `address` {refused}.",
            typed.at("address"),
            detail=f"It says {switch.address}.",
            fix="Write the address of the switch in the management network.",
        )


def _login(typed: Typed[Switch]) -> Iterator[Finding]:
    switch = typed.model
    if switch.device_type == "netmiko_fake":
        return
    if switch.device_type.startswith("corsa"):
        if not _has(typed, "token"):
            yield _no_login(typed, "token")
        return
    if not _has(typed, "username"):
        yield _no_login(typed, "username")
    keys = [key for key in KEYS if _has(typed, key)]
    if not keys and not _has(typed, "password"):
        yield _no_login(typed, "password")
    elif switch.auth.password and keys:
        yield TWO_LOGINS.broken(
            f"switch {switch.name} has a password and `{keys[0]}`.",
            typed.at("auth", "password"),
            detail="The key is tried first, the password when the switch refuses it.",
            fix="Keep the one that the switch accepts.",
        )


def _has(typed: Typed[Switch], key: str) -> bool:
    """Whether a login has a part, in ``auth`` or as an option; one that only a run knows counts."""
    for given, place in ((typed.model.auth, "auth"), (typed.model.ngs_config, "ngs_config")):
        value = given.get(key) if isinstance(given, dict) else getattr(given, key, None)
        if value is not None:
            return value != "" and truth(value) is not False
        if typed.at(place, key) != typed.at(place, "no such key"):
            return True
    return False


def _no_login(typed: Typed[Switch], key: str) -> Finding:
    or_key = ", or `use_ssh_key: true`" if key == "password" else ""
    return NO_LOGIN.broken(
        f"switch {typed.model.name}: `auth` has no {key}.",
        typed.at("auth"),
        fix=f"Add `{key}:` below `auth`{or_key}.",
    )


def options(subject: Subject) -> Iterator[Finding]:
    """Options that nothing reads, or that cannot be."""
    for group in plan.switches(subject):
        for typed in group:
            yield from _options(subject, typed)


def _options(subject: Subject, typed: Typed[Switch]) -> Iterator[Finding]:
    given, name = typed.model.ngs_config, typed.model.name
    for key in given:
        if key.startswith("ngs_") and key not in OPTIONS:
            close = nearest(key, OPTIONS)
            yield UNKNOWN_OPTION.broken(
                f"switch {name}: nothing reads `{key}`.",
                typed.at("ngs_config", key),
                fix=f"Did you mean `{close}`?" if close else "Remove it.",
            )
    yield from _vlans(given, name, typed.at)
    known = plan.physical_networks(subject)
    for network in _words(given.get("ngs_physical_networks")) if known is not None else ():
        if network not in (known or ()):
            yield UNKNOWN_NETWORK.broken(
                f"switch {name} is on {network}, which is no network of the site.",
                typed.at("ngs_config", "ngs_physical_networks"),
                detail=f"There are: {', '.join(sorted(known or ()))}.",
                fix="Correct the name.",
            )


def _vlans(given: Mapping[str, Any], name: str, at: Place) -> Iterator[Finding]:
    for key in ("ngs_port_default_vlan", "ngs_allowed_vlans"):
        for value in _words(given.get(key)):
            try:
                numbers.vlan(value)
            except Refused as refused:
                yield refused.rule.broken(
                    f"switch {name}: `{key}` {refused}.",
                    at("ngs_config", key),
                    detail=f"It says {value!r}.",
                    fix=refused.fix,
                )


def _words(value: Any) -> list[str]:
    """The parts of an option, which is a list or a text with commas."""
    if value is None or is_template(value):
        return []
    parts = value if isinstance(value, list) else str(value).split(",")
    return [str(part).strip() for part in parts if str(part).strip()]
