"""Leases are changed as a whole or not at all, and removed again where that failed.

Blazar's manager changes each reservation in a transaction of its own, and the dates of the lease
after that: what fails half-way leaves reservations that do not belong to these dates, and a new
lease sees the old dates until the last of them. It has no hook for this, so that the bodies of two
methods are replaced in memory, within the decorator that keeps the status of leases.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Mapping
from typing import Any

from blazar import exceptions as blazar_ex
from blazar import status
from blazar.db import api as db_api
from blazar.db.sqlalchemy import facade_wrapper
from blazar.manager.service import ManagerService
from oslo_db import api as oslo_db_api
from oslo_utils import excutils

from blazar_chi import allotment

TRIES = 10
"""How often a transaction is tried that meets another one."""
OF_THE_LEASE = ("start_date", "end_date", "lease_id")
"""What the manager would take from a user's reservation in place of the lease's own."""

_kinds: dict[str, allotment.Kind] = {}


class _Every:
    """What Blazar asks whether a lease is none the worse for an error: here it never is."""

    def __contains__(self, error: type[BaseException]) -> bool:
        return True


def register(kind: allotment.Kind) -> None:
    """Have changes of leases wait for those who allot this kind of resource, and the reverse."""
    _kinds[kind.resource.__tablename__] = kind
    _install()


@functools.cache
def _install() -> None:
    ManagerService.update_lease = status.lease.lease_status(
        transition=status.lease.UPDATING,
        result_in=status.lease.STABLE,
        non_fatal_exceptions=_Every(),
    )(_whole(ManagerService.update_lease.__wrapped__))
    ManagerService.delete_lease = status.lease.lease_status(
        transition=status.lease.DELETING, result_in=(status.lease.ERROR,)
    )(_repeatable(ManagerService.delete_lease.__wrapped__))


def _whole(body: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(body)
    @oslo_db_api.wrap_db_retry(max_retries=TRIES, retry_on_deadlock=True)
    def update_lease(self: ManagerService, lease_id: str, values: dict[str, Any]) -> Any:
        values = copy.deepcopy(values)  # The body writes into it.
        for reservation in values.get("reservations") or ():
            for name in OF_THE_LEASE:
                reservation.pop(name, None)
        with facade_wrapper.session_for_write() as session:
            # Always in the same order: two changes would wait for each other.
            for table in sorted(_kinds):
                allotment.claim(session, _kinds[table])
            return body(self, lease_id, values)

    return update_lease


def _repeatable(body: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(body)
    def delete_lease(self: ManagerService, lease_id: str) -> Any:
        try:
            return body(self, lease_id)
        except Exception:
            with excutils.save_and_reraise_exception():
                _end_in_error(lease_id)

    return delete_lease


def _end_in_error(lease_id: str) -> None:
    """Say that an end failed: a lease whose end is in progress cannot be deleted."""
    event = db_api.event_get_first_sorted_by_filters(
        "lease_id", "asc", {"lease_id": lease_id, "event_type": "end_lease"}
    )
    if event and event["status"] == status.event.IN_PROGRESS:
        db_api.event_update(event["id"], {"status": status.event.ERROR})


def check_start(reservation: Mapping[str, Any], dates: Mapping[str, Any]) -> None:
    """Refuse to move the start of what has begun; Blazar itself does so from the next minute on.

    Raises:
        InvalidInput: the start would move.
    """
    if reservation["status"] == status.reservation.PENDING:
        return
    if dates["start_date"] != db_api.lease_get(reservation["lease_id"])["start_date"]:
        raise blazar_ex.InvalidInput("Cannot modify the start date of already started leases")
