"""Provision states of nodes, and waiting for them."""

from __future__ import annotations

import time
from typing import Any

from doni.workers.base import Defer, WorkerError
from doni.workers.client import Client

ENROLL = "enroll"
MANAGEABLE = "manageable"
AVAILABLE = "available"

FREE = frozenset({ENROLL, MANAGEABLE, AVAILABLE})
"""Nobody uses the node, and nothing happens to it."""

RECOVERABLE = frozenset({"clean failed", "inspect failed"})
"""It failed while nobody used it; ``manage`` gets it out of there."""

FAILED = frozenset(
    {
        "adopt failed",
        "deploy failed",
        "error",
        "rescue failed",
        "service failed",
        "unrescue failed",
    }
)
"""Somebody has to look at it."""

PASSING = frozenset(
    {"clean wait", "cleaning", "clean hold", "inspect wait", "inspecting", "verifying"}
)
"""Nobody uses it, and it will be free soon; a cleaning may take an hour."""


def free(node: dict[str, Any]) -> bool:
    """Whether a node can be changed freely."""
    return not node.get("instance_uuid") and node["provision_state"] in FREE | RECOVERABLE


SLOW = frozenset({"inspect", "provide"})
"""Verbs that may take an hour: the node boots for them."""

PATIENCE = 3
"""How often a failed node is asked for its reason."""


class Moves:
    """Moves nodes from state to state. ``interval`` grows up to ``longest``; all in seconds."""

    def __init__(self, client: Client, timeout: float, interval: float, longest: float) -> None:
        self._client = client
        self._timeout = timeout
        self._interval = interval
        self._longest = longest

    def move(self, uuid: str, verb: str, wanted: str) -> dict[str, Any] | Defer:
        """Ask for a change of state, and wait for it; the node in that state.

        It is a Defer when the node needs more time for something that takes long.

        Raises:
            WorkerError: Ironic refuses, the node failed, or nothing happened in time.
        """
        self._client.request("PUT", f"/nodes/{uuid}/states/provision", json={"target": verb})
        deadline = time.monotonic() + self._timeout
        interval = self._interval
        silent = 0
        while True:
            node: dict[str, Any] = self._client.get(f"/nodes/{uuid}")
            state = node["provision_state"]
            if state == wanted:
                return node
            if _gave_up(node):
                # Ironic sets the state first, and a moment later the reason.
                silent += 1
                if node.get("last_error") or silent > PATIENCE:
                    raise failure(node, wanted)
            left = deadline - time.monotonic()
            if left <= 0:
                break
            time.sleep(min(interval, left))
            interval = min(interval * 1.5, self._longest)
        if state in PASSING and verb in SLOW:
            return Defer(f"Ironic node {uuid} is still {state}.")
        raise WorkerError(
            f"Ironic node {uuid} timed out updating its provision state to {wanted}; it is {state}"
        )


def _gave_up(node: dict[str, Any]) -> bool:
    """Whether a node will not reach the state that it was on its way to."""
    state = node["provision_state"]
    # A node that cannot be managed goes back to where it was, and tells why.
    returned = state == ENROLL and node.get("last_error") and not node.get("target_provision_state")
    return bool(returned) or state in FAILED | RECOVERABLE


def failure(node: dict[str, Any], wanted: str) -> WorkerError:
    """What to say of a node that failed."""
    reason = node.get("last_error") or node.get("maintenance_reason") or "Ironic does not say why"
    state = node["provision_state"]
    return WorkerError(f"Ironic node {node['uuid']} did not become {wanted} ({state}): {reason}")


def fault(node: dict[str, Any]) -> WorkerError:
    """What to say of a node that Ironic itself took out of service."""
    reason = node.get("maintenance_reason") or node.get("last_error") or "Ironic does not say why"
    return WorkerError(
        f"Ironic took node {node['uuid']} out of service ({node['fault']}): {reason}"
    )
