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
        if not wanted_networks.has_vlans(entry):
            continue
        name = entry["name"]
        wanted = addresses.vlans(entry.get("on_demand_vlan_ranges"))
        if wanted:
            on_demand += [f"{name}:{first}:{last}" for first, last in _spans(wanted)]
        else:
            own = wanted_networks.own_vlan(entry, provisioning or {})
            vlan = own or wanted_networks.spare_vlan(entry)
            taken.append(f"{name}:{vlan}:{vlan}")
    return on_demand + taken


def _spans(vlans: Iterable[int]) -> Iterator[tuple[int, int]]:
    """First and last of each run of consecutive numbers, lowest first."""
    for _, run in itertools.groupby(enumerate(sorted(vlans)), lambda pair: pair[1] - pair[0]):
        numbers = [vlan for _, vlan in run]
        yield numbers[0], numbers[-1]


class FilterModule:
    """The filters, by the names that templates use."""

    def filters(self) -> dict[str, Any]:
        return {"cc_vlan_ranges": vlan_ranges}
