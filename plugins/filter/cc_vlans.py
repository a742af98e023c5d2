"""The filter that says which VLANs Neutron gives to the networks of projects."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

# Ansible loads plugins as single files; what ours share is a package beside them.
sys.path.append(str(Path(__file__).resolve().parents[1] / "lib"))

from cc_cloud_plan import addresses, wanted_networks

HIGHEST = 4094
Entry = Mapping[str, Any]


def vlan_ranges(entries: Any, provisioning: Entry | None = None) -> list[str]:
    """``network_vlan_ranges`` of ML2 for ``neutron_networks``, as ``NETWORK:FIRST:LAST``.

    Neutron takes a network of a project from the first physical network with a VLAN left, so
    those with VLANs on demand come first. It gives away every VLAN of a physical network that is
    listed without a range, and makes no network with VLANs on one that is not listed: each of the
    others has a range of one VLAN that a network of the site takes. ``provisioning`` has the
    ``physical_network`` and the ``vlan`` of Ironic's network.

    :raises Refused: a range is none.
    """
    on_demand: list[str] = []
    taken: list[str] = []
    for entry in entries or []:
        if not _has_vlans(entry):
            continue
        name = entry["name"]
        wanted = addresses.vlans(entry.get("on_demand_vlan_ranges"))
        if wanted:
            on_demand += [f"{name}:{first}:{last}" for first, last in _spans(wanted)]
        else:
            vlan = _taken(entry, provisioning or {})
            taken.append(f"{name}:{vlan}:{vlan}")
    return on_demand + taken


def _has_vlans(entry: Entry) -> bool:
    """Whether networks on a physical network are VLANs; the external one is flat by itself."""
    said = entry.get("network_type")
    if said:
        return bool(said == "vlan")
    return (
        entry["name"] != wanted_networks.PUBLIC_NAME
        or entry.get("sharednet") is not None
        or bool((entry.get("public") or {}).get("vlan"))
        or any(entry.get(f"{kind}_vlan_ranges") for kind in ("on_demand", "reservable"))
    )


def _spans(vlans: Iterable[int]) -> Iterator[tuple[int, int]]:
    """First and last of each run of consecutive numbers, lowest first."""
    for _, run in itertools.groupby(enumerate(sorted(vlans)), lambda pair: pair[1] - pair[0]):
        numbers = [vlan for _, vlan in run]
        yield numbers[0], numbers[-1]


def _taken(entry: Entry, provisioning: Entry) -> int:
    """The VLAN of a network of the site here; without one, the highest that nobody may lend."""
    for part in ("sharednet", "public"):
        vlan = (entry.get(part) or {}).get("vlan")
        if vlan:
            return int(vlan)
    if provisioning.get("vlan") and provisioning.get("physical_network") == entry["name"]:
        return int(provisioning["vlan"])
    lent = set(addresses.vlans(entry.get("reservable_vlan_ranges")))
    return max({*range(1, HIGHEST + 1)} - lent, default=HIGHEST)


class FilterModule:
    """The filters, by the names that templates use."""

    def filters(self) -> dict[str, Any]:
        return {"cc_vlan_ranges": vlan_ranges}
