"""How long a lease may be, and when it may be prolonged.

Blazar's own filter measures a lease from its first day, so that one of full length can never be
prolonged. Users of Chameleon may, shortly before its end, and then as if it began now.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from blazar import status
from blazar.db import api as db_api
from blazar.enforcement import exceptions, filters
from oslo_config import cfg
from oslo_utils import timeutils

from blazar_chi import service_project

TWO_DAYS = 48 * 3600
FORMER_END = "former_end"
"""The type of an event, never due, that says until when a shortened lease would have run."""


class LeaseLimitsFilter(filters.MaxLeaseDurationFilter):
    """Takes the place of ``MaxLeaseDurationFilter``, with its options and one more.

    Leases of the project in which Blazar's own user works are exempt, too: the blackouts by which
    Doni keeps hardware from being lent are such leases.
    """

    enforcement_opts = [
        *filters.MaxLeaseDurationFilter.enforcement_opts,
        cfg.IntOpt(
            "prolong_seconds_before_lease_end",
            default=TWO_DAYS,
            min=-1,
            help="Seconds before its end in which a lease that has begun may be prolonged; "
            "-1 for at any time.",
        ),
    ]

    def check_create(self, context: dict[str, Any], lease_values: dict[str, Any]) -> None:
        """A new lease.

        Raises:
            MaxLeaseDurationException: it is too long.
        """
        self._check(context, lease_values["start_date"], lease_values["end_date"])

    def check_update(
        self,
        context: dict[str, Any],
        current_lease_values: dict[str, Any],
        new_lease_values: dict[str, Any],
    ) -> None:
        """New dates of a lease.

        Raises:
            MaxLeaseDurationException: it is too long, or too early to prolong it.
        """
        now = timeutils.utcnow()
        end, new_end = current_lease_values["end_date"], new_lease_values["end_date"]
        if current_lease_values["start_date"] > now:
            self._check(context, new_lease_values["start_date"], new_end)
            return
        former = _former(current_lease_values)
        latest = max([end, *(event["time"] for event in former)])
        if new_end > latest:
            self._check(context, now, new_end, remaining=latest - now)
        elif new_end < end:
            _remember(current_lease_values["id"], former, latest)

    def _check(
        self,
        context: dict[str, Any],
        start: datetime.datetime,
        end: datetime.datetime,
        remaining: datetime.timedelta | None = None,
    ) -> None:
        try:
            self._check_window(remaining)
            self.check_for_duration_violation(start, end)
        except exceptions.MaxLeaseDurationException:
            if not self._exempt(context) and context["project_id"] != service_project.own():
                raise

    def _check_window(self, remaining: datetime.timedelta | None) -> None:
        window = self.conf.enforcement.prolong_seconds_before_lease_end
        if remaining is not None and 0 <= window < remaining.total_seconds():
            # The manager and the API know this class, and that the lease is none the worse for it.
            raise exceptions.MaxLeaseDurationException(
                "A lease that has begun can be prolonged only in the last "
                f"{_duration(window)} before its end."
            )


def _duration(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    return f"{hours} hours" if hours and not rest else f"{seconds} seconds"


def _former(lease: Mapping[str, Any]) -> list[Any]:
    return [event for event in lease["events"] if event["event_type"] == FORMER_END]


def _remember(lease_id: str, former: list[Any], latest: datetime.datetime) -> None:
    """Note the end that a lease had: shortening it must not be a way to prolong it earlier."""
    if former:
        db_api.event_update(former[0]["id"], {"time": latest})
        return
    db_api.event_create(
        {
            "lease_id": lease_id,
            "event_type": FORMER_END,
            "time": latest,
            "status": status.event.DONE,
        }
    )


def register() -> None:
    """Let ``[enforcement] enabled_filters`` name the filter.

    Blazar looks filters up by name in one of its modules and has no entry point for them.
    """
    name = LeaseLimitsFilter.__name__
    setattr(filters, name, LeaseLimitsFilter)
    if name not in filters.all_filters:
        filters.all_filters.append(name)
