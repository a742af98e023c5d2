"""What goes wrong with the lab's first machine and around it, and what has to be said of it."""

from __future__ import annotations

from dataclasses import dataclass

MACHINE, SWITCH, NODE = "cc-lab-machine1", "cc-lab-switch", "cc-lab-node1"
DISK = "/var/lib/machine/disk.qcow2"
IMAGES = "/var/lib/docker/volumes/glance/_data/images"
USERS = "/var/lib/bmc/users"


@dataclass(frozen=True)
class Fault:
    """Commands on the machine of the lab. ``breaks`` runs once the node is in state ``at``.

    ``says`` is a regular expression for what the failed step says, its lines of logs included.
    """

    breaks: str
    repairs: str
    says: str
    at: str = ""


def _in(container: str, command: str) -> str:
    return f"docker exec {container} sh -c '{command}'"


def _unplugged(container: str) -> tuple[str, str]:
    """The cable of a container's own address, out and in; routes go with it."""
    out = _in(container, "ip route save >/tmp/routes && ip link set eth0 down")
    back = _in(container, "ip link set eth0 up && ip route restore </tmp/routes || true")
    return out, back


def _dhcp(signal: str) -> str:
    return f"docker exec {NODE} pkill -{signal} dnsmasq"


CONTROLLER = {
    "its controller is gone": Fault(*_unplugged(MACHINE), "controller does not answer"),
    "its controller has another password": Fault(
        _in(MACHINE, f"cp -p {USERS} /tmp/users && sed -i s/admin:/other:/ {USERS}"),
        _in(MACHINE, f"cp -p /tmp/users {USERS}"),
        "controller refuses the user or the password",
    ),
}
"""What Ironic notices by itself."""

DEPLOY = {
    "the image is damaged": Fault(
        # What Ironic has a good copy of it would use.
        f"docker exec {NODE} docker exec ironic_conductor sh -c "
        "'rm -rf /var/lib/ironic/images/* /var/lib/ironic/master_images/*';"
        f"docker exec {NODE} sh -c 'cd {IMAGES} && cp -p IMAGE /var/tmp/image &&"
        " printf damaged | dd of=IMAGE bs=1 seek=9999999 conv=notrunc'",
        f"docker exec {NODE} mv /var/tmp/image {IMAGES}/IMAGE",
        "damaged",
    ),
    "the switch is gone": Fault(*_unplugged(SWITCH), "does not reach the switch"),
    "its disk is too small": Fault(
        _in(MACHINE, f"mv {DISK} {DISK}.large && qemu-img create -q -f qcow2 {DISK} 1G"),
        _in(MACHINE, f"mv {DISK}.large {DISK}"),
        "No disk of the machine is large enough",
    ),
    "it loses its power": Fault(
        _in(MACHINE, "virsh destroy machine1"),
        "true",
        "did not report in time",
        at="wait call-back",
    ),
    "nobody gives it an address": Fault(
        _dhcp("STOP"), _dhcp("CONT"), "did not report in time", at="deploying"
    ),
}
"""What a user's experiment fails with."""
