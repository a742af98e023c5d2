"""The worker: what to do with a node in which state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oslo_config import cfg

from doni.conf import ironic as options
from doni.workers.base import Defer, Item, Outcome, Window, Worker, WorkerError
from doni.workers.client import Client, ServiceError
from doni.workers.ironic import importing
from doni.workers.ironic.job import Job
from doni.workers.ironic.removal import Removal
from doni.workers.ironic.states import Moves

MICROVERSION = "1.51"


class IronicWorker(Worker):
    """Enrols items as nodes of the same uuid.

    State details: ``created_at`` of the node, ``secrets_fingerprint`` of the passwords that were
    written last, ``capability_names``, ``setting_names`` and ``traits`` that are Doni's to remove.
    """

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        super().__init__(conf)
        group = conf[options.GROUP]
        self._client = Client(
            conf, options.GROUP, "Ironic", version="v1", microversion=MICROVERSION
        )
        self._moves = Moves(
            self._client,
            group.provision_state_timeout,
            group.provision_state_interval,
            group.provision_state_interval_max,
        )
        self._key: str = group.fingerprint_key

    def process(
        self, item: Item, windows: Sequence[Window], state_details: dict[str, Any]
    ) -> Outcome:
        payload: dict[str, Any] = {}
        try:
            if item.deleted:
                return Removal(self._client, self._moves, item.uuid).run()
            job = Job(self._client, self._moves, item, state_details, self._key, payload)
            outcome = job.run()
        except WorkerError as error:
            if isinstance(error, ServiceError) and error.status == 409:
                # Something else is being done with it just now.
                return Defer("Node is locked.", payload)
            raise WorkerError(str(error), heals=error.heals, payload=payload) from error
        return Defer(outcome.reason, payload) if isinstance(outcome, Defer) else outcome

    def import_existing(self) -> list[dict[str, Any]]:
        """The nodes of Ironic as items: see ``importing``."""
        return importing.items(self._client)
