"""Connections to the database: one transaction context for the whole process."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Callable, Iterator
from typing import Any, TypeVar, cast

from oslo_config import cfg
from oslo_db import api
from oslo_db import exception as db_exc
from oslo_db.sqlalchemy import enginefacade
from sqlalchemy import event, exc, make_url
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

SQLITE_TIMEOUT = 60
"""Seconds for which a SQLite transaction waits for another one to end."""

ERRORS = (db_exc.DBError, exc.DBAPIError)
"""What transactions raise: oslo.db leaves some errors of drivers as they are."""

Function = TypeVar("Function", bound=Callable[..., Any])

_context = enginefacade.transaction_context()
_writing: contextvars.ContextVar[bool] = contextvars.ContextVar("writing", default=False)


@enginefacade.transaction_context_provider
class _Caller:
    """What enginefacade keeps the session of the current transaction in."""


def configure(conf: cfg.ConfigOpts) -> None:
    """Use the database that ``[database]`` names, in place of any other."""
    reset()
    _context.configure(**{"sqlite_fk": True, **_options(conf)})
    _context.append_on_engine_create(_prepare)


def _options(conf: cfg.ConfigOpts) -> dict[str, Any]:
    options = {name: value for name, value in conf.database.items() if value is not None}
    url = make_url(options["connection"])
    if url.get_backend_name() == "mysql" and "charset" not in url.query:
        # oslo.db's default is the three-byte subset of UTF-8, in which some names do not fit.
        given = options.get("connection_parameters")
        options["connection_parameters"] = "&".join(filter(None, (given, "charset=utf8mb4")))
    return options


def _prepare(engine: Engine) -> None:
    # Parameters of a statement that fails hold passwords; they would end in logs.
    engine.hide_parameters = True
    if engine.dialect.name == "mysql":
        event.listen(engine, "connect", _mysql_connect)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "checkout", _sqlite_checkout)
        event.listen(engine, "checkin", _sqlite_checkin)
    # oslo.db has connected once to see whether it can: that connection does not know all this.
    engine.dispose()


def _mysql_connect(connection: Any, record: object) -> None:
    # Locks then cover just the rows that are meant, not the gaps between them, and what is read
    # after waiting for a lock is what the other one wrote.
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")


def _sqlite_connect(connection: Any, record: object) -> None:
    connection.execute(f"PRAGMA busy_timeout = {SQLITE_TIMEOUT * 1000}")
    connection.execute("PRAGMA journal_mode = WAL")


def _sqlite_checkout(connection: Any, record: Any, proxy: object) -> None:
    if _writing.get():
        # A writer that first reads must not base its write on what another one changes meanwhile.
        # oslo.db begins transactions of the kind that allows that, unless one is under way.
        connection.execute("BEGIN IMMEDIATE")
        record.info["in_transaction"] = True


def _sqlite_checkin(connection: object, record: Any) -> None:
    record.info.pop("in_transaction", None)


@contextlib.contextmanager
def reader() -> Iterator[Session]:
    """A transaction that only reads."""
    with _context.reader.using(_Caller()) as db:
        yield db


@contextlib.contextmanager
def writer() -> Iterator[Session]:
    """A transaction that writes; committed at its end, rolled back when it raises.

    Writers do not nest: each is a transaction of its own.
    """
    token = _writing.set(True)
    try:
        with _context.writer.using(_Caller()) as db:
            yield db
    finally:
        _writing.reset(token)


def retried(function: Function) -> Function:
    """Have a function that is one whole transaction done again when it loses a deadlock."""
    wrap = api.wrap_db_retry(max_retries=10, retry_interval=0.02, retry_on_deadlock=True)
    return cast(Function, wrap(function))


def engine() -> Engine:
    """The engine behind the transactions, for what works on the schema."""
    return cast(Engine, _context.writer.get_engine())


def reset() -> None:
    """Close the connections and forget the database."""
    global _context
    if _context.is_started:
        _context.dispose_pool()
    _context = enginefacade.transaction_context()
