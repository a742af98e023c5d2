"""Times: read from what others write, and said in few words."""

from __future__ import annotations

import contextlib
import datetime
from typing import Any

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_TENTHS = 10
"""Seconds below which tenths of them count."""


def moment(value: Any) -> datetime.datetime | None:
    """A time in UTC out of ISO 8601 or of seconds since 1970; None for anything else."""
    with contextlib.suppress(ValueError, OverflowError, OSError):
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.datetime.fromtimestamp(value, datetime.UTC)
        if isinstance(value, str) and value:
            found = datetime.datetime.fromisoformat(value)
            found = found if found.tzinfo else found.replace(tzinfo=datetime.UTC)
            return found.astimezone(datetime.UTC)
    return None


def length(seconds: float) -> str:
    """How long something took, such as ``7:09``, ``39 s`` or ``0.4 s``."""
    if seconds < _TENTHS:
        return f"{seconds:.1f} s"
    if round(seconds) < _MINUTE:
        return f"{round(seconds)} s"
    hours, rest = divmod(round(seconds), _HOUR)
    minutes, rest = divmod(rest, _MINUTE)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def about(span: datetime.timedelta) -> str:
    """A span without its sign in one number, such as ``2 h`` or ``43 days``."""
    seconds = abs(span.total_seconds())
    if seconds < _MINUTE:
        return "less than a minute"
    if seconds < 2 * _HOUR:
        return f"{seconds // _MINUTE:.0f} min"
    if seconds < 2 * _DAY:
        return f"{seconds // _HOUR:.0f} h"
    return f"{seconds // _DAY:.0f} days"


def ago(then: datetime.datetime, now: datetime.datetime) -> str:
    """When something was, or will be, seen from now."""
    if abs((now - then).total_seconds()) < _MINUTE:
        return "just now"
    return f"{about(now - then)} ago" if then <= now else f"in {about(then - now)}"


def utc(then: datetime.datetime) -> str:
    """A time for people, in UTC."""
    return f"{then.astimezone(datetime.UTC):%Y-%m-%d %H:%MZ}"
