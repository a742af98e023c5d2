"""The time of the database, so that processes on several hosts agree on it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import DateTime, Float, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ColumnElement, FunctionElement


class _Later(FunctionElement[Any]):
    name = "later"
    type = DateTime()
    inherit_cache = True


@compiles(_Later, "mysql")
def _mysql(element: _Later, compiler: Any, **options: Any) -> str:
    seconds = compiler.process(element.clauses, **options)
    return f"(UTC_TIMESTAMP() + INTERVAL {seconds} SECOND)"


@compiles(_Later, "sqlite")
def _sqlite(element: _Later, compiler: Any, **options: Any) -> str:
    seconds = compiler.process(element.clauses, **options)
    # The form in which SQLAlchemy writes times: they compare as text.
    return f"strftime('%Y-%m-%d %H:%M:%S.000000', 'now', ({seconds}) || ' seconds')"


def later(seconds: float | ColumnElement[Any]) -> _Later:
    """UTC in so many seconds, cut to whole ones; NULL if ``seconds`` is a NULL of the database."""
    return _Later(literal(seconds, Float()) if isinstance(seconds, int | float) else seconds)


def now() -> _Later:
    """UTC, cut to whole seconds."""
    return later(0)
