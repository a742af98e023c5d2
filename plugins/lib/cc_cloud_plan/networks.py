"""Networks, their subnets, and the router between shared networks and the external one."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from cc_cloud_plan import wanted_networks
from cc_cloud_plan.addresses import pools
from cc_cloud_plan.leaving import Leaving, candidates, settle
from cc_cloud_plan.steps import (
    Plan,
    Refused,
    by_name,
    description,
    differences,
    shown,
    twice,
)
from cc_cloud_plan.wanted_networks import Wanted

ROUTER = "sharednet-router"
FIXED_NETWORK = ("provider_network_type", "provider_physical_network")
"""What Neutron never changes at a network."""
FIXED_SUBNET = ("cidr", "ip_version", "ipv6_ra_mode", "ipv6_address_mode")
State = Mapping[str, Any]
Found = Mapping[str, Any]
Matched = Mapping[str, Mapping[str, Found]]


def plan(
    entries: Any,
    state: State,
    provisioning: Mapping[str, Any],
    router: str = ROUTER,
    *,
    prune: bool = False,
) -> Plan:
    """Compare ``neutron_networks`` with networks, subnets, routers and router_interfaces.

    ``ports`` of the state are those in the networks that :func:`in_question` names. Routers refer
    to subnets and networks by id; those that are still to be made by name, so that they are planned
    again once these are there.
    """
    result = Plan(prune=prune)
    try:
        wanted = list(wanted_networks.all_of(list(entries or []), provisioning))
    except Refused as why:
        result.refused.append(str(why))
        return result
    named, matched = by_name(state["networks"]), _found(wanted, state)
    for name in sorted(twice(state["networks"]) & {one.name for one in wanted}):
        result.refuse("network", name, "there are several; remove or rename all but one")
    for one in wanted:
        _network(result, one, named.get(one.name))
    subnets = {one.name: _subnets(result, one, matched[one.name], state) for one in wanted}
    gone = _leaving(wanted, matched, state, router)
    settle(gone, state, by_name(state["routers"]).get(router) if _routed(wanted)[0] else None)
    _router(result, router, wanted, named, subnets, state, set(gone.subnets))
    for kind in ("router", "subnet", "network"):
        for found in getattr(gone, f"{kind}s").values():
            result.remove(kind, found["name"], {"id": found["id"]})
    result.notes += [f"{kind} {found['name']}: {why}" for kind, found, why in gone.stays]
    return result


def in_question(
    entries: Any, state: State, provisioning: Mapping[str, Any], router: str = ROUTER
) -> list[str]:
    """Ids of networks that may go, or lose a subnet, unless a port in them is somebody's."""
    try:
        wanted = list(wanted_networks.all_of(list(entries or []), provisioning))
    except Refused:
        return []
    gone = _leaving(wanted, _found(wanted, state), state, router)
    return sorted({*gone.networks, *(one["network_id"] for one in gone.subnets.values())})


def _leaving(wanted: list[Wanted], matched: Matched, state: State, router: str) -> Leaving:
    named = by_name(state["networks"])
    networks = {named[one.name]["id"] for one in wanted if one.name in named}
    subnets = {one["id"] for found in matched.values() for one in found.values()}
    return candidates(state, networks, subnets, router if _routed(wanted)[0] else None)


def _network(result: Plan, wanted: Wanted, found: Found | None) -> None:
    attributes = {**wanted.attributes, "description": description(None, found)}
    if found is None:
        result.make("network", wanted.name, attributes, _about(wanted.attributes))
        return
    changes = differences(attributes, found)
    for key in FIXED_NETWORK:
        if key in changes:
            result.refuse("network", wanted.name, f"{_change(key, changes)} needs a new network")
    changes = {key: change for key, change in changes.items() if key not in FIXED_NETWORK}
    args = {"id": found["id"], **{key: new for key, (_, new) in changes.items()}}
    result.change("network", wanted.name, changes, args)


def _about(attributes: Mapping[str, Any]) -> str:
    kind, physical = (attributes.get(key) for key in FIXED_NETWORK)
    vlan, mtu = attributes.get("provider_segmentation_id"), attributes.get("mtu")
    parts = [kind, f"on {physical}" if physical else "", f"VLAN {vlan}" if vlan else ""]
    parts.append(f"mtu {mtu}" if mtu else "")
    return " ".join(part for part in parts if part)


def _found(wanted: list[Wanted], state: State) -> Matched:
    """For each wanted network, by its name, the subnet found for each wanted one, by its name.

    Names of further subnets are numbers in a list, so addresses tell better which is which.
    """
    named = by_name(state["networks"])
    result: dict[str, dict[str, Found]] = {}
    for network in wanted:
        id_ = named[network.name]["id"] if network.name in named else None
        left = [one for one in state["subnets"] if id_ and one["network_id"] == id_]
        found = result.setdefault(network.name, {})
        for key in ("cidr", "name"):
            for said in network.subnets:
                one = next((one for one in left if one[key] == said[key]), None)
                if one is not None and said["name"] not in found:
                    found[said["name"]] = one
                    left.remove(one)
    return result


def _subnets(
    result: Plan, wanted: Wanted, matched: Mapping[str, Found], state: State
) -> dict[str, str]:
    """Plan the subnets of a network; returns the id (or name) of each by its name."""
    taken = {str(one["name"]) for one in state["subnets"]}
    ids: dict[str, str] = {}
    for said in wanted.subnets:
        found = matched.get(said["name"])
        name = said["name"] if found else _free(said["name"], taken)
        taken.add(name)
        ids[said["name"]] = found["id"] if found else name
        _subnet(result, wanted.name, {**said, "name": name}, found)
    return ids


def _free(name: str, taken: set[str]) -> str:
    """A name that no other subnet of ours has: modules find subnets by their names."""
    numbered = (f"{name}-{number}" for number in itertools.count(2))
    return name if name not in taken else next(one for one in numbered if one not in taken)


def _subnet(result: Plan, network: str, said: Mapping[str, Any], found: Found | None) -> None:
    attributes = {**said, "description": description(None, found)}
    if found is None:
        about = f"{said['cidr']} in {network}"
        result.make("subnet", said["name"], {**attributes, "network": network}, about)
        return
    # A subnet that somebody made by another name stays as it is called.
    changes = differences(
        {key: attributes[key] for key in attributes if key != "name"}, _sorted(found)
    )
    for key in FIXED_SUBNET:
        if key in changes:
            result.refuse("subnet", found["name"], f"{_change(key, changes)} needs a new subnet")
    changes = {key: change for key, change in changes.items() if key not in FIXED_SUBNET}
    args = {"id": found["id"], **{key: new for key, (_, new) in changes.items()}}
    result.change("subnet", found["name"], changes, args)


def _sorted(found: Found) -> Found:
    return {**found, "allocation_pools": pools(found.get("allocation_pools") or [])}


def _change(key: str, changes: Mapping[str, tuple[Any, Any]]) -> str:
    old, new = changes[key]
    return f"{key} {shown(old)} -> {shown(new)}"


def _router(
    result: Plan,
    name: str,
    wanted: list[Wanted],
    networks: Mapping[str, Found],
    subnets: Mapping[str, Mapping[str, str]],
    state: State,
    gone: set[str],
) -> None:
    """The router has its gateway in the external network and a leg in each shared subnet."""
    public, shared = _routed(wanted)
    if public is None:
        return
    gateway = networks[public.name]["id"] if public.name in networks else public.name
    legs = {subnet: id_ for one in shared for subnet, id_ in subnets[one.name].items()}
    found = by_name(state["routers"]).get(name)
    if name in twice(state["routers"]):
        result.refuse("router", name, "there are several; remove or rename all but one")
    mark = description(None, found)
    if found is None:
        args = {"network": gateway, "interfaces": sorted(legs.values()), "description": mark}
        about = f"gateway in {public.name}, legs in {', '.join(legs)}"
        result.make("router", name, args, about)
        return
    current = (found.get("external_gateway_info") or {}).get("network_id")
    changes = differences({"is_admin_state_up": True, "description": mark}, found)
    args = {"id": found["id"], **{key: new for key, (_, new) in changes.items()}}
    if current != gateway:
        changes["gateway"] = (_named(current, networks), public.name)
        args["external_gateway_info"] = {"network_id": gateway}
    result.change("router", name, changes, args)
    _legs(result, found, legs, gone if result.prune else set(), state)


def _routed(wanted: list[Wanted]) -> tuple[Wanted | None, list[Wanted]]:
    """The external network and the shared ones, if there is something to route."""
    public = next((one for one in wanted if one.external and one.subnets), None)
    shared = [one for one in wanted if one.shared and one.subnets]
    return (public, shared) if public and shared else (None, [])


def _legs(
    result: Plan, router: Found, legs: Mapping[str, str], gone: set[str], state: State
) -> None:
    """Legs that lack are added; of those we did not ask for, only subnets that go lose theirs."""
    there = {
        ip["subnet_id"]
        for port in state["router_interfaces"]
        if port["device_id"] == router["id"]
        for ip in port["fixed_ips"]
    }
    every = {*there, *legs.values()} - gone
    if every == there:
        return
    names = {one["id"]: one["name"] for one in state["subnets"]}
    was, now = (sorted(names.get(id_, id_) for id_ in ids) for ids in (there, every))
    args = {"router": router["id"], "interfaces": sorted(every)}
    result.change("leg", router["name"], {"legs": (was, now)}, args)


def _named(id_: str | None, networks: Mapping[str, Found]) -> str:
    return next((name for name, one in networks.items() if one["id"] == id_), id_ or "")
