"""The lab's network: a private bridge on which nodes, registry and this machine meet."""

from __future__ import annotations

import ipaddress
import json
from typing import TYPE_CHECKING

from cc_ansible.errors import CcError
from cc_ansible.lab.spec import Lab
from cc_ansible.runs.process import check

if TYPE_CHECKING:
    from docker import DockerClient


def ensure(engine: DockerClient, lab: Lab) -> bool:
    """Make the network unless it is there; True when it was made.

    Raises:
        CcError: the subnet or a network after it collides with another network, or the lab has
            another subnet.
    """
    import docker
    from docker.errors import APIError, NotFound

    try:
        known = engine.networks.get(lab.name).attrs["IPAM"]["Config"][0]["Subnet"]
    except NotFound:
        known = None
    if known == lab.subnet:
        return False
    if known:
        raise CcError(
            f"the lab already lives on {known}",
            fix=f"run it with --subnet {known}, or 'cc-ansible lab destroy' first",
        )
    refuse_routed(lab, json.loads(check(["ip", "-json", "-4", "route", "show"])))
    pool = docker.types.IPAMPool(subnet=lab.subnet, gateway=lab.gateway)
    try:
        engine.networks.create(
            lab.name,
            driver="bridge",
            # Nodes reach each other, the registry and this machine, and nothing else.
            internal=True,
            ipam=docker.types.IPAMConfig(pool_configs=[pool]),
            labels=lab.labels,
        )
    except APIError as error:
        raise CcError(
            f"the lab's network {lab.subnet} cannot be made: {error.explanation}",
            fix="choose a free one with --subnet",
        ) from error
    return True


def refuse_routed(lab: Lab, routes: list[dict[str, str]]) -> None:
    """Docker looks after the lab's own subnet; those behind its switch are routed by us.

    ``routes`` are this machine's, as ``ip -json route`` prints them.

    Raises:
        CcError: one of them leads to what the lab would route to its switch.
    """
    known = [ipaddress.IPv4Network(one["dst"]) for one in routes if one["dst"] != "default"]
    for network in lab.routed.values():
        cidr = ipaddress.IPv4Network(network.cidr)
        taken = next((one for one in known if one.overlaps(cidr)), None)
        if taken or not cidr.is_private:
            why = f"this machine has a route to {taken}" if taken else "its addresses are public"
            raise CcError(
                f"the lab needs {cidr}, after its own {lab.subnet}, but {why}",
                fix="choose a subnet with --subnet that has two free /24s after it",
            )


def remove(engine: DockerClient, lab: Lab) -> None:
    from docker.errors import NotFound

    try:
        engine.networks.get(lab.name).remove()
    except NotFound:
        return
