"""What becomes of tasks that are claimed. All that is done to them asks whose claim it is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Float, bindparam, case, null, or_, select, update
from sqlalchemy.sql.expression import ColumnElement

from doni.db import clock, session
from doni.db.models import State, WorkerTask


@dataclass(frozen=True)
class Result:
    """How a claimed task ends.

    ``delay`` is in how many seconds it is due again, None for not by itself. If a wish of a later
    ``generation`` has come meanwhile, only ``state_details`` count: the task is due at once.
    """

    task_id: int
    generation: int
    state: State
    state_details: dict[str, Any]
    attempts: int = 0
    delay: float | None = None


UNCLAIMED = {"claimed_by": None, "claimed_generation": None, "claimed_until": None}


def _mine(me: str) -> ColumnElement[bool]:
    return (WorkerTask.claimed_by == me) & (WorkerTask.state == State.IN_PROGRESS.value)


@session.retried
def finish(me: str, results: Sequence[Result]) -> int:
    """Record how tasks ended; returns how many were still claimed by ``me``."""
    if not results:
        return 0
    table = WorkerTask.__table__
    wanted = WorkerTask.generation == bindparam("b_generation")
    values: dict[str, Any] = {
        "state": case((wanted, bindparam("b_state")), else_=State.PENDING.value),
        "state_details": bindparam("b_details", type_=WorkerTask.state_details.type),
        "attempts": case((wanted, bindparam("b_attempts")), else_=0),
        "retry_at": case((wanted, clock.later(bindparam("b_delay", type_=Float()))), else_=null()),
        **UNCLAIMED,
    }
    statement = (
        update(table)  # type: ignore[arg-type]
        .where(WorkerTask.id == bindparam("b_id"), _mine(me))
        .values(values)
    )
    rows = [
        {
            "b_id": result.task_id,
            "b_generation": result.generation,
            "b_state": result.state.value,
            "b_details": result.state_details,
            "b_attempts": result.attempts,
            "b_delay": result.delay,
        }
        for result in sorted(results, key=lambda result: result.task_id)
    ]
    with session.writer() as db:
        return int(db.connection().execute(statement, rows).rowcount)


@session.retried
def renew(me: str, task_ids: Collection[int], seconds: float) -> int:
    """Keep claims for ``seconds`` from now; returns how many are still those of ``me``."""
    return _change(me, task_ids, {"claimed_until": clock.later(seconds)})


@session.retried
def release(me: str, task_ids: Collection[int]) -> int:
    """Give tasks back on which no work has begun; returns how many those of ``me`` were."""
    values = {"state": State.PENDING.value, "retry_at": None, **UNCLAIMED}
    return _change(me, task_ids, values)


def _change(me: str, task_ids: Collection[int], values: dict[str, Any]) -> int:
    if not task_ids:
        return 0
    with session.writer() as db:
        statement = update(WorkerTask).where(WorkerTask.id.in_(sorted(task_ids)), _mine(me))
        done = db.execute(statement.values(values).execution_options(synchronize_session=False))
        return int(done.rowcount)  # type: ignore[attr-defined]


@session.retried
def release_expired(delay: Callable[[int], float]) -> int:
    """Have tasks of processes that are gone done by others; returns how many there were.

    ``delay(attempts)`` is in how many seconds: a task that kills its process must not do so
    without end.
    """
    expired = (WorkerTask.state == State.IN_PROGRESS.value) & or_(
        WorkerTask.claimed_until.is_(None), WorkerTask.claimed_until < clock.now()
    )
    with session.writer() as db:
        rows = db.execute(
            select(WorkerTask.id, WorkerTask.attempts)
            .where(expired)
            .with_for_update(skip_locked=True)
        ).all()
        for task_id, attempts in rows:
            db.execute(
                update(WorkerTask)
                .where(WorkerTask.id == task_id)
                .values(
                    state=State.PENDING.value,
                    attempts=attempts + 1,
                    retry_at=clock.later(delay(attempts)),
                    **UNCLAIMED,
                )
                .execution_options(synchronize_session=False)
            )
        return len(rows)
