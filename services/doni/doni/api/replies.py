"""Replies: JSON, and errors as JSON too."""

from __future__ import annotations

import json
import logging
from typing import Any

import sqlalchemy.exc
from flask import Flask, Response, request
from oslo_db import exception as db_exc
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from doni.exceptions import DoniError

LOG = logging.getLogger(__name__)

UNKNOWN = "An unknown error occurred."

DRAINED = 64 * 1024 * 1024
"""Bytes of a body that is too large which are still read, so that the client reads the reply."""


def reply(value: Any, code: int = 200) -> Response:
    """A value as JSON."""
    return Response(json.dumps(value), code, mimetype="application/json")


def empty() -> Response:
    """Nothing; clients do not parse it."""
    return Response("", 200, mimetype="text/html")


def error(text: str, code: int) -> Response:
    """What went wrong; clients read just this key."""
    return reply({"error": text}, code)


def handle_errors(app: Flask) -> None:
    """Have all errors of an app end in such replies."""
    app.register_error_handler(DoniError, _known)
    app.register_error_handler(HTTPException, _http)
    for away in (db_exc.DBConnectionError, sqlalchemy.exc.TimeoutError):
        app.register_error_handler(away, _database_gone)
    app.register_error_handler(Exception, _unknown)


def _known(problem: DoniError) -> Response:
    return error(str(problem), problem.code)


def _http(problem: HTTPException) -> Response:
    if isinstance(problem, RequestEntityTooLarge):
        _drain()
    found = problem.get_response()
    if problem.code is None or problem.code < 400:
        return Response(found.get_data(), found.status_code, found.headers)
    made = error(problem.description or problem.name, problem.code)
    if "Allow" in found.headers:
        made.headers["Allow"] = found.headers["Allow"]
    return made


def _drain() -> None:
    left = request.content_length or 0
    if left > DRAINED:
        return
    source = request.environ["wsgi.input"]
    while left > 0:
        read = len(source.read(min(left, 65536)))
        left = left - read if read else 0


def _database_gone(problem: Exception) -> Response:
    LOG.error("%s %s: the database does not answer", request.method, request.path)
    return error("The database does not answer. Try again later.", 503)


def _unknown(problem: Exception) -> Response:
    LOG.exception("%s %s failed", request.method, request.path)
    return error(UNKNOWN, 500)
