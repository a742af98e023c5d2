"""Sensitive values that a request deals with, kept out of the log."""

from __future__ import annotations

import contextlib
from typing import Any

from flask import Flask, g

from doni.engine import masking


def hide(*values: Any) -> None:
    """Mask, until the request is done, what is sensitive in properties or in a patch."""
    for value in values:
        if isinstance(value, dict):
            for name, secret in value.items():
                g.hidden.setdefault(name, []).append(secret)
    g.hiding.enter_context(masking.secrets_of(g.hidden))


def begin() -> None:
    """Begin with nothing to hide."""
    g.hidden = {}
    g.hiding = contextlib.ExitStack()


def install(app: Flask) -> None:
    """Hide in all requests of an app."""
    masking.install()
    app.before_request(begin)
    app.teardown_request(_end)


def _end(problem: BaseException | None) -> None:
    hiding = g.pop("hiding", None)
    if hiding:
        hiding.close()
