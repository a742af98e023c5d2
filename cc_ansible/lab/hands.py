"""What somebody does who stands beside the lab's machines, past their controllers."""

from __future__ import annotations

import base64
import json
import subprocess
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from cc_ansible.engine import docker
from cc_ansible.errors import CcError
from cc_ansible.lab import switch as tor
from cc_ansible.lab.spec import Lab, Machine

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

POWER = {"running": "on", "shut off": "off"}
"""libvirt's words, and ours."""
VERBS = {"on": "start", "off": "destroy", "reset": "reset"}
LOG, PICTURE = "/var/log/machine/console.log", "/var/lib/machine/screen.png"


@dataclass(frozen=True)
class Seen:
    """A machine: whether it is ``on`` or ``off``, and the access VLAN of its port if it has one."""

    name: str
    power: str
    vlan: int | None
    bmc: str
    mac: str

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def seen(engine: DockerClient, lab: Lab) -> list[Seen]:
    """Every machine; the power of one whose container does not run is ``absent`` or ``paused``."""
    return [
        Seen(each.name, _power(engine, each), _vlan(engine, lab, each), each.bmc, each.mac)
        for each in lab.metal
    ]


def said(engine: DockerClient, machine: Machine) -> str:
    """Everything that it said on its serial console, without what moves the cursor."""
    from cc_ansible.appliances.boot import console

    return console.text(docker.execute(_running(engine, machine), ["cat", LOG]).encode())


def attach(machine: Machine) -> int:
    """The serial console on this terminal; returns an exit code."""
    tty = ["docker", "exec", "--interactive", "--tty", machine.container]
    return subprocess.call([*tty, "virsh", "console", "--force", machine.name])


def switch(engine: DockerClient, machine: Machine, wanted: str) -> str:
    """Make it ``on`` or ``off``, or ``reset`` it; returns what it is then.

    Raises:
        CcError: its container does not run, or it is off and cannot be reset.
    """
    container = _running(engine, machine)
    now = _power(engine, machine)
    if wanted == "reset" and now != "on":
        raise CcError(f"{machine.name} is {now}", fix="switch it on instead")
    if now != wanted:
        docker.demand(container, ["virsh", VERBS[wanted], machine.name])
    return _power(engine, machine)


def screen(engine: DockerClient, machine: Machine) -> bytes:
    """What its screen shows, as PNG.

    Raises:
        CcError: it is off.
    """
    container = _running(engine, machine)
    if _power(engine, machine) != "on":
        raise CcError(f"{machine.name} is off: its screen is dark", fix="switch it on")
    order = {"execute": "screendump", "arguments": {"filename": PICTURE, "format": "png"}}
    docker.demand(container, ["virsh", "qemu-monitor-command", machine.name, json.dumps(order)])
    return base64.b64decode(docker.execute(container, ["base64", PICTURE]))


def _power(engine: DockerClient, machine: Machine) -> str:
    container = _found(engine, machine.container)
    if container is None:
        return "absent"
    if container.status == "paused":
        return "paused"
    state = docker.execute(container, ["virsh", "domstate", machine.name]).strip()
    return POWER.get(state, state)


def _vlan(engine: DockerClient, lab: Lab, machine: Machine) -> int | None:
    switch = _found(engine, lab.switch_container)
    if switch is None or switch.status == "paused":
        return None
    return tor.port_vlan(engine, lab, machine.name)


def _running(engine: DockerClient, machine: Machine) -> Container:
    container = _found(engine, machine.container)
    if container is None:
        raise CcError(f"{machine.name} is not there", fix="run 'cc-ansible lab up'")
    if container.status == "paused":
        raise CcError(
            f"{machine.name} and its controller are paused",
            fix=f"docker unpause {machine.container}",
        )
    return container


def _found(engine: DockerClient, name: str) -> Container | None:
    """A container that was not stopped; None where there is none."""
    from docker.errors import NotFound

    try:
        container = engine.containers.get(name)
    except NotFound:
        return None
    return container if container.status in ("running", "paused") else None
