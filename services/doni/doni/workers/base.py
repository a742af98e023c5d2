"""What every worker is given and gives back."""

from __future__ import annotations

import abc
import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from oslo_config import cfg

from doni.exceptions import DoniError


@dataclass(frozen=True)
class Item:
    """One piece of hardware as it shall be. A ``deleted`` one shall not be anywhere."""

    uuid: str
    name: str
    project_id: str
    hardware_type: str
    properties: dict[str, Any]
    deleted: bool = False


@dataclass(frozen=True)
class Window:
    """A time at which the item is kept from users; both ends are UTC, with time zone."""

    uuid: str
    start: datetime.datetime
    end: datetime.datetime


@dataclass(frozen=True)
class Success:
    """The other service agrees with the record. ``payload`` is merged into the state details."""

    payload: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Defer:
    """It cannot be done yet, through nobody's fault. In ``payload`` None removes a detail."""

    reason: str
    payload: dict[str, Any] = field(default_factory=dict)


Outcome = Success | Defer


class WorkerError(DoniError):
    """It failed. The message is shown to the owner of the hardware.

    ``heals`` says whether trying again later may help without anybody changing the record;
    ``payload`` is what must not be forgotten all the same, such as ids of what was made.
    """

    def __init__(
        self, message: str, *, heals: bool = True, payload: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.heals = heals
        self.payload = payload or {}


class Worker(abc.ABC):
    """Makes one other service agree with what is recorded of an item.

    One instance works on several items at a time, in threads. It is made once in the life of a
    process, with the options of that process.
    """

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self.conf = conf

    @abc.abstractmethod
    def process(
        self, item: Item, windows: Sequence[Window], state_details: dict[str, Any]
    ) -> Outcome:
        """Make the service agree; done twice, the second time changes nothing.

        Raises:
            WorkerError: it failed.
            DoniError: likewise; may be tried again.
        """
