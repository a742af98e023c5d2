"""Taking a node out of Ironic."""

from __future__ import annotations

from typing import Any

from doni.workers.base import Defer, Outcome, Success
from doni.workers.client import Client
from doni.workers.ironic import states
from doni.workers.ironic.states import Moves

GONE = Success({"created_at": None, "secrets_fingerprint": None})

DELETABLE = frozenset({states.ENROLL, states.MANAGEABLE})
"""States in which Ironic lets a node go; in maintenance it does in all."""


class Removal:
    """Deletes the node of one item, unless somebody uses it."""

    def __init__(self, client: Client, moves: Moves, uuid: str) -> None:
        self._client = client
        self._moves = moves
        self._uuid = uuid

    def run(self) -> Outcome:
        """Delete the node; it is done when there is none.

        Raises:
            WorkerError: Ironic refuses or cannot be reached.
        """
        reply = self._client.request("GET", f"/nodes/{self._uuid}", allow=(404,))
        if reply.code == 404:
            return GONE
        node: dict[str, Any] = reply.body
        state = node["provision_state"]
        # Ironic would delete a node in maintenance under its user's feet.
        if (
            node.get("instance_uuid")
            or state not in states.FREE | states.RECOVERABLE | states.FAILED
        ):
            return Defer(f"Ironic node {self._uuid} is in use or busy ({state}).")
        if state in states.FAILED and not node.get("maintenance"):
            raise states.failure(node, "free to be deleted")
        if state not in DELETABLE and not node.get("maintenance"):
            # Nova cannot choose a node that is being managed.
            moved = self._moves.move(self._uuid, "manage", states.MANAGEABLE)
            if isinstance(moved, Defer):
                return moved
        self._client.request("DELETE", f"/nodes/{self._uuid}", allow=(404,))
        return GONE
