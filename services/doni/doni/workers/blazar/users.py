"""Who has reserved an item, to tell whom a window has to wait for."""

from __future__ import annotations

import datetime
import logging
from typing import Any

from doni.workers.base import WorkerError
from doni.workers.blazar import times
from doni.workers.blazar.listing import Leases
from doni.workers.client import Client

LOG = logging.getLogger(__name__)


class Users:
    """The reservations of one item; asked for once, and only if somebody wants to know."""

    def __init__(self, client: Client, leases: Leases, path: str, resource_id: str | None) -> None:
        self._client = client
        self._leases = leases
        self._path = f"{path}/{resource_id}/allocation" if resource_id else None
        self._found: list[dict[str, Any]] | None = None

    def told(self, start: datetime.datetime, end: datetime.datetime | None) -> str:
        """Which leases hold the item in that time, for people; empty if none are known."""
        told = []
        for reservation in self._reservations():
            begins = times.parsed(reservation["start_date"])
            ends = times.parsed(reservation["end_date"])
            if ends > start and (end is None or begins < end):
                told.append(self._told(str(reservation["lease_id"]), ends))
        named = dict.fromkeys(text for text in told if text)
        return "; " + ", ".join(named) if named else ""

    def _told(self, lease_id: str, ends: datetime.datetime) -> str | None:
        """One lease, for people; None if it is Doni's."""
        text = f"lease {lease_id} has it until {times.text(ends)} UTC"
        try:
            lease = self._leases.get(lease_id)
            if self._leases.is_ours(lease):
                return None
        except WorkerError as error:
            LOG.warning("Blazar does not tell of lease %s: %s", lease_id, error)
            return text
        project = f"lease {lease_id} of project {lease.project_id}"
        return f"{project} has it until {times.text(ends)} UTC" if lease.project_id else text

    def _reservations(self) -> list[dict[str, Any]]:
        """What Blazar says; nothing if it does not, since that is no reason to fail."""
        if self._path is None:
            return []
        if self._found is None:
            try:
                self._found = self._client.get(self._path)["allocation"]["reservations"]
            except (WorkerError, KeyError, TypeError) as error:
                LOG.warning("Blazar does not tell who has reserved %s: %s", self._path, error)
                self._found = []
        return self._found
