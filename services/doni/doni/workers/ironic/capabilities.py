"""Capabilities of nodes: an object here, the text "name:value,name:value" in Ironic."""

from __future__ import annotations

from typing import Any

KNOWN = ("boot_mode", "boot_option", "disk_label", "secure_boot", "trusted_boot")
"""Capabilities that are always Doni's."""


def wished(properties: dict[str, Any]) -> dict[str, str]:
    """The capabilities in the properties of an item."""
    found = {
        **(properties.get("extra_capabilities") or {}),
        **(properties.get("baremetal_capabilities") or {}),
    }
    if properties.get("boot_mode"):
        found["boot_mode"] = properties["boot_mode"]
    return {str(name): str(value) for name, value in found.items() if value is not None}


def merged(properties: dict[str, Any], ours: list[str], now: str | None) -> str | None:
    """The capabilities of a node, those of ``now`` that are not Doni's included.

    The order of ``now`` stays, so that nothing changes when nothing is new.
    """
    wish = wished(properties)
    left = {
        name: value
        for name, value in parsed(now).items()
        if name in wish or (name not in KNOWN and name not in ours)
    }
    left.update(wish)
    return ",".join(f"{name}:{value}" for name, value in left.items()) or None


def parsed(text: str | None) -> dict[str, str]:
    """Capabilities by name."""
    pairs = (entry.partition(":") for entry in (text or "").split(","))
    return {name.strip(): value.strip() for name, colon, value in pairs if colon}
