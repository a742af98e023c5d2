"""Reservations of network segments: the plugin that Blazar's manager loads.

A segment is allotted from the start of a lease to its end. At the start Neutron makes a network
of it, in the project of the lease; at the end the network is removed, and then the segment free.
"""

from __future__ import annotations

import random
from typing import Any

from blazar import context, status
from blazar import exceptions as blazar_ex
from blazar.db import api as db_api
from blazar.db.sqlalchemy import facade_wrapper
from blazar.manager import exceptions as manager_ex
from blazar.plugins import base
from blazar.utils.openstack import neutron as blazar_neutron
from blazar.utils.openstack import nova
from keystoneauth1 import exceptions as keystone_ex
from neutronclient.common import exceptions as neutron_ex
from novaclient import exceptions as nova_ex
from oslo_config import cfg
from oslo_db import api as oslo_db_api
from oslo_log import log as logging

from blazar_chi import allotment, lease_changes, lease_limits, wishes
from blazar_chi.networks import RESOURCE_TYPE, errors, leases, neutron, records, segments
from blazar_chi.networks.segments import SEGMENTS

CONF = cfg.CONF
LOG = logging.getLogger(__name__)
ALLOCATION = "allocation"
LONGEST = {"network_name": 255, "before_end": 36}
"""Characters: of a name that Neutron takes, and of a column."""
TROUBLES = (
    neutron.InUse,
    neutron_ex.NeutronException,
    nova_ex.ClientException,
    keystone_ex.ClientException,
)


class NetworkPlugin(base.BasePlugin, nova.NovaClientWrapper):
    """``network``: one segment for each reservation."""

    resource_type = RESOURCE_TYPE
    title = "Network Plugin"
    description = "This plugin makes networks of reserved segments."
    query_options = {ALLOCATION: ["lease_id", "reservation_id"]}

    def __init__(self) -> None:
        super().__init__(
            username=CONF.os_admin_username,
            password=CONF.os_admin_password,
            user_domain_name=CONF.os_admin_user_domain_name,
            project_name=CONF.os_admin_project_name,
            project_domain_name=CONF.os_admin_project_domain_name,
        )

    def get_plugin_opts(self) -> list[Any]:
        """Options of the section ``network``."""
        return wishes.OPTIONS

    def setup(self, conf: Any) -> None:
        """Make networks known to the manager that loads the plugin."""
        lease_limits.register()
        lease_changes.register(SEGMENTS)
        leases.register_in_manager()

    # What an admin does, see ``segments``.

    def get(self, network_id: str) -> dict[str, Any]:
        """A segment, with what is known of it."""
        return segments.get(network_id)

    get_network = get

    def list_networks(self, query: dict[str, str] | None = None) -> list[dict[str, Any]]:
        """Every segment."""
        return segments.listed()

    def create_network(self, values: dict[str, Any]) -> dict[str, Any]:
        """Make a segment reservable."""
        return segments.create(values)

    def update_network(self, network_id: str, values: dict[str, Any]) -> dict[str, Any]:
        """Change what is known of a segment."""
        return segments.update(network_id, values)

    def delete_network(self, network_id: str) -> None:
        """Forget a segment."""
        segments.delete(network_id)

    def list_allocations(self, query: dict[str, str], detail: bool = False) -> list[dict[str, Any]]:
        """The reservations of each segment."""
        keys = [segment["id"] for segment in segments.listed()]
        found = self.query_allocations(keys, **self.get_query_options(query, ALLOCATION))
        return [{"resource_id": key, "reservations": found[key]} for key in keys]

    def get_allocations(self, network_id: str, query: dict[str, str]) -> dict[str, Any]:
        """The reservations of one segment."""
        found = self.query_allocations([network_id], **self.get_query_options(query, ALLOCATION))
        return {"resource_id": network_id, "reservations": found[network_id]}

    def query_allocations(
        self,
        resource_id_list: list[str],
        lease_id: str | None = None,
        reservation_id: str | None = None,
    ) -> dict[str, list[dict[str, Any]]]:
        """The reservations of some segments, by the id of the segment."""
        return segments.allocations(resource_id_list, lease_id, reservation_id)

    # What users do.

    def allocation_candidates(self, lease_values: dict[str, Any]) -> list[str]:
        """The id of the segment that a reservation would get."""
        values = _complete(lease_values)
        project_id = context.current().project_id
        with facade_wrapper.session_for_read() as session:
            own = allotment.own_reservation(session, values, project_id)
            return self._choose(session, values, project_id, own)[1][:1]

    @oslo_db_api.wrap_db_retry(max_retries=lease_changes.TRIES, retry_on_deadlock=True)
    def reserve_resource(self, reservation_id: str, values: dict[str, Any]) -> str:
        """Allot a segment to a reservation; returns the id of the network reservation.

        Raises:
            InvalidInput: no segment that matches, and that the project may have, is free.
        """
        values = _complete(values)
        with facade_wrapper.session_for_write() as session:
            allotment.claim(session, SEGMENTS)
            project_id = db_api.lease_get(values["lease_id"])["project_id"]
            properties, found = self._choose(session, values, project_id)
            if not found:
                raise _not_enough()
            records.allot(session, reservation_id, found[0])
            return records.create(
                session, reservation_id, {**values, "resource_properties": properties}
            )

    def _choose(
        self, session: Any, values: dict[str, Any], project_id: str, own: str | None = None
    ) -> tuple[str, list[str]]:
        """Segments for a reservation, and the resource properties by which they were found.

        What the reservation of the id ``own`` has counts as free.
        """
        properties = ""
        for properties in wishes.properties_to_try(
            values["resource_properties"], CONF[RESOURCE_TYPE]
        ):
            wanted = wishes.conditions(values["network_properties"], properties)
            suitable = allotment.suitable(session, SEGMENTS, wanted, project_id)
            # Otherwise users would find the traces of others on the next one.
            random.shuffle(suitable)
            dates = values["start_date"], values["end_date"]
            found = allotment.free(session, SEGMENTS, suitable, *dates, own)
            if found:
                return properties, found
        return properties, []

    def update_reservation(self, reservation_id: str, values: dict[str, Any]) -> None:
        """Fit a reservation to new dates or wishes.

        Raises:
            CantUpdateParameter: the network is there already, and would get another name.
            InvalidInput: no segment that matches is free, or an active reservation would change
                to another one, or begin at another time.
            MissingParameter, MalformedParameter: what is wanted now cannot be.
        """
        # The transaction is that of the whole lease, see ``lease_changes``.
        with facade_wrapper.session_for_write() as session:
            reservation = db_api.reservation_get(reservation_id)
            lease_changes.check_start(reservation, values)
            before = records.get(session, reservation["resource_id"])
            wanted = _complete({**before, **records.asked(values)})
            changes = {name: wanted[name] for name in before if wanted[name] != before[name]}
            lease = db_api.lease_get(reservation["lease_id"])
            if not changes and _within(values, lease):
                return
            pending = reservation["status"] == status.reservation.PENDING
            if not pending and changes.keys() & {"network_name", "network_description"}:
                raise manager_ex.CantUpdateParameter(param="network_name")
            wanted |= {key: values[key] for key in ("start_date", "end_date")}
            if self._still_has_it(session, reservation_id, wanted, lease):
                records.update(session, before["id"], changes)
                return
            properties, found = self._choose(session, wanted, lease["project_id"], reservation_id)
            if not found or not pending:
                raise _not_enough()
            records.allot(session, reservation_id, found[0])
            records.update(session, before["id"], {**changes, "resource_properties": properties})

    def _still_has_it(
        self, session: Any, reservation_id: str, wanted: dict[str, Any], lease: Any
    ) -> bool:
        """Whether the segment of a reservation does for what is wanted now."""
        conditions = wishes.conditions(wanted["network_properties"], wanted["resource_properties"])
        suitable = allotment.suitable(session, SEGMENTS, conditions, lease["project_id"])
        needed = allotment.to_keep(
            (lease["start_date"], lease["end_date"]), (wanted["start_date"], wanted["end_date"])
        )
        busy = allotment.taken(session, SEGMENTS, *needed, other_than=reservation_id)
        key = records.allotted(session, reservation_id)
        return key in suitable and key not in busy

    # What time does.

    def on_start(self, resource_id: str) -> None:
        """Make the network.

        Raises:
            NetworkCreationFailed: Neutron refuses, or cannot be asked.
        """
        with facade_wrapper.session_for_read() as session:
            reservation = records.get(session, resource_id)
            segment = segments.get(records.allotted(session, reservation["reservation_id"]))
        lease = _lease(reservation["reservation_id"])
        try:
            client = blazar_neutron.BlazarNeutronClient().neutron
            found = self._made_before(client, segment, reservation, lease["project_id"])
            network_id = found or self._make(client, segment, reservation, lease["project_id"])
        except TROUBLES as problem:
            raise errors.NetworkCreationFailed(
                name=reservation["network_name"], id=reservation["reservation_id"], msg=problem
            ) from problem
        records.note(resource_id, network_id=network_id)

    def _make(
        self, client: Any, segment: dict[str, Any], reservation: dict[str, Any], project_id: str
    ) -> str:
        records.note(reservation["id"], requested=True)
        name, description = reservation["network_name"], reservation["network_description"]
        try:
            return neutron.make(client, segment, project_id, name, description)
        except neutron_ex.NeutronClientException as problem:
            if 400 <= problem.status_code < 500:
                # It certainly made none: what is on the segment is somebody else's.
                records.note(reservation["id"], requested=False)
            raise

    def _made_before(
        self, client: Any, segment: dict[str, Any], reservation: dict[str, Any], project_id: str
    ) -> str | None:
        """The network of a reservation, also if this process was killed when it had made it."""
        if reservation["network_id"] or not reservation["requested"]:
            known: str | None = reservation["network_id"]
            return known
        for network in neutron.on_segment(client, segment):
            owner = network.get("project_id") or network.get("tenant_id")
            if owner == project_id and network["name"] == reservation["network_name"]:
                found: str = network["id"]
                return found
        return None

    def on_end(self, resource_id: str) -> None:
        """Remove the network, and then give the segment back.

        Raises:
            NetworkDeletionFailed: a server is connected to it, or Neutron cannot be asked.
        """
        with facade_wrapper.session_for_read() as session:
            reservation = records.get(session, resource_id)
            reservation_id = reservation["reservation_id"]
            key = records.allotted(session, reservation_id)
        if key is None:
            return
        project_id = _lease(reservation_id)["project_id"]
        network_id = None
        try:
            if reservation["network_id"] or reservation["requested"]:
                client = blazar_neutron.BlazarNeutronClient().neutron
                segment = segments.get(key)
                network_id = self._made_before(client, segment, reservation, project_id)
                if network_id:
                    neutron.remove(client, network_id, self._server_is_gone)
        except TROUBLES as problem:
            raise errors.NetworkDeletionFailed(
                network_id=network_id, id=reservation_id, msg=problem
            ) from problem
        records.give_back(reservation_id)

    def _server_is_gone(self, server: str) -> bool:
        try:
            self.nova.servers.get(server)
        except nova_ex.NotFound:
            return True
        return False


def _complete(values: dict[str, Any]) -> dict[str, Any]:
    """What a request says, with what it may leave out."""
    if not values.get("network_name"):
        raise manager_ex.MissingParameter(param="network_name")
    found = values | {
        "network_name": str(values["network_name"]),
        "network_description": str(values.get("network_description") or ""),
        "network_properties": wishes.as_text(values.get("network_properties")),
        "resource_properties": wishes.as_text(values.get("resource_properties")),
        "before_end": str(values.get("before_end") or "default"),
    }
    for name, longest in LONGEST.items():
        if len(found[name]) > longest:
            raise manager_ex.MalformedParameter(param=f"{name}: it is too long")
    return found


def _within(dates: dict[str, Any], lease: dict[str, Any]) -> bool:
    starts_later: bool = dates["start_date"] >= lease["start_date"]
    ends_earlier: bool = dates["end_date"] <= lease["end_date"]
    return starts_later and ends_earlier


def _not_enough() -> Exception:
    # Of all classes that say so, this one leaves a lease as it was that could not be changed.
    return blazar_ex.InvalidInput("Not enough networks available")


def _lease(reservation_id: str) -> dict[str, Any]:
    lease: dict[str, Any] = db_api.lease_get(db_api.reservation_get(reservation_id)["lease_id"])
    return lease
