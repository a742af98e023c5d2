"""Ids of projects by their names."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable

from oslo_utils import uuidutils

from doni.workers.client import Client

LOG = logging.getLogger(__name__)


class Projects:
    """Looks names up in Keystone, and remembers them for ``age`` seconds."""

    def __init__(self, keystone: Client, age: float) -> None:
        self._keystone = keystone
        self._age = age
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, str]] = {}

    def ids(self, names: Iterable[str]) -> list[str]:
        """The ids of projects that are given by name or id; without those that do not exist.

        Raises:
            WorkerError: Keystone does not tell.
        """
        found = [name if uuidutils.is_uuid_like(name) else self._id(name) for name in names]
        return list(dict.fromkeys(project_id for project_id in found if project_id))

    def _id(self, name: str) -> str | None:
        with self._lock:
            asked_at, known = self._known.get(name, (0.0, ""))
        if known and time.monotonic() - asked_at <= self._age:
            return known
        projects = self._keystone.get("/projects", params={"name": name})["projects"]
        if len(projects) != 1:
            # Several domains may have one: to guess would let strangers in.
            count = len(projects) or "no"
            LOG.warning("%s projects are named %s; nobody is authorized by that name", count, name)
            return None
        project_id = str(projects[0]["id"])
        with self._lock:
            self._known[name] = (time.monotonic(), project_id)
        return project_id
