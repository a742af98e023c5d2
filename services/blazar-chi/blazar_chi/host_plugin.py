"""Reservations of single nodes, whichever compute service they share.

The rules by which nodes match, and the tables, are those of Blazar's own plugin. It differs where
that one would move a compute service between host aggregates: a reservation of nodes is what
Blazar's tables say, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import retrying
from blazar import status
from blazar.db import api as db_api
from blazar.db import exceptions as db_ex
from blazar.manager import exceptions as manager_ex
from blazar.plugins import oshosts
from blazar.plugins.oshosts import host_plugin
from blazar.utils import trusts
from blazar.utils.openstack import nova
from novaclient import exceptions as nova_exceptions
from oslo_log import log as logging
from oslo_utils import timeutils

LOG = logging.getLogger(__name__)

LONGEST_CAPABILITY = 64
"""Characters of a capability's name, as its column has it."""
POLL_MILLISECONDS = 5000


class NodePlugin(host_plugin.PhysicalHostPlugin):
    """``physical:host`` for nodes that share a compute service, as those of Ironic do."""

    title = "Node Plugin"
    description = "This plugin reserves single nodes."

    # What is known of nodes.

    def create_computehost(self, host_values: dict[str, Any]) -> dict[str, Any]:
        """Make a node reservable; what Nova does not say of it are its capabilities.

        Raises:
            MissingTrustId: the call came without a trust.
            InvalidHost: neither ``id`` nor ``name`` is given.
            HostNotFound: Nova does not know the node.
            HostHavingServers: a server runs on it.
            ExtraCapabilityTooLong: the name of a capability is too long.
        """
        values = dict(host_values)
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
            if servers := inventory.get_servers_per_host(reference):
                raise manager_ex.HostHavingServers(host=reference, servers=servers)
            details = inventory.get_host_details(reference)
            # Otherwise one node would be two hosts, each reserved without the other.
            if self._known(details["hypervisor_hostname"]):
                raise db_ex.BlazarDBDuplicateEntry(
                    model="ComputeHost", columns=["hypervisor_hostname"]
                )
            host = db_api.host_create({**details, "trust_id": trust_id})
            self._describe(host, {key: values[key] for key in values if key not in details})
        return self.get_computehost(host["id"])

    def _known(self, hypervisor_hostname: str) -> bool:
        return any(
            host["hypervisor_hostname"] == hypervisor_hostname for host in db_api.host_list()
        )

    def _describe(self, host: dict[str, Any], capabilities: dict[str, Any]) -> None:
        """Store capabilities, and what placement has of the node; nothing is left when it fails."""
        try:
            for name, value in capabilities.items():
                db_api.host_extra_capability_create(
                    {"computehost_id": host["id"], "property_name": name, "capability_value": value}
                )
            self._inventory(host)
        except Exception:
            db_api.host_destroy(host["id"])
            raise

    def _inventory(self, host: dict[str, Any]) -> None:
        hostname = host["hypervisor_hostname"]
        provider = self.placement_client.get_resource_provider(hostname)
        if provider is None:
            raise manager_ex.ResourceProviderNotFound(host=hostname)
        inventories = self.placement_client.get_inventory(provider["uuid"])["inventories"]
        keys = ("total", "reserved", "min_unit", "max_unit", "step_size", "allocation_ratio")
        for resource_class, inventory in inventories.items():
            db_api.host_resource_inventory_create(
                {"computehost_id": host["id"], "resource_class": resource_class}
                | {key: inventory[key] for key in keys}
            )
        for trait in self.placement_client.get_traits(provider["uuid"]):
            db_api.host_trait_create({"computehost_id": host["id"], "trait": trait})

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
            name = host["hypervisor_hostname"]
            try:
                servers = nova.NovaInventory().get_servers_per_host(name)
            except manager_ex.HostNotFound:
                servers = None  # Ironic gave the node up before.
            if servers:
                raise manager_ex.HostHavingServers(host=name, servers=servers)
        db_api.host_destroy(host_id)

    # What happens with reservations.

    def reserve_resource(self, reservation_id: str, values: dict[str, Any]) -> str:
        """Allot nodes to a reservation; returns the id of the host reservation.

        Raises:
            NotEnoughHostsAvailable: fewer nodes match and are free than are asked for.
        """
        host_ids = self.allocation_candidates(values)
        if not host_ids:
            raise manager_ex.NotEnoughHostsAvailable()
        host_reservation = db_api.host_reservation_create(
            {
                "reservation_id": reservation_id,
                "resource_properties": values["resource_properties"],
                "hypervisor_properties": values["hypervisor_properties"],
                "count_range": values["count_range"],
                "status": "pending",
                "before_end": values["before_end"],
            }
        )
        self._allot(reservation_id, host_ids)
        host_reservation_id: str = host_reservation["id"]
        return host_reservation_id

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
            for server in self._servers(host_reservation["reservation_id"]):
                self.nova.servers.create_image(server=server)

    def on_end(self, resource_id: str) -> None:
        """Delete the servers on the reserved nodes, then give the nodes back.

        Raises:
            ServerDeletionTimeout: a server is still there after ten minutes.
        """
        host_reservation = db_api.host_reservation_get(resource_id)
        reservation_id = host_reservation["reservation_id"]
        for server in self._servers(reservation_id):
            try:
                self.nova.servers.delete(server=server)
            except nova_exceptions.NotFound:
                LOG.info("Server %s is gone already.", server.id)
        if not self._wait_for_deletion(reservation_id):
            LOG.error("Servers of reservation %s are still there.", reservation_id)
            raise manager_ex.ServerDeletionTimeout()
        db_api.host_reservation_update(host_reservation["id"], {"status": "completed"})
        for allocation in db_api.host_allocation_get_all_by_values(reservation_id=reservation_id):
            db_api.host_allocation_destroy(allocation["id"])

    @retrying.retry(
        stop_max_delay=host_plugin.INSTANCE_DELETION_TIMEOUT,
        wait_fixed=POLL_MILLISECONDS,
        retry_on_result=lambda gone: not gone,
    )
    def _wait_for_deletion(self, reservation_id: str) -> bool:
        return not any(self._servers(reservation_id))

    def _servers(self, reservation_id: str) -> Iterator[Any]:
        """The servers on the nodes of an active reservation."""
        if db_api.reservation_get(reservation_id)["status"] == status.reservation.PENDING:
            return
        for allocation in db_api.host_allocation_get_all_by_values(reservation_id=reservation_id):
            host = db_api.host_get(allocation["compute_host_id"])
            yield from self.nova.servers.list(
                search_opts={"node": host["hypervisor_hostname"], "all_tenants": 1}
            )

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
        fewest, most = (int(count) for count in host_reservation["count_range"].split("-"))
        fewest, most = values.get("min", fewest), values.get("max", most)
        self._validate_min_max_range(values, fewest, most)
        properties = [
            values.get(key, host_reservation[key])
            for key in ("hypervisor_properties", "resource_properties")
        ]
        allotted = db_api.host_allocation_get_all_by_values(reservation_id=reservation_id)
        unfit = self._allocations_to_remove(dates_before, dates_after, most, *properties, allotted)
        if unfit and reservation_status == status.reservation.ACTIVE:
            raise manager_ex.NotEnoughHostsAvailable()
        kept = len(allotted) - len(unfit)
        if kept < most:
            missing = max(fewest - kept, 0)
            found = self._matching_hosts(
                *properties,
                f"{missing}-{most - kept}",
                dates_after["start_date"],
                dates_after["end_date"],
            )
            if len(found) < missing:
                raise manager_ex.NotEnoughHostsAvailable()
            self._allot(reservation_id, found)
        for allocation in unfit:
            db_api.host_allocation_destroy(allocation["id"])

    def _reallocate(self, allocation: dict[str, Any]) -> bool:
        """Put another node in place of one that failed; says whether there was one."""
        reservation = db_api.reservation_get(allocation["reservation_id"])
        lease = db_api.lease_get(reservation["lease_id"])
        found = self._matching_hosts(
            reservation["hypervisor_properties"],
            reservation["resource_properties"],
            "1-1",
            max(timeutils.utcnow(), lease["start_date"]),
            lease["end_date"],
        )
        if not found:
            db_api.host_allocation_destroy(allocation["id"])
            LOG.warning("No other node for reservation %s.", reservation["id"])
            return False
        db_api.host_allocation_update(allocation["id"], {"compute_host_id": found[0]})
        LOG.warning("Another node for reservation %s.", reservation["id"])
        return True
