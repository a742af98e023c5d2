"""Nodes that are out of service, by whom and why."""

from __future__ import annotations

from typing import Any

from doni.workers.base import Item
from doni.workers.client import Client

MARK = "Doni: "
"""What the reasons that Doni gives begin with."""


def wished(item: Item) -> str | None:
    """The reason why an item shall be out of service; None if it shall not."""
    wish = item.properties.get("maintenance")
    if not wish:
        return None
    return MARK + (wish if isinstance(wish, str) else "out of service")


def others(node: dict[str, Any]) -> bool:
    """Whether somebody, not Doni and not Ironic, has taken the node out of service."""
    reason = str(node.get("maintenance_reason") or "")
    return bool(node.get("maintenance")) and not reason.startswith(MARK) and not node.get("fault")


def begin(client: Client, node: dict[str, Any], reason: str) -> None:
    """Take a node out of service, if it is not for the same reason.

    Raises:
        WorkerError: Ironic refuses.
    """
    if not node.get("maintenance") or node.get("maintenance_reason") != reason:
        client.request("PUT", f"/nodes/{node['uuid']}/maintenance", json={"reason": reason})


def end(client: Client, node: dict[str, Any]) -> None:
    """Put a node back into service.

    Raises:
        WorkerError: Ironic refuses.
    """
    if node.get("maintenance"):
        client.request("DELETE", f"/nodes/{node['uuid']}/maintenance")
