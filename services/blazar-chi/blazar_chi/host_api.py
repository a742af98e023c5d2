"""The routes of hosts: Blazar's own, and one that answers Nova's scheduler in one request.

``GET /v1/os-hosts/reservable?reservation_id=ID,ID`` needs what listing allocations needs. With
Blazar's own routes it would be one request for all hosts, one for allocations and one for each
lease, and the first reads all that is known of each host.
"""

from __future__ import annotations

from typing import Any

from blazar import policy, utils
from blazar.api.v1 import utils as api_utils
from blazar.api.v1.oshosts import v1_0
from blazar.manager.oshosts import rpcapi


class _API:
    def __init__(self) -> None:
        self._manager = rpcapi.ManagerRPCAPI()

    @policy.authorize("oshosts", "get_allocations")
    def reservable_nodes(self, reservation_ids: list[str]) -> dict[str, Any]:
        found: dict[str, Any] = self._manager.call(
            "physical:host:reservable_nodes", reservation_ids=reservation_ids
        )
        return found


_api = utils.LazyProxy(_API)


@v1_0.rest.get("/reservable", query=True)
def reservable_nodes(req: Any, query: dict[str, str]) -> Any:
    """All nodes that Blazar lends, and the standing of the reservations in the query."""
    asked = query.get("reservation_id", "")
    reservation_ids = [text.strip() for text in asked.split(",") if text.strip()]
    return api_utils.render(reservable=_api.reservable_nodes(reservation_ids))


def get_rest() -> Any:
    """The routes, as Blazar's API loads them."""
    return v1_0.rest
