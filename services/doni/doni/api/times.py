"""Times as clients send them and as they see them."""

from __future__ import annotations

import datetime
import re

from doni.exceptions import Invalid

_FORM = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)

FIRST, LAST = 1000, 9999
"""Years that every database can store."""


def parsed(value: object, place: str) -> datetime.datetime:
    """UTC without time zone, in whole seconds, of a time as RFC 3339 writes it.

    Raises:
        Invalid: it is none, or has no offset.
    """
    try:
        if not isinstance(value, str) or not _FORM.fullmatch(value):
            raise ValueError
        found = datetime.datetime.fromisoformat(value.upper()).astimezone(datetime.UTC)
        if not FIRST <= found.year <= LAST:
            raise ValueError
    except (ValueError, OverflowError):
        raise Invalid(
            f"Schema error for patch: must be a time with an offset, such as "
            f"2026-01-31T18:00:00+00:00 (in '{place}')"
        ) from None
    return found.replace(tzinfo=None, microsecond=0)


def text(time: datetime.datetime | None) -> str | None:
    """What clients see: UTC, without fractions; they parse nothing else."""
    if time is None:
        return None
    return f"{time.replace(microsecond=0, tzinfo=None).isoformat()}+00:00"
