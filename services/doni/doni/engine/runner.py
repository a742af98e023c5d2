"""Have a worker do one task, whatever it does."""

from __future__ import annotations

import copy
import logging

from oslo_config import cfg
from oslo_context.context import RequestContext

from doni.db.claims import Claim
from doni.db.tasks import Result
from doni.engine import masking, outcomes
from doni.exceptions import DoniError
from doni.workers.base import Defer, Success, Worker, WorkerError

LOG = logging.getLogger(__name__)

UNHANDLED = "Unhandled error"
"""All that callers learn of an error that nobody foresaw: its text may hold anything."""


def run(claim: Claim, worker: Worker, conf: cfg.ConfigOpts) -> Result:
    """Have the worker do the task. Never raises."""
    # Gives this thread the id that services are told, and that their logs and ours show.
    RequestContext()
    with masking.secrets_of(claim.item.properties):
        try:
            result = _outcome(claim, worker, conf)
        except BaseException:
            # Also what is meant to end a process: in a thread it would only lose the task.
            LOG.exception("%s failed on hardware %s", claim.worker_type, claim.item.uuid)
            return outcomes.failed(claim, UNHANDLED, conf)
        if not outcomes.storable(result.state_details):
            LOG.error("%s: %s on %s", outcomes.UNSTORABLE, claim.worker_type, claim.item.uuid)
            return outcomes.failed(claim, outcomes.UNSTORABLE, conf)
        return result


def _outcome(claim: Claim, worker: Worker, conf: cfg.ConfigOpts) -> Result:
    if not claim.readable:
        text = "The stored properties cannot be read"
        LOG.error("%s: hardware %s", text, claim.item.uuid)
        return outcomes.failed(claim, text, conf, heals=False)
    try:
        # Copies: what a worker changes in them must not get into the record.
        details = copy.deepcopy(claim.state_details)
        outcome = worker.process(copy.deepcopy(claim.item), claim.windows, details)
    except DoniError as error:
        message = masking.mask(str(error))
        heals = getattr(error, "heals", True)
        payload = error.payload if isinstance(error, WorkerError) else {}
        LOG.warning("%s failed on hardware %s: %s", claim.worker_type, claim.item.uuid, message)
        return outcomes.failed(claim, message, conf, heals=heals, payload=payload)
    if isinstance(outcome, Success):
        return outcomes.succeeded(claim, outcome)
    if isinstance(outcome, Defer):
        reason = masking.mask(str(outcome.reason))
        LOG.info("%s deferred hardware %s: %s", claim.worker_type, claim.item.uuid, reason)
        return outcomes.deferred(claim, outcome, reason, conf)
    raise TypeError(f"{type(worker).__name__}.process returned {type(outcome).__name__}")
