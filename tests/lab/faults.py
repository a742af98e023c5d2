"""What goes wrong on a site, done to node1 of the lab, and what `verify` has to say of it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from cc_ansible.verify.judge.rabbitmq import LEFT

HEAT = "/etc/kolla/heat-engine/heat.conf"
LOG = "/var/log/kolla/heat/heat-engine.log"
PLACEMENT = "/etc/kolla/placement-api/placement.conf"
DATABASE = "/var/lib/docker/volumes/mariadb/_data"
CERTIFICATE = "/etc/kolla/haproxy/of-last-year.pem"
CONTAINERS = "containers on node1"


@dataclass(frozen=True)
class Fault:
    """What ``breaks`` breaks and ``repairs`` repairs fails ``check``, which ``says`` so."""

    breaks: str
    repairs: str
    check: str
    says: str


def _unit(container: str) -> str:
    return f"kolla-{container}-container.service"


def _blocked(port: int) -> tuple[str, str]:
    """A rule of the firewall, and its end."""
    rule = f"INPUT -p tcp -d 10.20.30.11 --dport {port} -j REJECT"
    return f"iptables -I {rule}", f"iptables -D {rule}"


def _with_queue(statement: str) -> str:
    """Python for a queue that no service knows, run with what a service has for its own."""
    program = f"""
import configparser, kombu
said = configparser.RawConfigParser(strict=False)
said.read("/etc/heat/heat.conf")
url = said["DEFAULT"]["transport_url"].replace("rabbit:", "amqp:", 1)
with kombu.Connection(url) as broker, broker.SimpleQueue("forgotten") as queue:
    {statement}
"""
    return f"docker exec heat_engine python3 -c {shlex.quote(program)}"


def _database_password(before: str, after: str) -> str:
    change = f"s,//placement:{before},//placement:{after},"
    return f"sed -i {change} {PLACEMENT}; systemctl restart {_unit('placement_api')}"


FAULTS = {
    "stopped container": Fault(
        f"systemctl stop {_unit('heat_engine')}",
        f"systemctl start {_unit('heat_engine')}",
        CONTAINERS,
        "heat_engine is stopped",
    ),
    "paused container": Fault(
        "docker pause blazar_manager",
        "docker unpause blazar_manager",
        CONTAINERS,
        "docker unpause blazar_manager",
    ),
    "missing container": Fault(
        "docker rename heat_api_cfn away",
        "docker rename away heat_api_cfn",
        CONTAINERS,
        "heat_api_cfn is missing",
    ),
    "restart loop": Fault(
        f"sed -i '1i [nothing' {HEAT}; systemctl restart {_unit('heat_engine')}",
        f"sed -i 1d {HEAT}; systemctl reset-failed {_unit('heat_engine')};"
        f" systemctl restart {_unit('heat_engine')}",
        CONTAINERS,
        "heat_engine is in a restart loop",
    ),
    "blocked port": Fault(*_blocked(8004), "HAProxy", "heat_api"),
    "alarm in RabbitMQ": Fault(
        "docker exec rabbitmq rabbitmqctl set_vm_memory_high_watermark absolute 1MB",
        "docker exec rabbitmq rabbitmqctl set_vm_memory_high_watermark 0.6",
        "RabbitMQ",
        "memory",
    ),
    "full disk": Fault(
        f"mount -t tmpfs -o size=1m fault {DATABASE};"
        f" head -c 1m /dev/zero >{DATABASE}/full || true",
        f"umount {DATABASE}",
        "disks of node1",
        DATABASE,
    ),
    "expired certificate": Fault(
        "openssl req -x509 -newkey ed25519 -nodes -keyout /dev/null -subj /CN=lab"
        f" -not_before 20250101000000Z -not_after 20250201000000Z -out {CERTIFICATE}",
        f"rm {CERTIFICATE}",
        "certificate files on node1",
        CERTIFICATE,
    ),
    "dead agent": Fault(
        "docker pause neutron_dhcp_agent",
        "docker unpause neutron_dhcp_agent",
        "agents of Neutron",
        "neutron-dhcp-agent on node1 is dead",
    ),
    "queue that fills up": Fault(
        _with_queue(f"[queue.put('nobody takes me') for _ in range({LEFT})]"),
        _with_queue("queue.queue.delete()"),
        "RabbitMQ",
        "queue forgotten fills up",
    ),
    "error in a log": Fault(
        f"echo $(date -d '+1 minute' '+%F %T.000') 7 ERROR made_up [-] It broke. >>{LOG}",
        f"sed -i /made_up/d {LOG}",
        "logs of node1",
        "made_up",
    ),
    "wrong password of a service": Fault(
        _database_password("", "wrong"),
        _database_password("wrong", ""),
        "HAProxy",
        "placement_api",
    ),
    "address that nobody has": Fault(
        f"systemctl stop {_unit('keepalived')}",
        f"systemctl start {_unit('keepalived')}",
        "VIP 10.20.30.250",
        "",
    ),
    "stopped database": Fault(
        f"systemctl stop {_unit('mariadb')}",
        f"systemctl start {_unit('mariadb')}",
        "Galera",
        "node1",
    ),
    "stopped worker": Fault(
        f"systemctl stop {_unit('doni_worker')}",
        f"systemctl start {_unit('doni_worker')}",
        "workers of Doni",
        "node1",
    ),
}

ROUNDS = (
    ("stopped container", "full disk", "expired certificate", "blocked port"),
    ("missing container", "stopped worker", "error in a log", "queue that fills up"),
    ("restart loop", "wrong password of a service", "dead agent"),
    ("alarm in RabbitMQ", "paused container"),
    ("address that nobody has",),
    ("stopped database",),
)
"""Those of a round are looked for at once: each fails another check."""
