"""What the outcome of a worker means for its task."""

from __future__ import annotations

import json
from typing import Any

from oslo_config import cfg

from doni.db.claims import Claim
from doni.db.models import State
from doni.db.tasks import Result
from doni.engine import backoff
from doni.workers.base import Defer, Success

PASSING = ("last_error", "defer_count", "defer_reason", "result")
"""Details that only hold until the next success."""

UNSTORABLE = "The worker returned details that cannot be stored"

LONGEST_MESSAGE = 4096
LARGEST_DETAILS = 1024 * 1024


def storable(details: dict[str, Any]) -> bool:
    """Whether the database can keep the details."""
    try:
        return len(json.dumps(details, allow_nan=False)) <= LARGEST_DETAILS
    except (TypeError, ValueError, RecursionError):
        return False


def succeeded(claim: Claim, outcome: Success) -> Result:
    """The service agrees with the record. A None of the payload is kept."""
    details = {**claim.state_details, **outcome.payload}
    for key in PASSING:
        details.pop(key, None)
    return Result(claim.task_id, claim.generation, State.STEADY, details)


def deferred(claim: Claim, outcome: Defer, reason: str, conf: cfg.ConfigOpts) -> Result:
    """Try again later. A None of the payload removes the detail."""
    details = _merged(claim.state_details, outcome.payload)
    count = details.get("defer_count")
    details["defer_count"] = (count if isinstance(count, int) else 0) + 1
    details["defer_reason"] = reason[:LONGEST_MESSAGE]
    delay = _delay(claim, conf, conf.worker.defer_delay_max)
    return Result(
        claim.task_id, claim.generation, State.PENDING, details, claim.attempts + 1, delay
    )


def failed(
    claim: Claim,
    message: str,
    conf: cfg.ConfigOpts,
    *,
    heals: bool = True,
    payload: dict[str, Any] | None = None,
) -> Result:
    """It failed; try again by itself if that ``heals``."""
    details = _merged(claim.state_details, payload or {})
    details["last_error"] = message[:LONGEST_MESSAGE]
    delay = _delay(claim, conf, conf.worker.error_delay_max) if heals else None
    return Result(claim.task_id, claim.generation, State.ERROR, details, claim.attempts + 1, delay)


def _merged(details: dict[str, Any], payload: dict[str, Any]) -> dict[str, Any]:
    merged = {**details, **payload}
    return {key: value for key, value in merged.items() if payload.get(key, "") is not None}


def _delay(claim: Claim, conf: cfg.ConfigOpts, most: float) -> float:
    return backoff.delay(claim.attempts, conf.worker.retry_delay, most)
