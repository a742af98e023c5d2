"""What Blazar may lend: single VLANs of physical networks, and single floating addresses."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from cc_cloud_plan import addresses, wanted_networks
from cc_cloud_plan.steps import Refused


def reservable(entries: Any, floating: Any, state: Mapping[str, Any]) -> dict[str, Any]:
    """What module ``cc_blazar_resources`` is to hand to Blazar.

    Returns a map with ``networks``, ``floating_ips``, the ``physical_networks`` and
    ``floating_network`` they are all of, and ``refused``, sentences about what cannot be lent.
    """
    refused: list[str] = []
    networks: list[dict[str, Any]] = []
    entries = list(entries or [])
    for entry in entries:
        try:
            segments = addresses.vlans(entry.get("reservable_vlan_ranges"))
        except Refused as why:
            refused.append(f"network {entry['name']}: {why}")
            continue
        networks += [
            {"network_type": "vlan", "physical_network": entry["name"], "segment_id": segment}
            for segment in segments
        ]
    # A cloud may have more external networks than that of the site.
    name = wanted_networks.public_name(entries)
    public = next(
        (
            one for one in state["networks"]
            if one.get("is_router_external") and one["name"] == name
        ),
        None,
    )  # fmt: skip
    return {
        "networks": networks,
        "physical_networks": [str(entry["name"]) for entry in entries],
        "floating_network": public["id"] if public else "",
        "floating_ips": _floating(entries, floating, public, state, refused),
        "refused": refused,
    }


def _floating(
    entries: list[Any],
    said: Any,
    public: Mapping[str, Any] | None,
    state: Mapping[str, Any],
    refused: list[str],
) -> list[str]:
    try:
        wanted = list(dict.fromkeys(addresses.listed(said)))
    except Refused as why:
        refused.append(f"blazar_floating_ips: {why}")
        return []
    if not wanted:
        return []
    if public is None:
        # In check mode of a new site the network is not there yet.
        if not any(wanted_networks.is_public(entry) for entry in entries):
            refused.append("blazar_floating_ips: the site has no external network")
        return []
    subnets = [one for one in state["subnets"] if one["network_id"] == public["id"]]
    return [address for address in wanted if _lendable(address, subnets, refused)]


def _lendable(address: str, subnets: list[Mapping[str, Any]], refused: list[str]) -> bool:
    """Blazar takes addresses of the external subnets that Neutron does not give out."""
    inner = ipaddress.ip_address(address)
    subnet = next((one for one in subnets if inner in addresses.network(one["cidr"])), None)
    why = ""
    if subnet is None:
        why = "is in no subnet of the external network"
    elif addresses.inside(address, subnet.get("allocation_pools") or []):
        why = "is in a pool that Neutron gives out itself"
    elif address == subnet.get("gateway_ip"):
        why = "is the gateway"
    if why:
        refused.append(f"blazar_floating_ips: {address} {why}")
    return not why
