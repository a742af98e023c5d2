"""Lab nodes: containers that look like freshly installed hosts, reached over SSH."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from cc_ansible.engine import docker, machine
from cc_ansible.errors import RunFailed
from cc_ansible.lab import images
from cc_ansible.lab.spec import REGISTRY_PORT, Lab, Node
from cc_ansible.runs.process import check

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

BOOT_SECONDS = 90


def ensure_key(lab: Lab) -> None:
    """The key with which this machine logs in to its nodes."""
    lab.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if lab.ssh_key.exists() and lab.ssh_key.with_suffix(".pub").exists():
        return
    lab.ssh_key.unlink(missing_ok=True)
    check(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", lab.name, "-f", str(lab.ssh_key)])


def ensure(engine: DockerClient, lab: Lab, node: Node) -> bool:
    """Make a node run and answer SSH; True when something had to be done."""
    from docker.errors import NotFound

    try:
        container = engine.containers.get(node.container)
    except NotFound:
        container = _create(engine, lab, node)
    done = container.status != "running"
    # A killed `lab up` may have left a container without its files; writing them is cheap.
    _give_files(container, lab)
    if done:
        container.start()
    _wait(container, node)
    return done


def write_known_hosts(engine: DockerClient, lab: Lab) -> None:
    lines = []
    for node in lab.nodes:
        container = engine.containers.get(node.container)
        key = docker.execute(container, ["cat", "/etc/ssh/ssh_host_ed25519_key.pub"])
        kind, value = key.split()[:2]
        lines.append(f"{node.address},{node.name} {kind} {value}\n")
    lab.known_hosts.write_text("".join(lines))


def ssh_command(lab: Lab, node: Node) -> list[str]:
    options = [f"UserKnownHostsFile={lab.known_hosts}", "IdentitiesOnly=yes", "LogLevel=ERROR"]
    flags = [word for option in options for word in ("-o", option)]
    return ["ssh", "-i", str(lab.ssh_key), *flags, f"root@{node.address}"]


def _create(engine: DockerClient, lab: Lab, node: Node) -> Container:
    volumes = {node.container: {"bind": "/var/lib/docker", "mode": "rw"}}
    if Path("/lib/modules").is_dir():
        volumes["/lib/modules"] = {"bind": "/lib/modules", "mode": "ro"}
    return engine.containers.create(
        images.NODE,
        name=node.container,
        hostname=node.name,
        labels=lab.labels,
        privileged=True,
        cgroupns="private",
        tmpfs={"/run": "", "/tmp": "exec"},  # noqa: S108 - inside the container
        volumes=volumes,
        network=lab.name,
        networking_config={lab.name: engine.api.create_endpoint_config(ipv4_address=node.address)},
    )


def _give_files(container: Container, lab: Lab) -> None:
    """The node's Docker settings and who may log in, written before it boots."""
    public = lab.ssh_key.with_suffix(".pub").read_bytes()
    _put(container, "/etc/docker", "daemon.json", json.dumps(_daemon(lab), indent=2).encode())
    _put(container, "/root/.ssh", "authorized_keys", public, mode=0o600)


def _daemon(lab: Lab) -> dict[str, object]:
    settings: dict[str, object] = {
        "storage-driver": "overlay2",
        "insecure-registries": [lab.subnet],
        "log-opts": {"max-size": "10m", "max-file": "2"},
        "max-concurrent-downloads": 4,
    }
    if not machine.has_capability(machine.CAP_SYS_RESOURCE):
        settings["default-runtime"] = "runc-lean"
        settings["runtimes"] = {"runc-lean": {"path": "/usr/local/bin/runc-lean"}}
    return settings


def _put(
    container: Container, directory: str, name: str, content: bytes, mode: int = 0o644
) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        parent = tarfile.TarInfo(directory.strip("/"))
        parent.type, parent.mode = tarfile.DIRTYPE, 0o700 if mode == 0o600 else 0o755
        archive.addfile(parent)
        entry = tarfile.TarInfo(f"{directory.strip('/')}/{name}")
        entry.size, entry.mode = len(content), mode
        archive.addfile(entry, io.BytesIO(content))
    container.put_archive("/", buffer.getvalue())


def _wait(container: Container, node: Node) -> None:
    """Until systemd has booted and Docker answers inside."""
    deadline = time.monotonic() + BOOT_SECONDS
    script = "systemctl is-system-running; docker info >/dev/null 2>&1 && echo docker"
    while True:
        container.reload()
        words: list[str] = []
        if container.status == "running":
            words = docker.execute(container, ["sh", "-c", script]).split()
            if words[:1] in (["running"], ["degraded"]) and "docker" in words:
                return
        if time.monotonic() > deadline or container.status == "exited":
            tail = container.logs(tail=8).decode(errors="replace")
            raise RunFailed(
                f"{node.name} does not come up: {container.status} {' '.join(words)}",
                detail=tail,
                fix=f"look inside with 'docker exec -it {node.container} journalctl -b', "
                "or start over with 'cc-ansible lab destroy'",
            )
        time.sleep(0.5)


def stale_images(engine: DockerClient, lab: Lab, references: Iterable[str]) -> list[str]:
    """Images that some node holds in another version than this machine.

    A deploy starts containers from what a node has; these have to be pulled first.
    """
    registry = f"{lab.registry_address}:{REGISTRY_PORT}"
    wanted = {f"{registry}/{ref}": str(engine.images.get(ref).id) for ref in references}
    stale: set[str] = set()
    for node in lab.nodes:
        container = engine.containers.get(node.container)
        argv = ["docker", "images", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}"]
        for line in docker.execute(container, argv).splitlines():
            name, _, image = line.partition(" ")
            if wanted.get(name, image) != image:
                stale.add(name)
    return sorted(stale)


def login(lab: Lab, node: Node, command: tuple[str, ...]) -> int:
    """An SSH session on a node; returns its exit code."""
    return subprocess.call([*ssh_command(lab, node), *command])
