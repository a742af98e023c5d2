"""The routes of network segments below ``/v1/networks``, as Chameleon's client knows them."""

from __future__ import annotations

from typing import Any

from blazar import manager, policy, utils
from blazar.api.v1 import utils as api_utils
from blazar.api.v1 import validation
from blazar.utils import service

from blazar_chi.networks import RESOURCE_TYPE, leases, policies


class _API:
    """Asks the manager, for who may."""

    def __init__(self) -> None:
        self._client = service.RPCClient(manager.get_target())

    def _call(self, name: str, **values: Any) -> Any:
        return self._client.call(f"{RESOURCE_TYPE}:{name}", **values)

    @policy.authorize("networks", "get")
    def list_networks(self, query: dict[str, str]) -> Any:
        return self._call("list_networks", query=query)

    @policy.authorize("networks", "get")
    def get_network(self, network_id: str) -> Any:
        return self._call("get_network", network_id=network_id)

    @policy.authorize("networks", "post")
    def create_network(self, values: dict[str, Any]) -> Any:
        return self._call("create_network", values=values)

    @policy.authorize("networks", "put")
    def update_network(self, network_id: str, values: dict[str, Any]) -> Any:
        return self._call("update_network", network_id=network_id, values=values)

    @policy.authorize("networks", "delete")
    def delete_network(self, network_id: str) -> None:
        self._call("delete_network", network_id=network_id)

    @policy.authorize("networks", "get_allocations")
    def list_allocations(self, query: dict[str, str]) -> Any:
        return self._call("list_allocations", query=query)

    @policy.authorize("networks", "get_allocations")
    def get_allocations(self, network_id: str, query: dict[str, str]) -> Any:
        return self._call("get_allocations", network_id=network_id, query=query)

    @policy.authorize("networks", "get_resource_properties")
    def list_resource_properties(self, query: dict[str, str]) -> Any:
        return self._call("list_resource_properties", query=query)

    @policy.authorize("networks", "update_resource_properties")
    def update_resource_property(self, property_name: str, values: dict[str, Any]) -> Any:
        return self._call("update_resource_property", property_name=property_name, values=values)


rest = api_utils.Rest("network_v1_0", __name__, url_prefix="/v1/networks")
_api = utils.LazyProxy(_API)
_known = validation.check_exists(_api.get_network, network_id="network_id")


def get_rest() -> Any:
    """The routes, as Blazar's API loads them."""
    policies.register()
    leases.register_in_api()
    return rest


@rest.get("", query=True)
def networks_list(req: Any, query: dict[str, str]) -> Any:
    """All segments."""
    return api_utils.render(networks=_api.list_networks(query))


@rest.post("")
def networks_create(req: Any, data: dict[str, Any]) -> Any:
    """Make a segment reservable."""
    return api_utils.render(network=_api.create_network(data))


@rest.get("/<network_id>")
def networks_get(req: Any, network_id: str) -> Any:
    """One segment."""
    return api_utils.render(network=_api.get_network(network_id))


@rest.put("/<network_id>")
def networks_update(req: Any, network_id: str, data: dict[str, Any]) -> Any:
    """Change a segment."""
    # Some clients put the values into an object of their own.
    values = data["values"] if isinstance(data.get("values"), dict) else data
    return api_utils.render(network=_api.update_network(network_id, values))


@rest.delete("/<network_id>")
def networks_delete(req: Any, network_id: str) -> Any:
    """Forget a segment."""
    _api.delete_network(network_id)
    return api_utils.render()


@rest.get("/allocations", query=True)
def allocations_list(req: Any, query: dict[str, str]) -> Any:
    """The reservations of each segment."""
    return api_utils.render(allocations=_api.list_allocations(query))


@rest.get("/<network_id>/allocation", query=True)
@_known
def allocations_get(req: Any, network_id: str, query: dict[str, str]) -> Any:
    """The reservations of one segment."""
    return api_utils.render(allocation=_api.get_allocations(network_id, query))


@rest.get("/properties", query=True)
def resource_properties_list(req: Any, query: dict[str, str]) -> Any:
    """Names of properties, and with ``detail`` their values."""
    return api_utils.render(resource_properties=_api.list_resource_properties(query))


@rest.patch("/properties/<property_name>")
def resource_property_update(req: Any, property_name: str, data: dict[str, Any]) -> Any:
    """Hide a property from users, or show it."""
    return api_utils.render(resource_property=_api.update_resource_property(property_name, data))
