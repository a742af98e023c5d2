"""The lab's bare metal: servers that are switched on by their controllers and boot by themselves.

Each is a container in which QEMU is the machine, and sushy-tools the controller that drives it by
Redfish. Its network card is on a bridge with the cable to the lab's switch.
"""

from __future__ import annotations

import io
import platform
import tarfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from cc_ansible.engine import docker
from cc_ansible.errors import RunFailed
from cc_ansible.lab import images
from cc_ansible.lab.spec import TENANT_INTERFACE, Lab, Machine

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

USER = "admin"
"""Of every controller."""
PASSWORD = "lab_bmc_password"  # noqa: S105 - its name among the site's secrets
MEMORY, CPUS, DISK = 2048, 2, "10G"
"""Of a machine; memory in MiB."""
BRIDGE = "br0"
ARCH = "x86_64"
USERS, DOMAIN, CODE = "var/lib/bmc/users", "var/lib/machine/domain.xml", "var/lib/machine/probe"
"""Files in its container: who may use the controller, the machine, and what asks for KVM."""
READY_SECONDS = 60
TEMPLATE = "machine.xml.j2"


def ensure(engine: DockerClient, lab: Lab, machine: Machine, password: str) -> bool:
    """Make a machine exist, with a controller that answers; True when something had to be done.

    Raises:
        RunFailed: it does not come up.
    """
    from docker.errors import NotFound

    try:
        container = engine.containers.get(machine.container)
    except NotFound:
        container = _create(engine, lab, machine)
    done = container.status != "running"
    _put(container, USERS, _user(password))
    if done:
        container.start()
    _wait(container)
    # Its controller changes what is defined, such as from where it boots.
    if container.exec_run(["virsh", "dominfo", machine.name]).exit_code:
        _put(container, DOMAIN, domain(machine, kvm=_has_kvm(container)))
        docker.demand(container, ["virsh", "--quiet", "define", f"/{DOMAIN}"])
        done = True
    return done


def plug_in(container: Container) -> None:
    """Put the cable's end into the bridge on which the machine's network card is."""
    docker.demand(container, ["ip", "link", "set", TENANT_INTERFACE, "master", BRIDGE])


def _create(engine: DockerClient, lab: Lab, machine: Machine) -> Container:
    return engine.containers.create(
        images.MACHINE,
        name=machine.container,
        hostname=machine.name,
        labels=lab.labels,
        privileged=True,
        tmpfs={"/run": ""},
        environment={"DISK": DISK},
        network=lab.name,
        networking_config={lab.name: engine.api.create_endpoint_config(ipv4_address=machine.bmc)},
    )


def _user(password: str) -> str:
    import bcrypt

    return f"{USER}:{bcrypt.hashpw(password.encode(), bcrypt.gensalt(rounds=8)).decode()}\n"


def _put(container: Container, name: str, content: str | bytes) -> None:
    data = content.encode() if isinstance(content, str) else content
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(data), 0o600
        archive.addfile(entry, io.BytesIO(data))
    container.put_archive("/", buffer.getvalue())


def _has_kvm(container: Container) -> bool:
    """Whether a machine can run in there without being emulated."""
    from cc_ansible.appliances.boot import accel

    if platform.machine() != ARCH or not Path("/dev/kvm").exists():
        return False
    asked = accel.probe(ARCH, "kvm", Path("/", CODE))
    _put(container, CODE, asked.code)
    argv = ["timeout", "--signal=KILL", f"{accel.SECONDS}", *asked.argv]
    return bool(container.exec_run(argv).exit_code == asked.right)


def domain(machine: Machine, *, kvm: bool) -> str:
    """The machine in libvirt's words."""
    import jinja2

    loader = jinja2.FileSystemLoader(images.HERE)
    environment = jinja2.Environment(
        loader=loader, trim_blocks=True, lstrip_blocks=True, autoescape=True
    )
    template = environment.get_template(TEMPLATE)
    return template.render(machine=machine, memory=MEMORY, cpus=CPUS, kvm=kvm)


def _wait(container: Container) -> None:
    """Until the controller listens."""
    deadline = time.monotonic() + READY_SECONDS
    script = "exec 3<>/dev/tcp/127.0.0.1/443"
    while container.exec_run(["bash", "-c", script]).exit_code:
        container.reload()
        if time.monotonic() > deadline or container.status == "exited":
            raise RunFailed(
                f"the controller of {container.name} does not come up",
                detail=container.logs(tail=8).decode(errors="replace"),
                fix=f"remove it with 'docker rm -f {container.name}' and run 'cc-ansible lab up'",
            )
        time.sleep(0.2)
