"""Reservations of single nodes, whichever compute service they share.

Routes, client commands and tables are those of Blazar's own plugin. It differs where that one would
move a compute service between host aggregates: a reservation of nodes is what Blazar's tables say,
and nothing else. Nova's scheduler asks for it, see ``blazar_chi_nova``.
"""

from __future__ import annotations

import random
from typing import Any

from blazar import context, status
from blazar.db import api as db_api
from blazar.db import exceptions as db_ex
from blazar.db.sqlalchemy import facade_wrapper
from blazar.manager import exceptions as manager_ex
from blazar.plugins import oshosts
from blazar.plugins.oshosts import host_plugin
from blazar.utils import trusts
from blazar.utils.openstack import nova
from oslo_db import api as oslo_db_api
from oslo_log import log as logging
from oslo_utils import timeutils

from blazar_chi import allotment, hosts, lease_changes, lease_limits, servers, standing, wishes
from blazar_chi.allotment import NODES

LOG = logging.getLogger(__name__)

LONGEST_CAPABILITY = 64
"""Characters of a capability's name, as its column has it."""
PROPERTIES = ("hypervisor_properties", "resource_properties")


class NodePlugin(host_plugin.PhysicalHostPlugin):
    """``physical:host`` for nodes that share a compute service, as those of Ironic do."""

    title = "Node Plugin"
    description = "This plugin reserves single nodes."

    def get_plugin_opts(self) -> list[Any]:
        """Options of the section ``physical:host`` that Blazar's own plugin does not have."""
        return wishes.OPTIONS

    def setup(self, conf: Any) -> None:
        """Make what belongs to this package known to the manager that loads the plugin."""
        lease_limits.register()
        lease_changes.register(NODES)

    # What is known of nodes.

    def list_computehosts(self, query: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """Every node with its capabilities, in two queries."""
        with facade_wrapper.session_for_read() as session:
            found = allotment.described(session, NODES)
        return [allotment.shown(host) for host in found.values()]

    def reservable_nodes(self, reservation_ids: list[str]) -> dict[str, Any]:
        """What Nova's scheduler must know: all nodes, and the standing of some reservations."""
        with facade_wrapper.session_for_read() as session:
            return standing.of(session, reservation_ids)

    def create_computehost(self, host_values: dict[str, Any]) -> dict[str, Any]:
        """Make a node reservable; what Nova does not say of it are its capabilities.

        Raises:
            MissingTrustId: the call came without a trust.
            InvalidHost: neither ``id`` nor ``name`` is given.
            HostNotFound: Nova does not know the node.
            HostHavingServers: a server runs on it.
            ExtraCapabilityTooLong: the name of a capability is too long.
        """
        values = {key: value for key, value in host_values.items() if value is not None}
        reference = values.pop("id", None) or values.pop("name", None)
        values.pop("name", None)
        trust_id = values.pop("trust_id", None)
        if not trust_id:
            raise manager_ex.MissingTrustId()
        if reference is None:
            raise manager_ex.InvalidHost(host=values)
        if any(len(key) > LONGEST_CAPABILITY for key in values):
            raise manager_ex.ExtraCapabilityTooLong()
        with trusts.create_ctx_from_trust(trust_id):
            inventory = nova.NovaInventory()
            details = inventory.get_host_details(reference)
            _require_empty(inventory, details["hypervisor_hostname"])
            # Otherwise one node would be two hosts, each reserved without the other.
            if hosts.is_known(details["hypervisor_hostname"]):
                raise db_ex.BlazarDBDuplicateEntry(
                    model="ComputeHost", columns=["hypervisor_hostname"]
                )
            host = db_api.host_create({**details, "trust_id": trust_id})
            capabilities = {key: values[key] for key in values if key not in details}
            hosts.describe(self.placement_client, host, capabilities)
        return self.get_computehost(host["id"])

    def update_computehost(self, host_id: str, values: dict[str, Any]) -> dict[str, Any]:
        """Change capabilities of a node; one of None is removed.

        Raises:
            CantAddExtraCapability: a reservation has the node because of one of them.
        """
        with facade_wrapper.session_for_write() as session:
            allotment.claim(session, NODES)
            gone = [name for name, value in values.items() if value is None]
            hosts.forget(session, host_id, gone)
            kept = {name: value for name, value in values.items() if value is not None}
            found: dict[str, Any] = super().update_computehost(host_id, kept)
        return found

    def is_updatable_extra_capability(self, capability: Any, property_name: str) -> bool:
        """Whether no reservation has the node because of a capability."""
        with facade_wrapper.session_for_read() as session:
            return property_name not in hosts.wanted_of(session, capability["computehost_id"])

    def delete_computehost(self, host_id: str) -> None:
        """Forget a node.

        Raises:
            HostNotFound: there is none of this id.
            CantDeleteHost: it is reserved.
            HostHavingServers: a server runs on it.
        """
        host = db_api.host_get(host_id)
        if not host:
            raise manager_ex.HostNotFound(host=host_id)
        if db_api.host_allocation_get_all_by_values(compute_host_id=host_id):
            raise manager_ex.CantDeleteHost(host=host_id, msg="The host is reserved.")
        with trusts.create_ctx_from_trust(host["trust_id"]):
            _require_empty(nova.NovaInventory(), host["hypervisor_hostname"])
        db_api.host_destroy(host_id)

    # What happens with reservations.

    def allocation_candidates(self, values: dict[str, Any]) -> list[str]:
        """Ids of nodes that a reservation would get; none where there are not enough."""
        self._check_params(values)
        project_id = context.current().project_id
        with facade_wrapper.session_for_read() as session:
            own = allotment.own_reservation(session, values, project_id)
            return self._choose(session, values, project_id, own)[1]

    @oslo_db_api.wrap_db_retry(max_retries=lease_changes.TRIES, retry_on_deadlock=True)
    def reserve_resource(self, reservation_id: str, values: dict[str, Any]) -> str:
        """Allot nodes to a reservation; returns the id of the host reservation.

        Raises:
            NotEnoughHostsAvailable: fewer nodes match, are free and may be had than are asked for.
        """
        self._check_params(values)
        with facade_wrapper.session_for_write() as session:
            allotment.claim(session, NODES)
            properties, node_ids = self._choose(session, values, _project(values["lease_id"]))
            if not node_ids:
                raise manager_ex.NotEnoughHostsAvailable()
            host_reservation = db_api.host_reservation_create(
                {
                    "reservation_id": reservation_id,
                    "resource_properties": properties,
                    "hypervisor_properties": values["hypervisor_properties"],
                    "count_range": values["count_range"],
                    "status": "pending",
                    "before_end": values["before_end"],
                }
            )
            self._allot(reservation_id, node_ids)
            host_reservation_id: str = host_reservation["id"]
        return host_reservation_id

    def _check_params(self, values: dict[str, Any]) -> None:
        # Clients leave out what has a default.
        for name in PROPERTIES:
            values[name] = wishes.as_text(values.get(name))
        super()._check_params(values)

    def _validate_min_max_range(self, values: dict[str, Any], fewest: Any, most: Any) -> None:
        # python-chi sends numbers as text, which Blazar's own plugin would compare with numbers.
        fewest = self._convert_int_param(fewest, "min")
        most = self._convert_int_param(most, "max")
        super()._validate_min_max_range(values, fewest, most)

    def _choose(
        self, session: Any, values: dict[str, Any], project_id: str, own: str | None = None
    ) -> tuple[str, list[str]]:
        """Nodes for a reservation, and the resource properties by which they were found.

        What the reservation of the id ``own`` has counts as free.
        """
        fewest, most = (int(count) for count in values["count_range"].split("-"))
        options = host_plugin.CONF[self.resource_type]
        properties = ""
        for properties in wishes.properties_to_try(values["resource_properties"], options):
            found = self._free(
                session,
                wishes.conditions(values["hypervisor_properties"], properties),
                project_id,
                values["start_date"],
                values["end_date"],
                own,
            )
            if len(found) >= fewest:
                return properties, found[:most]
        return properties, []

    def _free(
        self,
        session: Any,
        wanted: list[str],
        project_id: str,
        start: Any,
        end: Any,
        other_than: str | None = None,
    ) -> list[str]:
        """Ids of working nodes that a project may have at a time, in the order to take them."""
        suitable = allotment.suitable(session, NODES, ["reservable == True", *wanted], project_id)
        if host_plugin.CONF[self.resource_type].randomize_host_selection:
            random.shuffle(suitable)
        return allotment.free(session, NODES, suitable, start, end, other_than)

    def _allot(self, reservation_id: str, host_ids: list[str]) -> None:
        for host_id in host_ids:
            db_api.host_allocation_create(
                {"compute_host_id": host_id, "reservation_id": reservation_id}
            )

    def on_start(self, resource_id: str) -> None:
        """Nothing to move: from now on the reservation is active."""

    def before_end(self, resource_id: str) -> None:
        """Take snapshots of the servers on the reserved nodes, where that is asked for."""
        host_reservation = db_api.host_reservation_get(resource_id)
        action = host_reservation["before_end"]
        if action == "default":
            action = host_plugin.CONF[oshosts.RESOURCE_TYPE].before_end
        if action == "snapshot":
            for server in servers.of(self.nova, host_reservation["reservation_id"]):
                self.nova.servers.create_image(server=server)

    def on_end(self, resource_id: str) -> None:
        """Delete the servers on the reserved nodes, then give the nodes back.

        Raises:
            ServerDeletionTimeout: a server is still there; then nothing is given back.
        """
        host_reservation = db_api.host_reservation_get(resource_id)
        reservation_id = host_reservation["reservation_id"]
        servers.remove(self.nova, reservation_id)
        db_api.host_reservation_update(host_reservation["id"], {"status": "completed"})
        for allocation in db_api.host_allocation_get_all_by_values(reservation_id=reservation_id):
            db_api.host_allocation_destroy(allocation["id"])

    def update_reservation(self, reservation_id: str, values: dict[str, Any]) -> None:
        """Fit a reservation to new dates, numbers or properties.

        Raises:
            InvalidInput: the start of what has begun would move.
            NotEnoughHostsAvailable: there are no nodes for it, or an active reservation would
                change to others.
        """
        lease_changes.check_start(db_api.reservation_get(reservation_id), values)
        texts = {name: wishes.as_text(values[name]) for name in PROPERTIES if name in values}
        super().update_reservation(reservation_id, {**values, **texts})

    def _update_allocations(
        self,
        dates_before: dict[str, Any],
        dates_after: dict[str, Any],
        reservation_id: str,
        reservation_status: str,
        host_reservation: dict[str, Any],
        values: dict[str, Any],
    ) -> None:
        """Fit the allotted nodes to new dates, numbers or properties of a reservation."""
        fewest, most = host_reservation["count_range"].split("-")
        self._validate_min_max_range(values, values.get("min", fewest), values.get("max", most))
        fewest, most = (int(count) for count in values["count_range"].split("-"))
        wanted = wishes.conditions(*(values.get(key, host_reservation[key]) for key in PROPERTIES))
        before, after = (
            (dates["start_date"], dates["end_date"]) for dates in (dates_before, dates_after)
        )
        self._refit(reservation_id, reservation_status, wanted, (fewest, most), before, after)

    def _refit(
        self,
        reservation_id: str,
        reservation_status: str,
        wanted: list[str],
        counts: tuple[int, int],
        before: allotment.Dates,
        after: allotment.Dates,
    ) -> None:
        fewest, most = counts
        # The transaction is that of the whole lease, see ``lease_changes``.
        with facade_wrapper.session_for_write() as session:
            project_id = _project(db_api.reservation_get(reservation_id)["lease_id"])
            allotted = _allotted(reservation_id)
            # A node that failed stays: replacing it is for the healing of reservations.
            fit = set(allotment.suitable(session, NODES, wanted, project_id))
            needed = allotment.to_keep(before, after)
            fit -= allotment.taken(session, NODES, *needed, other_than=reservation_id)
            kept = [node for node in allotted if node in fit][:most]
            unfit = [key for node, key in allotted.items() if node not in kept]
            if unfit and reservation_status == status.reservation.ACTIVE:
                raise manager_ex.NotEnoughHostsAvailable()
            found = self._free(session, wanted, project_id, *after, other_than=reservation_id)
            more = [node for node in found if node not in allotted][: most - len(kept)]
            if len(kept) + len(more) < fewest:
                raise manager_ex.NotEnoughHostsAvailable()
            self._allot(reservation_id, more)
            for key in unfit:
                db_api.host_allocation_destroy(key)

    @oslo_db_api.wrap_db_retry(max_retries=lease_changes.TRIES, retry_on_deadlock=True)
    def _reallocate(self, allocation: dict[str, Any]) -> bool:
        """Put another node in place of one that failed; says whether there was one.

        A lease that runs keeps its node, for its servers are there.
        """
        with facade_wrapper.session_for_write() as session:
            allotment.claim(session, NODES)
            reservation = db_api.reservation_get(allocation["reservation_id"])
            if reservation["status"] != status.reservation.PENDING:
                LOG.warning("A node of reservation %s, which has begun, failed.", reservation["id"])
                return False
            lease = db_api.lease_get(reservation["lease_id"])
            found = self._free(
                session,
                wishes.conditions(
                    reservation["hypervisor_properties"], reservation["resource_properties"]
                ),
                lease["project_id"],
                max(timeutils.utcnow(), lease["start_date"]),
                lease["end_date"],
            )
            if found:
                db_api.host_allocation_update(allocation["id"], {"compute_host_id": found[0]})
            else:
                db_api.host_allocation_destroy(allocation["id"])
        LOG.warning(
            "%s for reservation %s.",
            "Another node" if found else "No other node",
            reservation["id"],
        )
        return bool(found)


def _require_empty(inventory: Any, node: str) -> None:
    if running := servers.on_node(inventory.nova, node):
        raise manager_ex.HostHavingServers(host=node, servers=[each.id for each in running])


def _allotted(reservation_id: str) -> dict[str, str]:
    """The ids of a reservation's nodes, with the ids of the allocations."""
    allocations = db_api.host_allocation_get_all_by_values(reservation_id=reservation_id)
    return {allocation["compute_host_id"]: allocation["id"] for allocation in allocations}


def _project(lease_id: str) -> str:
    """The project whose lease it is."""
    project_id: str = db_api.lease_get(lease_id)["project_id"]
    return project_id
