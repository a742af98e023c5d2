"""Maintenance with an end, as it is kept in Doni: in the reason itself.

Every admin and every machine then sees it, and no copy can be stale. When the end has passed, the
item is again as the site config says.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from cc_ansible.errors import UsageError

_TIMED = re.compile(r"(?P<reason>.*) \[until (?P<until>\d{4}-\d\d-\d\dT\d\d:\d\dZ)\]", re.DOTALL)
_LENGTH = re.compile(r"(?P<number>\d{1,6})\s*(?P<unit>[mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_FORM = "%Y-%m-%dT%H:%MZ"
LONGEST_REASON = 200
LONGEST = datetime.timedelta(days=366)


@dataclass(frozen=True)
class Maintenance:
    """That an item is out of service ``until`` a whole minute in UTC, and why."""

    reason: str
    until: datetime.datetime

    def __str__(self) -> str:
        return f"{self.reason} [until {self.until.strftime(_FORM)}]"


def parse(written: object) -> Maintenance | None:
    """What Doni has as maintenance; None when it is none with an end."""
    match = _TIMED.fullmatch(written) if isinstance(written, str) else None
    if match is None:
        return None
    try:
        until = datetime.datetime.strptime(match["until"], _FORM)
    except ValueError:
        return None
    return Maintenance(match["reason"], until.replace(tzinfo=datetime.UTC))


def begin(reason: str, length: datetime.timedelta, now: datetime.datetime) -> Maintenance:
    """Maintenance from now on, its end rounded up to a minute.

    :raises UsageError: the reason is empty, too long or has several lines.
    """
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON or not reason.isprintable():
        raise UsageError(
            "The reason cannot be used.",
            fix=f"Give one line of at most {LONGEST_REASON} characters with --reason.",
        )
    end = now.astimezone(datetime.UTC) + length
    whole = end.replace(second=0, microsecond=0)
    return Maintenance(reason, whole if whole == end else whole + datetime.timedelta(minutes=1))


def duration(text: str) -> datetime.timedelta:
    """A length of time as people write it: ``90m``, ``4h``, ``2d``, ``1w``, or ``1d 12h``.

    :raises UsageError: it is none, or longer than a year.
    """
    fix = "Write it as 90m, 4h, 2d, 1w or 1d 12h."
    parts = list(_LENGTH.finditer(text.strip()))
    if not parts or _LENGTH.sub("", text).strip():
        raise UsageError(f"{text!r} is no length of time.", fix=fix)
    found = datetime.timedelta()
    for part in parts:
        found += datetime.timedelta(**{_UNITS[part["unit"]]: int(part["number"])})
    if not datetime.timedelta() < found <= LONGEST:
        raise UsageError(f"{text!r} is not between a minute and a year.", fix=fix)
    return found
