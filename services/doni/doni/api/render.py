"""Items and windows as clients see them."""

from __future__ import annotations

from typing import Any

from doni.api import access, service, times
from doni.db.listing import Listed
from doni.db.models import AvailabilityWindow, Hardware
from doni.db.windows import ListedWindow
from doni.hardware import secrets
from doni.hardware.fields import shown
from doni.hardware.types import HardwareType
from doni.policies import hardware as rules

CREDENTIAL_DETAILS = frozenset({"device_api_key", "issued_new_token"})
"""State details by which devices log in."""

RESTRICTIONS = ("authorized_projects", "authorized_projects_reason")

Item = Hardware | Listed


class Renderer:
    """Renders items for the caller of one request, whom it asks the policy about once a project."""

    def __init__(self) -> None:
        self.kinds = service.current().kinds
        self._allowed: dict[tuple[str, str], bool] = {}

    def _may(self, rule: str, project_id: str) -> bool:
        known = (rule, project_id)
        if known not in self._allowed:
            self._allowed[known] = access.allowed(rule, project_id)
        return self._allowed[known]

    def whole(self, item: Item) -> dict[str, Any]:
        """All that whoever may read the item sees."""
        kind = self.kinds.get(item.hardware_type)
        credentials = self._may(rules.GET_CREDENTIALS, item.project_id)
        known = kind.known if kind else ()
        properties = shown(known, item.properties, credentials=credentials)
        workers = _workers(kind, item, credentials) if kind else []
        return {**_head(item), "properties": properties, "workers": workers}

    def public(self, item: Item) -> dict[str, Any]:
        """What everybody sees who may see the export."""
        kind = self.kinds.get(item.hardware_type)
        properties = shown(kind.known, item.properties, public=True) if kind else {}
        if not self._may(rules.EXPORT_RESTRICTIONS, item.project_id):
            for name in RESTRICTIONS:
                properties.pop(name, None)
        return {**_head(item), "properties": properties}


def _head(item: Item) -> dict[str, Any]:
    return {
        "uuid": item.uuid,
        "created_at": times.text(item.created_at),
        "updated_at": times.text(item.updated_at),
        "name": item.name,
        "project_id": item.project_id,
        "hardware_type": item.hardware_type,
    }


def _workers(kind: HardwareType, item: Item, credentials: bool) -> list[dict[str, Any]]:
    hidden = secrets.values(kind.known, item.properties)
    return [
        {
            "worker_type": task.worker_type,
            "state": task.state,
            "state_details": _details(task.state_details, hidden, credentials),
            "observed_state": _details(task.observed_state or {}, hidden, credentials),
        }
        for task in item.tasks
        if task.worker_type in kind.workers
    ]


def _details(details: dict[str, Any], hidden: list[str], credentials: bool) -> Any:
    if not credentials:
        details = {key: value for key, value in details.items() if key not in CREDENTIAL_DETAILS}
    # The workers mask what they store; this is for what older releases stored.
    return secrets.scrubbed(details, hidden)


def window(stored: AvailabilityWindow | ListedWindow) -> dict[str, Any]:
    """A window."""
    return {
        "uuid": stored.uuid,
        "created_at": times.text(stored.created_at),
        "updated_at": times.text(stored.updated_at),
        "start": times.text(stored.start),
        "end": times.text(stored.end),
    }


def listed_window(stored: ListedWindow) -> dict[str, Any]:
    """A window of one of many items."""
    return {**window(stored), "hardware_uuid": stored.hardware_uuid}
