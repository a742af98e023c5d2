"""The servers on the nodes of a reservation, and how they go at its end."""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from blazar import status
from blazar.db import api as db_api
from blazar.db.sqlalchemy import facade_wrapper, models
from blazar.manager import exceptions as manager_ex
from keystoneauth1 import exceptions as keystone_ex
from novaclient import exceptions as nova_ex
from oslo_log import log as logging
from oslo_utils import timeutils

LOG = logging.getLogger(__name__)
TROUBLES = (nova_ex.ClientException, keystone_ex.ClientException)
PATIENCE = 600
"""Seconds for servers to go: bare metal may take minutes to switch off."""
POLL = 5


def of(client: Any, reservation_id: str) -> Iterator[Any]:
    """The servers on the nodes of a reservation that has begun, as Nova's ``client`` lists them.

    A node may be somebody else's already, after an end that failed. What was made there since then
    is not of this reservation.
    """
    if db_api.reservation_get(reservation_id)["status"] == status.reservation.PENDING:
        return
    for node, since in _nodes(reservation_id):
        for server in on_node(client, node):
            if since is None or _made(server) < since:
                yield server


def on_node(client: Any, node: str) -> list[Any]:
    """The servers on a node, by the name that it has in Nova.

    Those that Nova shows with a hypervisor are on any node of the same compute service.
    """
    found: list[Any] = client.servers.list(search_opts={"node": node, "all_tenants": 1})
    return found


def _nodes(reservation_id: str) -> list[tuple[str, datetime.datetime | None]]:
    """The names of a reservation's nodes, and since when another one that runs has each."""
    node, allocation = models.ComputeHost, models.ComputeHostAllocation
    now = timeutils.utcnow()
    since = (
        sa.select(sa.func.min(models.Lease.start_date))
        .select_from(allocation)
        .join(models.Reservation, models.Reservation.id == allocation.reservation_id)
        .join(models.Lease, models.Lease.id == models.Reservation.lease_id)
        .where(allocation.compute_host_id == node.id, models.Reservation.id != reservation_id)
        .where(models.Reservation.status == status.reservation.ACTIVE)
        .where(models.Lease.start_date <= now, models.Lease.end_date > now)
        .scalar_subquery()
    )
    mine = sa.select(allocation.compute_host_id).where(allocation.reservation_id == reservation_id)
    with facade_wrapper.session_for_read() as session:
        rows = session.execute(
            sa.select(node.hypervisor_hostname, since).where(node.id.in_(mine))
        ).all()
    return [(name, begin) for name, begin in rows]


def _made(server: Any) -> datetime.datetime:
    return timeutils.normalize_time(timeutils.parse_isotime(server.created))


def remove(client: Any, reservation_id: str) -> None:
    """Delete the servers of a reservation and wait until they are gone.

    Raises:
        ServerDeletionTimeout: one is still there after ten minutes, or Nova gave up deleting it,
            or cannot be asked.
    """
    asked: set[str] = set()
    deadline = time.monotonic() + PATIENCE
    try:
        while left := list(of(client, reservation_id)):
            # One that was being made is there only now.
            new = [server for server in left if server.id not in asked]
            _delete(client, new)
            asked |= {server.id for server in new}
            if not new and (time.monotonic() > deadline or any(map(_failed, left))):
                names = ", ".join(server.id for server in left)
                raise manager_ex.ServerDeletionTimeout(f"Servers are still there: {names}")
            if not new:
                time.sleep(POLL)
    except TROUBLES as problem:
        raise manager_ex.ServerDeletionTimeout(
            f"Servers could not be deleted: {problem}"
        ) from problem


def _delete(client: Any, servers: list[Any]) -> None:
    """Ask Nova for it; what it does not want of one is raised when it was asked for all."""
    problem = None
    for server in servers:
        try:
            client.servers.delete(server=server)
        except nova_ex.NotFound:
            LOG.info("Server %s is gone already.", server.id)
        except nova_ex.ClientException as refusal:
            LOG.error("Server %s: %s", server.id, refusal)
            problem = refusal
    if problem:
        raise problem


def _failed(server: Any) -> bool:
    """Whether Nova no longer deletes a server that it was asked to delete."""
    busy = getattr(server, "OS-EXT-STS:task_state", True)
    return server.status == "ERROR" and not busy
