"""Which nodes a server may have: reserved ones for who reserved them, and for nobody else."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from typing import Any

import nova.conf
from nova.scheduler import filters, utils
from oslo_log import log as logging

from blazar_chi_nova import reservations

LOG = logging.getLogger(__name__)
CONF = nova.conf.CONF
reservations.register(CONF)

HINT = "reservation"
RESERVED_FLAVOR = "aggregate_instance_extra_specs:reservation"
"""What Blazar puts into the flavors of its reservations of virtual machines."""


class NodeReservationFilter(filters.BaseHostFilter):
    """Nodes of a reservation for servers that name it, and the others that Blazar lends for none.

    Blazar is asked once for a request, however many nodes and servers it has. Where it cannot be
    asked, nodes that it may lend pass for nobody.
    """

    run_filter_once_per_request = True

    def __init__(self) -> None:
        self._blazar = reservations.Blazar(CONF)

    def filter_all(self, hosts: Iterable[Any], spec: Any) -> Iterator[Any]:
        """Those of the hosts on which the server may be."""
        hosts = list(hosts)
        if RESERVED_FLAVOR in _extra_specs(spec):
            # Placement and Nova's own filters keep these to the hosts of their reservation.
            return iter(hosts)
        asked = hints(spec)
        judged = [host for host in hosts if asked is not None or _may_be_lent(host)]
        judged = [host for host in judged if not _stays(host, spec)]
        refused = set(map(id, self._refused(judged, asked, spec))) if judged else set()
        return (host for host in hosts if id(host) not in refused)

    def host_passes(self, host: Any, spec: Any) -> bool:
        """Whether a server may be on one host."""
        return any(self.filter_all([host], spec))

    def _refused(self, hosts: list[Any], asked: list[str] | None, spec: Any) -> list[Any]:
        if asked is not None and not (asked and all(map(_is_id, asked))):
            LOG.warning("Instance %s: %s is no id of a reservation.", spec.instance_uuid, asked)
            return hosts
        try:
            standing = self._blazar.standing(asked or ())
        except reservations.Unknown as problem:
            LOG.error(
                "Instance %s gets no node that may be reserved, for Blazar cannot be asked: %s",
                spec.instance_uuid,
                problem,
            )
            return hosts
        if asked is None:
            return [host for host in hosts if host.nodename in standing.nodes]
        allowed = _allowed(standing, asked, spec)
        return [host for host in hosts if host.nodename not in allowed]


def _allowed(standing: reservations.Standing, asked: list[str], spec: Any) -> set[str]:
    """The nodes of those reservations that the server may use."""
    nodes: set[str] = set()
    for key in asked:
        reservation = standing.reservations.get(key)
        if reservation is None:
            problem = "there is no such reservation of nodes"
        elif reservation.project_id != spec.project_id:
            problem = f"it is not of project {spec.project_id}"
        elif not reservation.active:
            problem = f"it is not active but {reservation.status}, or ending"
        else:
            nodes |= reservation.nodes
            continue
        LOG.info("Instance %s cannot use reservation %s: %s.", spec.instance_uuid, key, problem)
    return nodes


def hints(spec: Any) -> list[str] | None:
    """The reservations that a request names; None if it does not speak of any."""
    found = spec.get_scheduler_hint(HINT)
    if found is None:
        return None
    return [str(text).strip().lower() for text in (found if isinstance(found, list) else [found])]


def _is_id(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def _extra_specs(spec: Any) -> Any:
    return spec.flavor.extra_specs if "extra_specs" in spec.flavor else ()


def _may_be_lent(host: Any) -> bool:
    types = CONF[reservations.GROUP].hypervisor_types
    return not types or host.hypervisor_type in types


def _stays(host: Any, spec: Any) -> bool:
    """Whether a server is only built anew where it already is.

    Users can send the hint by which Nova tells a rebuilding; what it forces, they cannot.
    """
    return utils.request_is_rebuild(spec) and host.nodename in (spec.force_nodes or ())
