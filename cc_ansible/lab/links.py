"""The cables of the lab: pairs of interfaces between its nodes and its switch, and routes."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cc_ansible.engine import docker, packages
from cc_ansible.errors import RunFailed
from cc_ansible.lab.spec import (
    DEFAULT_VLAN,
    PUBLIC_INTERFACE,
    PUBLIC_VLAN,
    TENANT_INTERFACE,
    Lab,
    Machine,
    Node,
)
from cc_ansible.runs.process import check

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container


REOPEN = """\
bridge=$(ovs-vsctl port-to-br "$0") &&
    tag=$(ovs-vsctl get port "$0" tag) &&
    ovs-vsctl del-port "$0" &&
    ovs-vsctl add-port "$bridge" "$0" -- set port "$0" tag="$tag"
"""


@dataclass(frozen=True)
class Link:
    """A cable from an interface of a node to a port of the switch, on one VLAN or on all."""

    interface: str
    port: str
    vlan: int | None


def of(node: Node) -> tuple[Link, ...]:
    """The cables of a node: one for all VLANs of machines, one to the public network."""
    return (
        Link(TENANT_INTERFACE, node.name, None),
        Link(PUBLIC_INTERFACE, f"{node.name}-public", PUBLIC_VLAN),
    )


def of_machine(machine: Machine) -> Link:
    """The cable of a machine. Neutron moves the port from one VLAN to the other."""
    return Link(TENANT_INTERFACE, machine.name, DEFAULT_VLAN)


def ensure(node: Container, switch: Container, link: Link) -> bool:
    """Plug a cable in unless it is; True when it was."""
    if _has(node, link.interface) and _has(switch, link.port):
        return False
    # One end without the other comes of a node or switch of an earlier version.
    _remove(node, link.interface)
    _remove(switch, link.port)
    node.reload()
    switch.reload()
    _ip(
        "link", "add", link.interface, "netns", str(node.attrs["State"]["Pid"]),
        "type", "veth",
        "peer", "name", link.port, "netns", str(switch.attrs["State"]["Pid"]),
    )  # fmt: skip
    for container, name in ((node, link.interface), (switch, link.port)):
        docker.demand(container, ["ip", "link", "set", name, "up"])
    # Open vSwitch goes on listening to the interface that was there before.
    node.exec_run(["docker", "exec", "openvswitch_vswitchd", "sh", "-c", REOPEN, link.interface])
    switch.exec_run(["sh", "-c", REOPEN, link.port])
    return True


def route(node: Container, lab: Lab) -> None:
    """From a node to the networks behind the switch."""
    for network in lab.routed.values():
        docker.demand(node, ["ip", "route", "replace", network.cidr, "via", lab.switch_address])


def route_machine(lab: Lab) -> None:
    """From this machine to the networks behind the switch, so that floating IPs are reached."""
    for network in lab.routed.values():
        _ip("route", "replace", network.cidr, "via", lab.switch_address)


def let_through(engine: DockerClient, lab: Lab) -> None:
    """Docker drops what an internal network carries for others, where bridges are filtered."""
    rule = _rule(engine, lab)
    try:
        _iptables("-C", *rule)
    except RunFailed:
        _iptables("-I", *rule)


def block(engine: DockerClient, lab: Lab) -> None:
    """Take back what :func:`let_through` did, if it did."""
    from docker.errors import NotFound

    with contextlib.suppress(RunFailed, NotFound):
        _iptables("-D", *_rule(engine, lab))


def _rule(engine: DockerClient, lab: Lab) -> list[str]:
    # Docker names the bridge of a network after its id, unless the network says otherwise.
    bridge = f"br-{str(engine.networks.get(lab.name).id)[:12]}"
    return ["DOCKER-USER", "-i", bridge, "-o", bridge, "-j", "ACCEPT"]


def _iptables(*words: str) -> None:
    check([*packages.as_root("let packets through the lab's bridge"), "iptables", "-w", *words])


def _has(container: Container, interface: str) -> bool:
    return container.exec_run(["ip", "link", "show", interface]).exit_code == 0


def _remove(container: Container, interface: str) -> None:
    container.exec_run(["ip", "link", "delete", interface])


def _ip(*words: str) -> None:
    check([*packages.as_root("connect the lab's nodes"), "ip", *words])
