"""What a lab is doing right now."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from cc_ansible.engine import docker
from cc_ansible.lab import hands
from cc_ansible.lab.spec import Lab, Node

if TYPE_CHECKING:
    from docker import DockerClient

# Docker's own words at the end of `docker ps` status lines
UNHEALTHY = "(unhealthy)"


@dataclass(frozen=True)
class NodeStatus:
    """A node: container state, Kolla containers by state, memory in MiB."""

    name: str
    address: str
    state: str
    running: int = 0
    stopped: tuple[str, ...] = ()
    unhealthy: tuple[str, ...] = ()
    memory_mib: int = 0


def of(engine: DockerClient, lab: Lab) -> dict[str, Any]:
    """State of the lab as plain data."""
    return {
        "lab": lab.name,
        "subnet": lab.subnet,
        "vip": lab.vip,
        "site": str(lab.site),
        "registry": _state(engine, lab.registry_container),
        "nodes": [asdict(_node(engine, node)) for node in lab.nodes],
        "machines": [machine.as_json() for machine in hands.seen(engine, lab)],
    }


def _state(engine: DockerClient, container: str) -> str:
    from docker.errors import NotFound

    try:
        return str(engine.containers.get(container).status)
    except NotFound:
        return "absent"


def _node(engine: DockerClient, node: Node) -> NodeStatus:
    state = _state(engine, node.container)
    if state != "running":
        return NodeStatus(node.name, node.address, state)
    container = engine.containers.get(node.container)
    listing = docker.execute(
        container, ["docker", "ps", "-a", "--format", "{{.Names}}\t{{.State}}\t{{.Status}}"]
    )
    rows = [line.split("\t") for line in listing.splitlines() if "\t" in line]
    return NodeStatus(
        node.name,
        node.address,
        state,
        running=sum(row[1] == "running" for row in rows),
        stopped=tuple(row[0] for row in rows if row[1] != "running"),
        unhealthy=tuple(row[0] for row in rows if UNHEALTHY in row[2]),
        memory_mib=_memory(container),
    )


def _memory(container: Any) -> int:
    """Proportional set size of all processes of the node's containers, in MiB (proc(5))."""
    total = "awk '/^Pss:/ {s += $2} END {print int(s/1024)}'"
    script = f"cat /proc/[0-9]*/smaps_rollup 2>/dev/null | {total}"
    return int(docker.execute(container, ["sh", "-c", script]).strip() or 0)
