"""The lab's top-of-rack switch: it joins nodes and machines, by VLAN, and routes between them.

A container with Open vSwitch in user space, so that no kernel module is needed. Neutron configures
the ports of machines over SSH, as it does with any switch; everything else is configured here.
"""

from __future__ import annotations

import io
import tarfile
import time
from typing import TYPE_CHECKING

from cc_ansible.engine import docker
from cc_ansible.errors import RunFailed
from cc_ansible.lab import images, links, machines
from cc_ansible.lab.links import Link
from cc_ansible.lab.spec import DEFAULT_VLAN, Lab

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

BRIDGE = "tor"
USER = "ngs"
READY_SECONDS = 30


def ensure(engine: DockerClient, lab: Lab, public_key: str) -> bool:
    """Make the switch run with its ports, links and routes; True when something had to be done.

    ``public_key`` is that of Neutron's SSH key, in OpenSSH's form.

    Raises:
        RunFailed: it does not come up, or a link cannot be made.
    """
    container, done = _running(engine, lab)
    _wait(container)
    _authorize(container, public_key)
    done |= _bridge(container, lab)
    for node in lab.nodes:
        peer = engine.containers.get(node.container)
        for link in links.of(node):
            done |= _plug(peer, container, link)
        links.route(peer, lab)
    for machine in lab.metal:
        peer = engine.containers.get(machine.container)
        done |= _plug(peer, container, links.of_machine(machine))
        machines.plug_in(peer)
    links.route_machine(lab)
    links.let_through(engine, lab)
    return done


def _plug(peer: Container, container: Container, link: Link) -> bool:
    done = links.ensure(peer, container, link)
    # The VLAN of a port that is there is whatever Neutron made it.
    _set(container, ["--may-exist", "add-port", BRIDGE, link.port, *_vlan(link.vlan)])
    return done


def port_vlan(engine: DockerClient, lab: Lab, port: str) -> int | None:
    """The access VLAN of a port; None where there is no such port or it is a trunk."""
    container = engine.containers.get(lab.switch_container)
    answer = docker.execute(container, ["ovs-vsctl", "get", "port", port, "tag"]).strip()
    return int(answer) if answer.isdigit() else None


def _running(engine: DockerClient, lab: Lab) -> tuple[Container, bool]:
    from docker.errors import NotFound

    try:
        container = engine.containers.get(lab.switch_container)
    except NotFound:
        container = engine.containers.create(
            images.SWITCH,
            name=lab.switch_container,
            hostname="switch",
            labels=lab.labels,
            privileged=True,
            network=lab.name,
            networking_config={
                lab.name: engine.api.create_endpoint_config(ipv4_address=lab.switch_address)
            },
        )
    done = container.status != "running"
    container.start()
    return container, done


def _wait(container: Container) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while container.exec_run(["ovs-appctl", "version"]).exit_code:
        if time.monotonic() > deadline:
            tail = container.logs(tail=8).decode(errors="replace")
            raise RunFailed(
                "the lab's switch does not come up",
                detail=tail,
                fix=f"look inside with 'docker logs {container.name}'",
            )
        time.sleep(0.2)


def _authorize(container: Container, public_key: str) -> None:
    content = public_key.strip().encode() + b"\n"
    owner = int(docker.execute(container, ["id", "-u", USER]))
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        home = tarfile.TarInfo(".ssh")
        home.type, home.mode, home.uid, home.gid = tarfile.DIRTYPE, 0o700, owner, owner
        archive.addfile(home)
        entry = tarfile.TarInfo(".ssh/authorized_keys")
        entry.size, entry.mode, entry.uid, entry.gid = len(content), 0o600, owner, owner
        archive.addfile(entry, io.BytesIO(content))
    container.put_archive(f"/home/{USER}", buffer.getvalue())


def _bridge(container: Container, lab: Lab) -> bool:
    """The bridge, a port for each machine, and the switch's own addresses as a router."""
    present = set(docker.execute(container, ["ovs-vsctl", "list-ports", BRIDGE]).split())
    wanted = [*lab.machine_ports, *lab.routed]
    new = [port for port in wanted if port not in present]
    if new:
        words = ["--may-exist", "add-br", BRIDGE]
        words += ["--", "set", "bridge", BRIDGE, "datapath_type=netdev"]
        for port in new:
            vlan = lab.routed[port].vlan if port in lab.routed else DEFAULT_VLAN
            words += ["--", "--may-exist", "add-port", BRIDGE, port, *_vlan(vlan)]
            words += ["--", "set", "interface", port, "type=internal"]
        _set(container, words)
    for port, network in lab.routed.items():
        _run(container, ["ip", "address", "replace", network.gateway_cidr, "dev", port])
        _run(container, ["ip", "link", "set", port, "up"])
    return bool(new)


def _vlan(vlan: int | None) -> list[str]:
    return [] if vlan is None else [f"tag={vlan}"]


def _set(container: Container, words: list[str]) -> None:
    _run(container, ["ovs-vsctl", *words])


def _run(container: Container, argv: list[str]) -> None:
    fix = f"remove it with 'docker rm -f {container.name}' and run 'cc-ansible lab up'"
    docker.demand(container, argv, fix)
