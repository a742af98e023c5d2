"""Operations of a patch on the windows of an item."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from doni.api import times
from doni.api.patch import ARGUMENT, Operation, unfit
from doni.db.hardware import WindowChanges
from doni.db.models import AvailabilityWindow
from doni.exceptions import Invalid
from doni.hardware import faults, formats, forms

ENDS = ("start", "end")

Ends = dict[str, datetime.datetime | None]

SCHEMA = forms.closed({"start": {}, "end": {}}, required=ENDS)
_CHECKER = formats.validator(SCHEMA)


class _Windows:
    """The windows of an item while operations change them."""

    def __init__(self, stored: Iterable[AvailabilityWindow]) -> None:
        self.kept: dict[str, Ends] = {
            window.uuid: {"start": window.start, "end": window.end} for window in stored
        }
        self.changed: dict[str, str] = {}
        self.added: list[tuple[str, Ends]] = []
        self.removed: list[str] = []

    def apply(self, operation: Operation) -> None:
        """Do one operation.

        Raises:
            Invalid: it does not fit.
        """
        key, *rest = operation.path[1:] or ("",)
        if not key:
            raise unfit(operation, "only single windows can be changed")
        if operation.op == "add" and not rest and key not in self.kept:
            self.added.append((operation.place, _ends(operation)))
            return
        if key not in self.kept:
            raise unfit(operation, "there is no such window")
        if not rest:
            self._whole(key, operation)
        elif rest[0] not in ENDS or len(rest) > 1:
            raise unfit(operation, "a window has just start and end")
        elif operation.op == "remove":
            raise unfit(operation, f"{rest[0]} is required")
        else:
            self.kept[key][rest[0]] = times.parsed(operation.value, operation.place)
            self.changed[key] = operation.place

    def _whole(self, key: str, operation: Operation) -> None:
        if operation.op == "remove":
            del self.kept[key]
            self.changed.pop(key, None)
            self.removed.append(key)
        else:
            self.kept[key] = _ends(operation)
            self.changed[key] = operation.place

    def changes(self) -> WindowChanges:
        """What is to be stored.

        Raises:
            Invalid: a window would not end after its start.
        """
        return WindowChanges(
            add=[_span(place, ends) for place, ends in self.added],
            change={key: _span(place, self.kept[key]) for key, place in self.changed.items()},
            remove=self.removed,
        )


def _ends(operation: Operation) -> Ends:
    faults.refuse(ARGUMENT, _CHECKER.iter_errors(operation.value), operation.path)
    values: dict[str, Any] = operation.value
    return {end: times.parsed(values[end], f"{operation.place}/{end}") for end in ENDS}


def _span(place: str, ends: Ends) -> tuple[datetime.datetime, datetime.datetime]:
    start, end = ends["start"], ends["end"]
    if start is None or end is None:
        raise Invalid(f"Couldn't apply patch: {place}: start and end are required")
    if end <= start:
        raise Invalid(f"Couldn't apply patch: {place}: end must be after start")
    return start, end


def changes(stored: Iterable[AvailabilityWindow], operations: Iterable[Operation]) -> WindowChanges:
    """What operations on ``/availability`` make of the stored windows.

    Raises:
        Invalid: one does not fit, or a window would not end after its start.
    """
    windows = _Windows(stored)
    for operation in operations:
        windows.apply(operation)
    return windows.changes()
