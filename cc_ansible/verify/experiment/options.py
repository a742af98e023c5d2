"""What an experiment uses, and how long it may take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class SwitchPort:
    """Where the cable of a node goes, as ``ports`` of an item in ``hardware/`` say it.

    Attributes:
        switch: name of the switch in ``switch_configs``.
        port: the port as the switch names it.
        switch_id: MAC address of the switch.
        physical_network: a name in ``neutron_networks``.
    """

    switch: str
    port: str
    switch_id: str
    physical_network: str


@dataclass(frozen=True)
class FakeNode:
    """A node that is enrolled for the experiment, and removed after it.

    ``switch_port`` is None for a node without a network.
    """

    switch_port: SwitchPort | None = None
    node_type: str = "compute_verify"


@dataclass(frozen=True)
class Beside:
    """What somebody sees who stands beside a machine: its screen, a PNG, and what it said.

    ``screen`` is empty when it is dark.
    """

    screen: bytes
    console: str


@dataclass(frozen=True)
class Options:
    """How an experiment is done.

    Attributes:
        image: name of the image that is deployed.
        fake: what to enrol; None takes a node that is reservable already.
        node_type: without ``fake``, the kind of node that may be taken; empty for any of ``items``.
        items: without ``fake``, names or uuids of nodes that may be taken; empty for any.
        flavor: name of the flavor.
        external_network: name of the network of floating IPs; empty for none.
        limit: seconds that the experiment may take, and again its cleaning up.
        keep: leave everything as it is when something fails.
        repetitions: how many experiments, one after the other.
        switch_port_vlan: asks a switch for the access VLAN of a port, by the names of both; its
            answer is None where the port has none. None where switches cannot be asked.
        login: user that the image lets log in by ssh with the key of the server; empty for none.
        handle: also switch the server off and on, and rebuild it.
        isolation: also see on a second node that a server of another user is out of reach, and
            that one of the same user is reached.
        beside: shows a machine by the name of its node; None where nobody can.
        idle_vlans: access VLANs of ports that nobody uses; empty for any but the user's.
    """

    image: str
    fake: FakeNode | None = None
    node_type: str = ""
    items: tuple[str, ...] = ()
    flavor: str = "baremetal"
    external_network: str = "public"
    limit: float = 1800.0
    keep: bool = False
    repetitions: int = 1
    login: str = ""
    handle: bool = False
    isolation: bool = False
    beside: Callable[[str], Beside] | None = None
    switch_port_vlan: Callable[[str, str], int | None] | None = None
    idle_vlans: frozenset[int] = frozenset()

    @property
    def isolates(self) -> bool:
        """Whether ``isolation`` can be seen: from the inside, and where there may be two nodes."""
        return bool(self.isolation and self.login and not self.fake and len(self.items) != 1)
