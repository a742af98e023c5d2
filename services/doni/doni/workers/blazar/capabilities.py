"""Capabilities of resources: texts that users can ask for, some of them with a meaning."""

from __future__ import annotations

from typing import Any

ANYBODY = "all"
"""``authorized_projects`` of what everybody may reserve again. An empty text is for nobody."""

AUTHORIZED = "authorized_projects"

REASON = "restricted_reason"

RESERVED = frozenset(
    {
        "availability_zone",
        "cpu_info",
        "created_at",
        "hypervisor_hostname",
        "hypervisor_type",
        "hypervisor_version",
        "id",
        "local_gb",
        "memory_mb",
        "name",
        "reservable",
        "service_name",
        "status",
        "trust_id",
        "updated_at",
        "vcpus",
    }
)
"""Names with which one would tell Blazar what a resource is, not what it is like."""


def text(value: Any) -> str:
    """A value as the text that Blazar keeps."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def differing(present: dict[str, Any], wish: dict[str, str], ours: set[str]) -> dict[str, str]:
    """What has to be written so that ``present`` becomes ``wish``.

    ``ours`` are the names that are Doni's. Blazar cannot remove a capability: one of those that
    is not wished any more becomes empty.
    """
    found = {name: value for name, value in wish.items() if not _same(name, present, value)}
    for name in sorted(ours - wish.keys()):
        if present.get(name) not in (None, "", empty(name)):
            found[name] = empty(name)
    if AUTHORIZED in ours - wish.keys() and present.get(AUTHORIZED) == "":
        # Here the empty text means something.
        found[AUTHORIZED] = ANYBODY
    return found


def empty(name: str) -> str:
    """What stands for no value."""
    return ANYBODY if name == AUTHORIZED else ""


def _same(name: str, present: dict[str, Any], value: str) -> bool:
    now = present.get(name)
    if now is None:
        return False
    if text(now) == value:
        return True
    if name == AUTHORIZED:
        return set(text(now).split(",")) == set(value.split(","))
    try:
        # Databases write numbers in their own ways.
        return float(text(now)) == float(value)
    except ValueError:
        return False
