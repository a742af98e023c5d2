"""The bodies of requests."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from flask import request

from doni.exceptions import Invalid

DEEPEST = 32
"""Levels of lists and objects in one another."""


def read() -> Any:
    """The JSON that the request carries.

    Raises:
        Invalid: it carries none.
    """
    if not request.is_json:
        raise Invalid("The body must be JSON, with the content type application/json.")
    try:
        found = json.loads(request.get_data(), parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError):
        raise Invalid("The body is not valid JSON.") from None
    _check(found)
    return found


def _refuse(word: str) -> NoReturn:
    raise ValueError(word)


def _finite(digits: str) -> float:
    found = float(digits)
    if not math.isfinite(found):
        raise ValueError(digits)
    return found


def _check(body: Any) -> None:
    """Refuse what cannot be stored or would keep the process busy."""
    level = [body]
    for _ in range(DEEPEST):
        inner: list[Any] = []
        for value in level:
            if isinstance(value, str):
                _check_text(value)
            elif isinstance(value, dict):
                inner += value.keys()
                inner += value.values()
            elif isinstance(value, list):
                inner += value
        level = inner
        if not level:
            return
    raise Invalid(f"The body has more than {DEEPEST} levels of lists and objects.")


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Invalid("The body holds a text that is not valid Unicode.") from None
