"""Moments as Blazar writes and reads them: UTC, to the minute."""

from __future__ import annotations

import datetime

NOW = "now"
"""What Blazar takes for the current minute."""


def minute(moment: datetime.datetime) -> datetime.datetime:
    """The moment in UTC, its seconds cut."""
    return moment.astimezone(datetime.UTC).replace(second=0, microsecond=0)


def now() -> datetime.datetime:
    """The current minute."""
    return minute(datetime.datetime.now(datetime.UTC))


def text(moment: datetime.datetime) -> str:
    """As Blazar takes it."""
    return minute(moment).strftime("%Y-%m-%d %H:%M")


def parsed(written: str) -> datetime.datetime:
    """As Blazar gives it, such as ``2026-11-20T18:00:00.000000``; to the minute.

    Raises:
        ValueError: it is no date.
    """
    moment = datetime.datetime.fromisoformat(written)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    return minute(moment)
