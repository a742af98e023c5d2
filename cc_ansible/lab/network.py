"""The lab's network: a private bridge on which nodes, registry and this machine meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cc_ansible.errors import CcError
from cc_ansible.lab.spec import Lab

if TYPE_CHECKING:
    from docker import DockerClient


def ensure(engine: DockerClient, lab: Lab) -> bool:
    """Make the network unless it is there; True when it was made.

    Raises:
        CcError: the subnet collides with another network, or the network has another subnet.
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


def remove(engine: DockerClient, lab: Lab) -> None:
    from docker.errors import NotFound

    try:
        engine.networks.get(lab.name).remove()
    except NotFound:
        return
