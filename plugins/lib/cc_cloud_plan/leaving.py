"""Routers, subnets and networks of ours that the site names no longer, and which of them can go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cc_cloud_plan.steps import is_marked

NEUTRONS = ("network:dhcp", "network:distributed", "network:floatingip_agent_gateway")
"""Owners of ports that Neutron removes with their network (AUTO_DELETE_PORT_OWNERS there)."""
USED = "the site names it no longer, but it is still used and stays"
Found = Mapping[str, Any]
ById = dict[str, Found]


@dataclass
class Leaving:
    """What can go, by id, and what cannot: kind, object and why."""

    routers: ById
    subnets: ById
    networks: ById
    asked: set[str]
    """Ids of subnets that the site asks for."""
    stays: list[tuple[str, Found, str]] = field(default_factory=list)

    def keep(self, kind: str, id_: str, why: str = USED) -> None:
        """Let an object stay."""
        self.stays.append((kind, getattr(self, f"{kind}s").pop(id_), why))


def candidates(
    state: Mapping[str, Any], networks: set[str], subnets: set[str], router: str | None
) -> Leaving:
    """What is ours, but neither one of some networks or subnets (ids) nor a router of this name."""

    def ours(kind: str) -> list[Found]:
        return [one for one in state[kind] if is_marked(one.get("description"))]

    return Leaving(
        routers={one["id"]: one for one in ours("routers") if one["name"] != router},
        subnets={one["id"]: one for one in ours("subnets") if one["id"] not in subnets},
        networks={one["id"]: one for one in ours("networks") if one["id"] not in networks},
        asked=subnets,
    )


def settle(leaving: Leaving, state: Mapping[str, Any], router: Found | None) -> None:
    """Let stay what somebody uses, and all that belongs to it.

    ``state`` has the ``ports`` of the networks in question. ``router`` is that of the site, which
    gives up its legs by itself. What stays may keep something else, so this goes on until it does
    not.
    """
    before = -1
    while before != len(leaving.stays):
        before = len(leaving.stays)
        own = {*leaving.routers, *([router["id"]] if router else [])}
        used = [port for port in state.get("ports") or [] if _is_of_somebody(port, own)]
        _keep_networks(leaving, used, state)
        _keep_subnets(leaving, used)
        _keep_routers(leaving, state)


def _is_of_somebody(port: Found, own: set[str]) -> bool:
    return port["device_id"] not in own and port["device_owner"] not in NEUTRONS


def _keep_networks(leaving: Leaving, used: list[Found], state: Mapping[str, Any]) -> None:
    in_use = {port["network_id"] for port in used}
    # Neutron removes all subnets of a network with it.
    more = {one["network_id"] for one in state["subnets"] if one["id"] not in leaving.subnets}
    for id_ in list(leaving.networks):
        if id_ in in_use:
            leaving.keep("network", id_)
            for subnet in [key for key, one in leaving.subnets.items() if one["network_id"] == id_]:
                leaving.keep("subnet", subnet)
        elif id_ in more:
            leaving.keep("network", id_, "the site names it no longer, but a subnet of it stays")


def _keep_subnets(leaving: Leaving, used: list[Found]) -> None:
    in_use = {ip["subnet_id"] for port in used for ip in port["fixed_ips"]}
    for id_ in sorted(in_use & leaving.subnets.keys()):
        leaving.keep("subnet", id_)


def _keep_routers(leaving: Leaving, state: Mapping[str, Any]) -> None:
    """A router stays with a leg that stays, and with one that somebody made by hand."""
    known = leaving.asked | leaving.subnets.keys()
    for port in state["router_interfaces"]:
        legs = {ip["subnet_id"] for ip in port["fixed_ips"]}
        if port["device_id"] in leaving.routers and legs - known:
            leaving.keep("router", port["device_id"])
