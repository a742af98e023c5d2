"""One go at making a node as its item says."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from typing import Any

from doni.workers import fingerprint
from doni.workers.base import Defer, Item, Outcome, Success, WorkerError
from doni.workers.client import Client, ServiceError
from doni.workers.ironic import capabilities, drivers, maintenance, nodes, ports, states
from doni.workers.ironic.states import Moves

CLEAN_FAILURE = "clean failure"
"""Why Ironic itself takes a node out of service when it cannot be cleaned."""


class Job:
    """What is known and done of one item.

    ``payload`` receives what to remember, also after a failure. ``key`` is that of fingerprints.
    """

    def __init__(
        self,
        client: Client,
        moves: Moves,
        item: Item,
        details: dict[str, Any],
        key: str,
        payload: dict[str, Any],
    ) -> None:
        self._client = client
        self._moves = moves
        self._item = item
        self._details = details
        self._key = key
        self._payload = payload

    def run(self) -> Outcome:
        """Make the node, or change it.

        Raises:
            WorkerError: Ironic refuses, cannot be reached, or the node failed.
        """
        reply = self._client.request("GET", f"/nodes/{self._item.uuid}", allow=(404,))
        if reply.code == 404:
            return self._create()
        return self._change(reply.body)

    def _create(self) -> Outcome:
        wish = nodes.wanted(self._item, [])
        try:
            node = self._client.request("POST", "/nodes", json=wish).body
        except ServiceError as error:
            if error.status == 409 and "with name" in error.text:
                raise WorkerError(f"Ironic has another node named {self._item.name}") from error
            raise
        self._remember()
        # Before the node is cleaned: that needs its ports.
        self._ports(
            ports.plan(node["uuid"], self._interfaces, ports.listed(self._client, node["uuid"]))
        )
        self._traits(node)
        return self._settle(node)

    def _change(self, node: dict[str, Any]) -> Outcome:
        uuid = node["uuid"]
        if maintenance.others(node):
            reason = node.get("maintenance_reason") or "no reason given"
            return Defer(f"Ironic node {uuid} is in maintenance: {reason}")
        if self._reason:
            maintenance.begin(self._client, node, self._reason)
            node = {**node, "maintenance": True, "maintenance_reason": self._reason, "fault": None}
        patch = self._patch(node)
        todo = ports.plan(uuid, self._interfaces, ports.listed(self._client, uuid))
        if not states.free(node):
            return self._busy(node, patch, todo)
        rest = todo.needs_rest or not nodes.unnoticed(patch)
        if rest and node["provision_state"] == states.AVAILABLE and not node.get("maintenance"):
            moved = self._moves.move(uuid, "manage", states.MANAGEABLE)
            if isinstance(moved, Defer):
                return moved
            node = moved
        self._write(node, patch)
        self._ports(todo)
        self._traits(node)
        return self._settle(node)

    def _busy(self, node: dict[str, Any], patch: nodes.Patch, todo: ports.Plan) -> Outcome:
        """Change what can be changed of a node that is in use, or on its way somewhere."""
        uuid, state = node["uuid"], node["provision_state"]
        if state in states.FAILED:
            raise states.failure(node, states.AVAILABLE)
        if state in states.PASSING:
            return Defer(f"Ironic node {uuid} is {state}.")
        now = patch if node.get("maintenance") else nodes.harmless(patch)
        later = [operation for operation in patch if operation not in now]
        self._write(node, now, later)
        if todo and not (todo.change or todo.delete):
            self._ports(todo)
            todo = ports.Plan()
        self._traits(node)
        self._unmaintain(node)
        if not later and not todo:
            return self._success(node)
        what = nodes.paths(later) + (", " if later and todo else "") + ("ports" if todo else "")
        return Defer(f"Ironic node {uuid} is in use ({state}); changed when it is free: {what}")

    def _settle(self, node: dict[str, Any]) -> Outcome:
        """Bring a node that nobody uses to where Nova can use it, or out of service."""
        uuid = node["uuid"]
        if self._reason:
            maintenance.begin(self._client, node, self._reason)
            return self._success(node)
        if node.get("fault") and node["fault"] != CLEAN_FAILURE:
            # Such as a power failure: Ironic ends that as soon as the controller answers.
            raise states.fault(node)
        self._unmaintain(node)
        for verb, wanted in _way(node, inspect=bool(self._properties.get("baremetal_inspect"))):
            moved = self._moves.move(uuid, verb, wanted)
            if isinstance(moved, Defer):
                return moved
            node = moved
        return self._success(node)

    def _success(self, node: dict[str, Any]) -> Success:
        return Success({**self._payload, "created_at": node.get("created_at")})

    @property
    def _reason(self) -> str | None:
        return maintenance.wished(self._item)

    @property
    def _properties(self) -> dict[str, Any]:
        return self._item.properties

    @property
    def _interfaces(self) -> list[dict[str, Any]]:
        return self._properties.get("interfaces") or []

    @property
    def _secrets(self) -> dict[str, str]:
        info = drivers.info(self._properties)
        return {key: str(value) for key, value in info.items() if key in drivers.SECRET}

    @functools.cached_property
    def _known_secrets(self) -> bool:
        """Whether the secrets are those that were written last."""
        last = self._details.get("secrets_fingerprint")
        return fingerprint.fits(self._secrets, self._key, last)

    def _patch(self, node: dict[str, Any]) -> nodes.Patch:
        now = (node.get("properties") or {}).get("capabilities")
        ours = self._details.get("capability_names") or []
        wish = nodes.wanted(self._item, ours, now)
        former = self._details.get("setting_names") or []
        return nodes.patch(node, wish, not self._known_secrets, former)

    def _write(
        self, node: dict[str, Any], patch: nodes.Patch, later: Sequence[dict[str, Any]] = ()
    ) -> None:
        """Change the node; ``later`` is what has to wait."""
        if patch:
            # The interfaces of another driver may not exist for this one.
            changed = any(operation["path"] == nodes.DRIVER for operation in patch)
            params = {"reset_interfaces": "True"} if changed else None
            self._client.request("PATCH", f"/nodes/{node['uuid']}", json=patch, params=params)
        self._remember(later)

    def _remember(self, later: Sequence[dict[str, Any]] = ()) -> None:
        """Keep in ``payload`` what the next run has to know of what is written now."""
        paths = {operation["path"] for operation in later}
        if not self._known_secrets and nodes.DRIVER not in paths:
            self._payload["secrets_fingerprint"] = fingerprint.made(self._secrets, self._key)
        if not any(nodes.is_setting(path.lstrip("/")) for path in paths):
            self._keep("setting_names", nodes.settings(self._properties))
        if nodes.CAPABILITIES in paths:
            # Those that are not wished any more are still there.
            return
        self._keep("capability_names", capabilities.wished(self._properties))

    def _keep(self, detail: str, wished: Iterable[str]) -> None:
        """Remember the names of what is Doni's to remove."""
        names = sorted(wished)
        if names != (self._details.get(detail) or []):
            self._payload[detail] = names or None

    def _ports(self, todo: ports.Plan) -> None:
        ports.carry_out(self._client, todo)

    def _traits(self, node: dict[str, Any]) -> None:
        """Set the traits, if the item has any or had some."""
        wish = self._properties.get("traits")
        if wish is None and not self._details.get("traits"):
            return
        if sorted(node.get("traits") or []) != sorted(wish or []):
            self._client.request(
                "PUT", f"/nodes/{node['uuid']}/traits", json={"traits": wish or []}
            )
        if wish != self._details.get("traits"):
            self._payload["traits"] = wish or None

    def _unmaintain(self, node: dict[str, Any]) -> None:
        """End what Doni or Ironic began; maintenance by others never gets here."""
        if not self._reason and node.get("fault") in (None, "", CLEAN_FAILURE):
            maintenance.end(self._client, node)


def _way(node: dict[str, Any], *, inspect: bool) -> list[tuple[str, str]]:
    """Verbs and the states they lead to, from where a node is to available."""
    state, manage = node["provision_state"], ("manage", states.MANAGEABLE)
    unseen = inspect and not node.get("inspection_finished_at")
    if state == states.AVAILABLE and not unseen:
        return []
    way = [] if state == states.MANAGEABLE else [manage]
    if unseen:
        way.append(("inspect", states.MANAGEABLE))
    return [*way, ("provide", states.AVAILABLE)]
