"""Keep secrets of an item out of messages and logs while a worker deals with it."""

from __future__ import annotations

import base64
import contextlib
import contextvars
import functools
import json
import logging
import re
import traceback
import urllib.parse
from collections.abc import Iterator
from typing import Any

from doni.hardware import types
from doni.hardware.fields import MASK

_secrets: contextvars.ContextVar[re.Pattern[str] | None] = contextvars.ContextVar(
    "secrets", default=None
)

SHORT = 4
"""Secrets of fewer characters are only masked where they stand alone: text stays readable."""


@functools.cache
def _sensitive_names() -> frozenset[str]:
    # Of all types: also what is left from another type that an item once had.
    known = (field for kind in types.TYPES.values() for field in kind.all_fields())
    return frozenset(field.name for field in known if field.sensitive)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif value is not None and not isinstance(value, bool) and str(value).strip():
        yield str(value)


def _forms(text: str) -> set[str]:
    """The ways in which a text may turn up in what other services and libraries say."""
    raw = text.encode("utf-8", "surrogatepass")
    return {
        text,
        json.dumps(text)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
        repr(text)[1:-1],
        urllib.parse.quote(raw),
        urllib.parse.quote_plus(raw),
        base64.b64encode(raw).decode(),
    }


def _pattern(properties: dict[str, Any]) -> re.Pattern[str] | None:
    names = _sensitive_names()
    found = {text for name in names for text in _texts(properties.get(name))}
    forms = sorted((form for text in found for form in _forms(text)), key=len, reverse=True)
    if not forms:
        return None
    return re.compile(
        "|".join(
            re.escape(form) if len(form) >= SHORT else rf"(?<!\w){re.escape(form)}(?!\w)"
            for form in forms
        )
    )


@contextlib.contextmanager
def secrets_of(properties: dict[str, Any]) -> Iterator[None]:
    """Within this context ``mask`` and all logging of this thread hide the sensitive values."""
    token = _secrets.set(_pattern(properties))
    try:
        yield
    finally:
        _secrets.reset(token)


def mask(text: str) -> str:
    """The text without the sensitive values of the item at hand."""
    pattern = _secrets.get()
    return pattern.sub(MASK, text) if pattern else text


def install() -> None:
    """Mask all log records of this process that are made within ``secrets_of``."""
    make = logging.getLogRecordFactory()
    if getattr(make, "masks", False):
        return

    def masked(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        if _secrets.get() is None:
            return record
        text = str(record.msg) if not record.args else _formatted(record)
        if record.exc_info and record.exc_info[1] is not None:
            # Rendered here, since formatters would do it from the unmasked exception.
            text += "\n" + "".join(traceback.format_exception(record.exc_info[1])).rstrip()
            record.exc_info = None
        record.msg, record.args = mask(text), ()
        return record

    masked.masks = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(masked)


def _formatted(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:
        return f"{record.msg} (its arguments do not fit)"
