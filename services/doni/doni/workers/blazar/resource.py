"""The worker for things that Blazar lets users reserve, whatever they are."""

from __future__ import annotations

import abc
import datetime
from collections.abc import Sequence
from typing import Any

from oslo_config import cfg

from doni.conf import blazar as options
from doni.workers.base import Defer, Item, Outcome, Success, Window, Worker, WorkerError
from doni.workers.blazar import capabilities
from doni.workers.blazar.calendar import Calendar, Kind, Run
from doni.workers.blazar.listing import Leases
from doni.workers.blazar.projects import Projects
from doni.workers.client import Client, Reply

NOT_FOUND = (
    "Can not make resource reservable, as the underlying entity could not be found. Blazar: "
)
IN_USE = "Active leases exist for resource: "
LEASES = "One or more availability window leases failed to update: "


class ResourceWorker(Worker):
    """Makes Blazar know an item, and keeps its windows free of users.

    State details: ``blazar_resource_id``, ``resource_created_at``, ``resource_updated_at`` and
    ``resource_deleted_at`` as texts; ``leases_written_at``, when Doni last changed leases of the
    item; ``extra_properties``, names of further capabilities that Doni has set.
    """

    kind: Kind
    """How Blazar calls these things."""

    names: frozenset[str]
    """Capabilities that are always Doni's."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        super().__init__(conf)
        group = conf[options.GROUP]
        self._client = Client(conf, options.GROUP, "Blazar", version="v1")
        keystone = Client(conf, options.GROUP, "Keystone", version="v3", service_type="identity")
        self._projects = Projects(keystone, group.project_age)
        leases = Leases(self._client, group.lease_list_age)
        self._calendar = Calendar(self._client, leases, self.kind)

    @abc.abstractmethod
    def key(self, item: Item) -> str:
        """The name by which Blazar finds what an item is."""

    @abc.abstractmethod
    def described(self, item: Item) -> dict[str, Any]:
        """Capabilities of an item; those without a value are not set."""

    @abc.abstractmethod
    def matches(self, resource: dict[str, Any], item: Item) -> bool:
        """Whether a resource of Blazar is this item."""

    def process(
        self, item: Item, windows: Sequence[Window], state_details: dict[str, Any]
    ) -> Outcome:
        if item.deleted:
            return self._remove(item, state_details)
        wish = self._wish(item)
        problem: str | None
        payload: dict[str, Any]
        resource_id = state_details.get("blazar_resource_id")
        if not resource_id:
            reply = self._create(item, wish)
            if isinstance(reply, Defer):
                return reply
            resource_id = str(reply["id"])
            payload, problem = _known(reply), None
        else:
            updated = self._update(resource_id, wish, state_details)
            if isinstance(updated, Defer):
                return updated
            payload, problem = updated
        before = state_details.get("extra_properties") or []
        # What could not be changed may still be there.
        names = sorted({*self._extra(item), *(before if problem else ())})
        if names != before:
            payload["extra_properties"] = names or None
        return self._with_windows(item, windows, resource_id, state_details, payload, problem)

    def _with_windows(
        self,
        item: Item,
        windows: Sequence[Window],
        resource_id: str,
        details: dict[str, Any],
        payload: dict[str, Any],
        problem: str | None,
    ) -> Outcome:
        """Bring the leases in line."""
        run = self._calendar.run(item.uuid, resource_id, details.get("leases_written_at"))
        refused = _follow(run, windows, payload)
        reasons = [problem] if problem else []
        if refused:
            reasons.append(LEASES + "; ".join(refused))
        return Defer(" ".join(reasons), payload) if reasons else Success(payload)

    def _wish(self, item: Item) -> dict[str, str]:
        """The capabilities of an item.

        Raises:
            WorkerError: Keystone does not tell the ids of projects.
        """
        found = {**self._extra(item), **self.described(item)}
        projects = item.properties.get("authorized_projects")
        if projects:
            found[capabilities.AUTHORIZED] = ",".join(self._projects.ids(projects))
        found[capabilities.REASON] = item.properties.get("authorized_projects_reason")
        kept = {name: value for name, value in found.items() if value not in (None, "")}
        if projects:
            # Nobody, if none of the projects exists.
            kept.setdefault(capabilities.AUTHORIZED, "")
        return {name: capabilities.text(value) for name, value in kept.items()}

    def _extra(self, item: Item) -> dict[str, Any]:
        """Capabilities that the owner made up; they cannot stand for others."""
        given: dict[str, Any] = item.properties.get("extra_properties") or {}
        taken = self.names | capabilities.RESERVED
        return {name: value for name, value in given.items() if name not in taken}

    def _create(self, item: Item, wish: dict[str, str]) -> dict[str, Any] | Defer:
        body = {"name": self.key(item), **wish}
        reply = self._client.request("POST", self.kind.path, json=body, allow=(404, 409))
        if reply.code == 404:
            return Defer(NOT_FOUND + reply.text)
        if reply.code == 409:
            return self._adopt(item, reply)
        made: dict[str, Any] = reply.body[self.kind.name]
        return made

    def _adopt(self, item: Item, conflict: Reply) -> Defer:
        """Take over what an earlier run made without living to tell.

        Raises:
            WorkerError: the conflict is with something else.
        """
        if conflict.text.startswith("Servers"):
            return Defer(f"It can be made reservable once it has no servers: {conflict.text}")
        found = self._find(item)
        if found is None:
            raise WorkerError(
                f"Blazar refuses the {self.kind.name}, but does not have it: {conflict.text}"
            )
        return Defer(
            f"Blazar has the {self.kind.name} already; it is used from now on.", _known(found)
        )

    def _find(self, item: Item) -> dict[str, Any] | None:
        resources = self._client.get(self.kind.path)[self.kind.names]
        return next((entry for entry in resources if self.matches(entry, item)), None)

    def _update(
        self, resource_id: str, wish: dict[str, str], details: dict[str, Any]
    ) -> tuple[dict[str, Any], str | None] | Defer:
        """The payload, and what could not be changed."""
        path = f"{self.kind.path}/{resource_id}"
        reply = self._client.request("GET", path, allow=(404,))
        if reply.code == 404:
            return self._gone()
        ours = {*self.names, *(details.get("extra_properties") or [])}
        # Only what differs: Blazar refuses to write others that reservations ask for.
        todo = capabilities.differing(reply.body[self.kind.name], wish, ours)
        if not todo:
            return {}, None
        reply = self._client.request("PUT", path, json=todo, allow=(404, 409))
        if reply.code == 404:
            return self._gone()
        if reply.code == 409:
            return {}, IN_USE + reply.text + "."
        return {"resource_updated_at": _now()}, None

    def _gone(self) -> Defer:
        """Forget what Blazar does not have; the next run makes it anew."""
        gone = {"blazar_resource_id": None, "resource_created_at": None}
        return Defer(f"Blazar does not have the {self.kind.name} any more.", gone)

    def _remove(self, item: Item, details: dict[str, Any]) -> Outcome:
        """Delete leases, then the resource; what is not there is done."""
        resource_id = details.get("blazar_resource_id")
        if not resource_id:
            # An earlier run may have made it without living to tell.
            found = self._find(item)
            resource_id = str(found["id"]) if found else None
        payload = {} if resource_id is None else {"blazar_resource_id": resource_id}
        run = self._calendar.run(item.uuid, resource_id, details.get("leases_written_at"))
        refused = _follow(run, (), payload)
        if refused:
            return Defer(LEASES + "; ".join(refused), payload)
        if resource_id:
            path = f"{self.kind.path}/{resource_id}"
            reply = self._client.request("DELETE", path, allow=(404, 409))
            if reply.code == 409:
                return Defer(IN_USE + reply.text + run.users(), payload)
        gone = {"blazar_resource_id": None, "resource_created_at": None}
        return Success({**payload, **gone, "resource_deleted_at": _now()})

    def import_existing(self) -> list[dict[str, Any]]:
        """What Blazar has: ``uuid``, ``name``, ``properties`` and ``state_details`` of each.

        Raises:
            WorkerError: Blazar does not tell.
        """
        resources = self._client.get(self.kind.path)[self.kind.names]
        found = (self.imported(resource) for resource in resources)
        return [entry for entry in found if entry]

    @abc.abstractmethod
    def imported(self, resource: dict[str, Any]) -> dict[str, Any] | None:
        """One resource as an item; None if it cannot be one."""


def _follow(run: Run, windows: Sequence[Window], payload: dict[str, Any]) -> list[str]:
    """What was refused. The payload is kept whatever comes of it.

    Raises:
        WorkerError: as ``Run.follow``, with the payload.
    """
    try:
        return run.follow(windows)
    except WorkerError as error:
        raise WorkerError(
            str(error), heals=error.heals, payload={**payload, **run.payload}
        ) from error
    finally:
        payload.update(run.payload)


def _known(resource: dict[str, Any]) -> dict[str, Any]:
    """What to remember of a resource."""
    return {
        "blazar_resource_id": str(resource["id"]),
        "resource_created_at": resource.get("created_at"),
    }


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
