"""What a node shall be, and the patch that makes it so."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from doni.workers.base import Item
from doni.workers.ironic import capabilities, drivers

Patch = list[dict[str, Any]]

DRIVER = "/driver"
CAPABILITIES = "/properties/capabilities"
CLEAN = "automated_clean"


def wanted(item: Item, capability_names: list[str], now: str | None = None) -> dict[str, Any]:
    """The node of an item as it is created.

    ``now`` are the capabilities that the node has, in Ironic's format, and ``capability_names``
    those of them that are Doni's.
    """
    properties = item.properties
    described = {
        "capabilities": capabilities.merged(properties, capability_names, now),
        "cpu_arch": properties.get("cpu_arch"),
    }
    return {
        "uuid": item.uuid,
        "name": item.name,
        "driver": drivers.name(properties),
        "driver_info": drivers.info(properties),
        "resource_class": properties.get("baremetal_resource_class") or "baremetal",
        "properties": {key: value for key, value in described.items() if value},
        **settings(properties),
    }


def settings(properties: dict[str, Any]) -> dict[str, Any]:
    """What the node shall have in place of Ironic's defaults, by Ironic's names."""
    interfaces = properties.get("baremetal_interfaces") or {}
    found = {f"{kind}_interface": name for kind, name in interfaces.items()}
    found[CLEAN] = properties.get("baremetal_automated_clean")
    return {key: value for key, value in found.items() if value is not None}


def patch(
    node: dict[str, Any], wish: dict[str, Any], new_secrets: bool, ours: Collection[str] = ()
) -> Patch:
    """The JSON patch that makes ``node`` as ``wish`` says; it leaves alone what is not Doni's.

    Ironic does not show secrets: they are written if ``new_secrets``, or if there are none.
    ``ours`` are the settings that Doni gave the node before.
    """
    found: Patch = []
    for key in ("name", "driver", "resource_class"):
        _compare(found, f"/{key}", node.get(key), wish[key])
    for key in sorted(set(ours) | {key for key in wish if is_setting(key)}):
        _compare(found, f"/{key}", node.get(key), wish.get(key))
    present = node.get("driver_info") or {}
    for key in drivers.KEYS:
        value = wish["driver_info"].get(key)
        if key in drivers.SECRET and value is not None and key in present:
            if new_secrets:
                found.append({"op": "replace", "path": f"/driver_info/{key}", "value": value})
        elif key not in drivers.SECRET or value is not None or _stale(key, wish, new_secrets):
            _compare(found, f"/driver_info/{key}", present.get(key), value)
    present = node.get("properties") or {}
    for key in ("capabilities", "cpu_arch"):
        _compare(found, f"/properties/{key}", present.get(key), wish["properties"].get(key))
    return found


def is_setting(key: str) -> bool:
    """Whether this is what :func:`settings` may say."""
    return key == CLEAN or key.endswith("_interface")


def _stale(key: str, wish: dict[str, Any], new_secrets: bool) -> bool:
    """Whether a secret that the record does not hold may be removed.

    One that somebody else gave the node stays, unless it belongs to another driver.
    """
    return new_secrets or not key.startswith(str(wish["driver"]))


def _compare(found: Patch, path: str, present: Any, value: Any) -> None:
    # Ports may be there as texts.
    if present == value or (type(value) is int and str(present) == str(value)):
        return
    if value is None:
        found.append({"op": "remove", "path": path})
    else:
        op = "add" if present is None else "replace"
        found.append({"op": op, "path": path, "value": value})


def harmless(patch: Patch) -> Patch:
    """The operations that do not touch what a user of the node, or Nova, relies on."""
    # Another driver's information goes with that driver: the present one needs its own.
    same = all(operation["path"] != DRIVER for operation in patch)
    return [
        operation
        for operation in patch
        if operation["path"] == "/name" or (same and operation["path"].startswith("/driver_info/"))
    ]


def unnoticed(patch: Patch) -> bool:
    """Whether a node need not be taken out of service: only its name or secrets change."""
    names = {operation["path"].rpartition("/")[2] for operation in patch}
    return names <= {"name", *drivers.SECRET}


def paths(patch: Patch) -> str:
    """What changes, for people; never the values."""
    return ", ".join(operation["path"].lstrip("/") for operation in patch)
