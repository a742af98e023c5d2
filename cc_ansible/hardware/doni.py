"""What Doni has, and the few things it is asked to do."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cc_ansible.errors import CcError
from cc_ansible.hardware.rest import Refused, Service
from cc_ansible.hardware.spans import Span, outer
from cc_ansible.hardware.windows import Change, Window

if TYPE_CHECKING:
    from cc_ansible.hardware.credentials import Cloud

SERVICE = "inventory"
THREADS = 8
ABSENT = 404
Operation = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """What one worker of Doni has to do for an item."""

    worker: str
    state: str
    details: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def deferred(self) -> str:
        """Why it cannot be done yet; empty when it can."""
        reason = self.details.get("defer_reason")
        return str(reason) if reason and self.state != "STEADY" else ""

    @property
    def deferrals(self) -> int:
        """How often it could not be done so far."""
        count = self.details.get("defer_count")
        return count if isinstance(count, int) else 0

    @property
    def error(self) -> str:
        """Why it failed; empty when it did not."""
        if self.state != "ERROR":
            return ""
        return str(self.details.get("last_error") or "no reason given")

    @property
    def failed(self) -> bool:
        """Whether it failed the last time; it may be tried again just now."""
        return self.state == "ERROR" or (self.state != "STEADY" and "last_error" in self.details)


@dataclass(frozen=True)
class Enrolled:
    """One item as Doni shows it; secrets among its properties are masked."""

    uuid: str
    name: str
    project_id: str
    kind: str
    properties: Mapping[str, Any] = field(repr=False)
    tasks: Sequence[Task] = ()

    @property
    def state(self) -> str:
        """The state of its worst task, or ``DEFERRED``; STEADY when it has none."""
        states = {task.state for task in self.tasks}
        if "ERROR" in states:
            return "ERROR"
        if any(task.deferred for task in self.tasks):
            return "DEFERRED"
        rank = ("PENDING", "IN_PROGRESS")
        return next((state for state in rank if state in states), "STEADY")


class Doni:
    """The inventory service of a site, as its admin."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._own = Service(cloud, SERVICE, "Doni", "enable_doni")

    def hardware(self) -> list[Enrolled]:
        """Every item of every project.

        :raises CcError: Doni cannot be asked.
        """
        found: list[Enrolled] = []
        path = "/v1/hardware/?all_projects=true"
        while path:
            body = self._own.get(path, "hardware")
            found += [enrolled(item) for item in body["hardware"]]
            links = body.get("links", [])
            path = next((str(each["href"]) for each in links if each.get("rel") == "next"), "")
        return found

    def windows(self, uuids: Iterable[str]) -> dict[str, list[Window]]:
        """The windows of items: all in one call, or one call each where Doni is an older one.

        :raises CcError: Doni cannot be asked.
        """
        wanted: dict[str, list[Window]] = {uuid: [] for uuid in uuids}
        if not wanted:
            return wanted
        try:
            body = self._own.get("/v1/availability?all_projects=true", "availability")
        except Refused as problem:
            if problem.status != ABSENT:
                raise
            return self._one_by_one(list(wanted))
        for entry in body["availability"]:
            if (found := wanted.get(str(entry.get("hardware_uuid")))) is not None:
                found += _window(entry)
        return wanted

    def create(
        self, name: str, kind: str, properties: Mapping[str, Any], project_id: str
    ) -> Enrolled:
        """Enrol an item for a project.

        :raises CcError: Doni or Keystone refuses it.
        """
        body = {"name": name, "hardware_type": kind, "properties": dict(properties)}
        service = self._own
        if project_id != self._cloud.project_id:
            service = Service(self._cloud, SERVICE, "Doni", "enable_doni", project_id)
        return enrolled(service.call("POST", "/v1/hardware/", body))

    def change(self, uuid: str, operations: Sequence[Operation]) -> Enrolled:
        """Change an item and its windows, all or nothing.

        :raises CcError: Doni refuses it.
        """
        return enrolled(self._own.call("PATCH", f"/v1/hardware/{uuid}/", list(operations)))

    def sync(self, uuid: str) -> None:
        """Have the workers look at an item again; nothing happens when it is gone.

        :raises CcError: Doni refuses it.
        """
        self._unless_gone("POST", f"/v1/hardware/{uuid}/sync")

    def retire(self, uuid: str) -> None:
        """Have an item removed; nothing happens when it is gone already.

        :raises CcError: Doni refuses it.
        """
        self._unless_gone("DELETE", f"/v1/hardware/{uuid}/")

    def _unless_gone(self, method: str, path: str) -> None:
        try:
            self._own.call(method, path)
        except Refused as problem:
            if problem.status != ABSENT:
                raise

    def _one_by_one(self, uuids: Sequence[str]) -> dict[str, list[Window]]:
        def ask(uuid: str) -> list[Window]:
            try:
                body = self._own.get(f"/v1/hardware/{uuid}/availability", "availability")
            except Refused as problem:
                if problem.status != ABSENT:
                    raise
                return []
            return [window for entry in body["availability"] for window in _window(entry)]

        with ThreadPoolExecutor(THREADS) as pool:
            return dict(zip(uuids, pool.map(ask, uuids), strict=True))


def enrolled(body: Mapping[str, Any]) -> Enrolled:
    """An item as Doni writes it.

    :raises CcError: it is none.
    """
    try:
        return Enrolled(
            str(body["uuid"]),
            str(body["name"]),
            str(body["project_id"]),
            str(body["hardware_type"]),
            dict(body["properties"]),
            tuple(
                Task(str(task["worker_type"]), str(task["state"]), task.get("state_details") or {})
                for task in body.get("workers", [])
            ),
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise CcError("Doni's answer makes no sense.", detail=repr(problem)) from None


def patch(
    before: Mapping[str, Any], after: Mapping[str, Any], keys: Iterable[str]
) -> list[Operation]:
    """The operations that give properties named ``keys`` the values of ``after``."""
    found: list[Operation] = []
    for key in keys:
        path = f"/properties/{key}"
        if key in after:
            found.append({"op": "add", "path": path, "value": after[key]})
        elif key in before:
            found.append({"op": "remove", "path": path})
    return found


def window_patch(changes: Iterable[Change]) -> list[Operation]:
    """The operations that change windows; those that are dropped make room first."""
    found: list[Operation] = []
    for change in changes:
        path = f"/availability/{change.uuid}"
        if change.kind == "drop":
            found.insert(0, {"op": "remove", "path": path})
        elif change.after and change.kind == "add":
            ends = {"start": moment(change.after.start), "end": moment(change.after.end)}
            found.append({"op": "add", "path": "/availability/-", "value": ends})
        elif change.after and change.before:
            for end in ("start", "end"):
                value = getattr(change.after, end)
                if value != getattr(change.before, end):
                    operation = {"op": "replace", "path": f"{path}/{end}", "value": moment(value)}
                    found.append(operation)
    return found


def moment(time: datetime.datetime) -> str:
    """A time as Doni reads it."""
    return time.astimezone(datetime.UTC).isoformat(timespec="seconds")


def _window(entry: Mapping[str, Any]) -> list[Window]:
    """A window; none where it has no length, which nothing here makes."""
    try:
        start = datetime.datetime.fromisoformat(entry["start"]).astimezone(datetime.UTC)
        end = datetime.datetime.fromisoformat(entry["end"]).astimezone(datetime.UTC)
        span: Span | None = outer(start, end)
    except (KeyError, TypeError, ValueError) as problem:
        raise CcError("Doni's answer makes no sense.", detail=repr(problem)) from None
    return [Window(str(entry["uuid"]), span)] if span else []
