"""Faults of a running site, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from broken_site import (
    all_down,
    certified,
    disk,
    down,
    full,
    logged,
    member,
    no_vip,
    of,
    one,
    refused_check,
    stopped,
    two_vips,
)
from well_site import NOW, VIP, Site, certificate


class Fault(NamedTuple):
    """How to make it, the one check that fails, and what that says."""

    make: Callable[[Site], object]
    check: str
    detail: str
    cause: str
    fix: str
    page: str


ACCESS = "ERROR 1045 (28000): Access denied for user 'monitor'@'10.20.0.12' (using password: YES)"
REFUSED = "ERROR 2002 (HY000): Can't connect to server on '10.20.0.12' (111)"
MINORITY = "ERROR 1047 (08S01): WSREP has not yet prepared node for application use"
FAULTS = {
    "stopped-container": Fault(
        stopped, "containers on node2", "heat_engine is stopped",
        "Somebody stopped heat_engine on node2 4 min ago", "kolla-heat_engine-container",
        "containers",
    ),
    "crashed-container": Fault(
        lambda site: stopped(site, exit_code=1, unit={"ActiveState": "failed"}),
        "containers on node2", "heat_engine is stopped",
        "ended 4 min ago with exit code 1, and systemd gave it up", "docker logs", "containers",
    ),
    "crashed-a-moment-ago": Fault(
        lambda site: stopped(site, exit_code=1, unit={"SubState": "auto-restart"}),
        "containers on node2", "heat_engine is stopped", "systemd starts it again soon",
        "docker logs", "containers",
    ),
    "out-of-memory": Fault(
        lambda site: stopped(site, exit_code=137, oom=True), "containers on node2",
        "heat_engine is stopped", "because memory ran out", "docker logs", "containers",
    ),
    "cannot-start": Fault(
        lambda site: stopped(site, error="no such file: /etc/kolla/heat-engine"),
        "containers on node2", "heat_engine is stopped",
        "The engine could not start heat_engine on node2: no such file", "docker logs",
        "containers",
    ),
    "paused-container": Fault(
        one("nova_api", state="paused"), "containers on node1", "nova_api is paused",
        "Somebody paused nova_api on node1", "docker logs", "containers",
    ),
    "missing-container": Fault(
        lambda site: site.said["node1"]["engine"]["containers"].remove(
            site.container("node1", "nova_compute_ironic")
        ),
        "containers on node1", "nova_compute_ironic is missing",
        "it was never made, or was removed", "`cc-ansible deploy --tags nova`", "containers",
    ),
    "restart-loop": Fault(
        one("nova_api", started=NOW.timestamp() - 9, exit_code=1, unit={"NRestarts": "12"}),
        "containers on node1", "nova_api is in a restart loop", "12 restarts, the last 9 s ago",
        "docker logs --tail 50 nova_api", "containers",
    ),
    "engine-restarts-it": Fault(
        one("nova_api", state="restarting", restarts=5), "containers on node1",
        "nova_api is in a restart loop", "5 restarts", "docker logs", "containers",
    ),
    "unhealthy-container": Fault(
        one("nova_api", health="unhealthy", checked="curl: (7) Failed to connect to port 8774"),
        "containers on node1", "nova_api is unhealthy",
        "its own health check fails: curl: (7) Failed to connect", "docker logs", "containers",
    ),
    "never-healthy": Fault(
        one("nova_api", health="starting", started=NOW.timestamp() - 900), "containers on node1",
        "nova_api does not get healthy", "started 15 min ago and is not healthy yet",
        "docker logs", "containers",
    ),
    "other-image": Fault(
        one("nova_api", image="registry.example.org/kolla/nova_api:2025.1"),
        "containers on node1", "nova_api has image registry.example.org/kolla/nova_api:2025.1",
        "the site says registry.example.org/kolla/nova_api:2026.1",
        "`cc-ansible deploy --tags nova`", "containers",
    ),
    "engine-stopped": Fault(
        lambda site: site.said["node3"].update(engine={"state": "stopped"}),
        "containers on node3", "docker on node3 does not run", "so no container does",
        "systemctl restart docker", "containers",
    ),
    "engine-silent": Fault(
        lambda site: site.said["node3"].update(engine={"state": "silent", "problem": "timed out"}),
        "containers on node3", "docker on node3 does not answer: timed out",
        "containers may run, but cannot be managed", "journalctl -u docker", "containers",
    ),
    "expired-certificate": Fault(
        certified(certificate(days=-3)), "certificate files on node1",
        "haproxy.pem on node1 expired on 2026-04-28", "clients refuse it",
        "--tags loadbalancer", "certificates",
    ),
    "certificate-ends-soon": Fault(
        certified(certificate(days=20.5)), "certificate files on node1",
        "expires in 20 days, on 2026-05-22", "expires in 20 days", "cc-ansible certificates",
        "certificates",
    ),
    "certificate-of-tomorrow": Fault(
        certified(certificate(begin=1)), "certificate files on node1",
        "is not valid before 2026-05-02", "is not valid before", "Compare clocks", "certificates",
    ),
    "damaged-certificate": Fault(
        certified("-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----"),
        "certificate files on node1", "haproxy.pem on node1 cannot be read", "is damaged",
        "Put a new one", "certificates",
    ),
    "full-disk": Fault(
        disk(free=2 * 1024**3), "disks of node2", "/var/lib/docker is 98 % full",
        "/var/lib/docker on node2 is 98 % full (2.0 GiB left): services stop", "du -xsh",
        "disks",
    ),
    "no-inodes": Fault(
        disk(inodes_free=10), "disks of node2", "/var/lib/docker has 10 inodes left",
        "99 % of the inodes of /var/lib/docker on node2 are taken", "du -xsh", "disks",
    ),
    "no-memory": Fault(
        of("node1", "memory", available=64 * 1024**2), "memory of node1", "0.1 of 64.0 GiB",
        "node1 has 0 % of its memory left", "ps aux --sort -rss", "memory",
    ),
    "memory-pressure": Fault(
        of("node1", "memory", stalled=31.5), "memory of node1", "stalled 32 %",
        "For 32 % of the last minute all work on node1 waited for memory", "dmesg", "memory",
    ),
    "wrong-database-password": Fault(
        lambda site: site.said["node2"].update(galera={"problem": ACCESS}), "Galera",
        "node2: ERROR 1045", "refuses the monitor's password: mariadb_monitor_password",
        "cc-ansible reconfigure --tags mariadb", "galera",
    ),
    "database-down": Fault(
        lambda site: site.said["node2"].update(galera={"problem": REFUSED}), "Galera",
        "node2: ERROR 2002", "Nothing answers on MariaDB's port on node2", "mariadb-recovery",
        "galera",
    ),
    "database-in-minority": Fault(
        lambda site: site.said["node2"].update(galera={"problem": MINORITY}), "Galera",
        "1047", "MariaDB on node2 has no majority", "See the network", "galera",
    ),
    "galera-non-primary": Fault(
        of("node2", "galera", wsrep_cluster_status="non-Primary", wsrep_ready="OFF"), "Galera",
        "node2: non-Primary", "MariaDB on node2 is in a part of the cluster without a majority",
        "mariadb-recovery", "galera",
    ),
    "galera-joining": Fault(
        of("node3", "galera", wsrep_local_state_comment="Donor/Desynced"), "Galera",
        "node3: Donor/Desynced", "MariaDB on node3 is not ready: it is Donor/Desynced", "wait",
        "galera",
    ),
    "galera-lost-a-member": Fault(
        of("node1", "galera", wsrep_cluster_size="2"), "Galera", "node1: 2 of 3 members",
        "has 2 members instead of 3", "mariadb on the others", "galera",
    ),
    "wrong-queue-password": Fault(
        lambda site: site.said["node1"].update(rabbitmq={"problem": "ValueError: HTTP 401"}),
        "RabbitMQ", "node1: ValueError: HTTP 401",
        "refuses the monitor's password: rabbitmq_monitoring_password",
        "cc-ansible reconfigure --tags rabbitmq", "rabbitmq",
    ),
    "queue-port-refused": Fault(
        lambda site: site.said["node1"].update(
            rabbitmq={"problem": "ConnectionRefusedError: [Errno 111] Connection refused"}
        ),
        "RabbitMQ", "Connection refused", "it does not run, or has paused",
        "/var/log/kolla/rabbitmq on node1", "rabbitmq",
    ),
    "partitioned-rabbit": Fault(
        member("node1", partitions=["rabbit@node1"]), "RabbitMQ",
        "rabbit@node3 is partitioned from rabbit@node1", "cluster is split",
        "restart the smaller part", "rabbitmq",
    ),
    "rabbit-alarm": Fault(
        member("node2", mem_alarm=True), "RabbitMQ", "rabbit@node3: memory alarm",
        "it takes no messages, so services hang", "queues that fill up", "rabbitmq",
    ),
    "rabbit-lost-a-member": Fault(
        member("node2", running=False), "RabbitMQ", "2 of 3 members run",
        "rabbit@node3 is down", "cluster_status", "rabbitmq",
    ),
    "filling-queue": Fault(
        full("q-plugin", 51, 0), "RabbitMQ", "queue q-plugin fills up",
        "51 messages wait in queue q-plugin and nobody takes them", "See the containers",
        "rabbitmq",
    ),
    "slow-consumers": Fault(
        full("engine", 4000, 2), "RabbitMQ", "queue engine is behind",
        "its 2 consumers do not keep up", "See load and log", "rabbitmq",
    ),
    "down-server": Fault(
        down, "HAProxy", "nova_api_back: node2 is DOWN",
        "finds node2 of nova_api down since 3 min ago (L4CON Connection refused)",
        "container of nova_api on node2", "haproxy",
    ),
    "down-backend": Fault(
        all_down, "HAProxy", "nova_api_back: node1 is DOWN",
        "no other server is left, so its API answers 503", "See the container", "haproxy",
    ),
    "health-check-refused": Fault(
        refused_check, "HAProxy", "rabbitmq_management_back: node1 is DOWN",
        "refuses the password of the health check", "--tags loadbalancer,rabbitmq", "haproxy",
    ),
    "silent-haproxy": Fault(
        lambda site: site.said["node2"].update(haproxy={"problem": "FileNotFoundError: no"}),
        "HAProxy", "node2: FileNotFoundError", "it does not run", "docker logs haproxy",
        "haproxy",
    ),
    "missing-vip": Fault(
        no_vip, f"VIP {VIP}", "on no host", f"No host has {VIP}: keepalived does not run",
        "docker logs keepalived", "vip",
    ),
    "vip-twice": Fault(
        two_vips, f"VIP {VIP}", "on node1 and node3", "do not hear each other's VRRP packets",
        "IP protocol 112", "vip",
    ),
    "clock-skew": Fault(
        lambda site: site.hosts["node2"].update(skew=-95.0), "clock of node2",
        "95 s behind this machine's", "tokens and database clusters suffer", "chronyc makestep",
        "clock",
    ),
    "chrony-alone": Fault(
        of("node2", "chrony", leap="Not synchronised"), "clock of node2",
        "chronyd is not synchronised", "chronyd on node2 follows no server", "chronyc sources",
        "clock",
    ),
    "no-ntp-daemon": Fault(
        of("node2", "clock", daemon=None), "clock of node2", "nothing keeps it",
        "No NTP daemon runs on node2", "apt-get install chrony", "clock",
    ),
    "dead-doni-worker": Fault(
        lambda site: site.said["node1"].update(doni={"problem": "ConnectionRefusedError: x"}),
        "workers of Doni", "node1: ConnectionRefusedError", "does not answer",
        "container doni_worker", "agents",
    ),
    "doni-without-database": Fault(
        of("node1", "doni", database=False), "workers of Doni", "node1: no database",
        "does not reach its database", "Galera", "agents",
    ),
    "doni-does-nothing": Fault(
        of("node1", "doni", waiting={"blazar": 700.0}), "workers of Doni",
        "blazar waits for 700 s", "no worker takes it", "doni_worker", "agents",
    ),
    "error-lines": Fault(
        logged("nova/nova-api.log", "nova.api [None req-1] Boom ... ValueError: x", 7),
        "logs of node1", "nova-api: 7 ERROR",
        "nova-api on node1 wrote ERROR 7 times, last at 2026-05-01 11:00:00: nova.api",
        "verify-allow.yml", "logs",
    ),
    "password-in-log": Fault(
        logged("heat/heat-api.log", "(1045, \"Access denied for user 'heat'@'10.20.0.11'\")"),
        "logs of node1", "heat-api: 1 ERROR", "So MariaDB refuses its password.",
        "cc-ansible reconfigure --tags heat", "logs",
    ),
    "unreachable-host": Fault(
        lambda site: site.hosts["node3"].update(
            facts=None, unreachable="ssh: connect to host node3: No route to host\nmore"
        ),
        "host node3", "ssh: connect to host node3: No route to host", "cannot be reached",
        "cc-ansible validate --hosts", "hosts",
    ),
    "host-without-sudo": Fault(
        lambda site: site.hosts["node3"].update(facts=None, trouble="a password is required"),
        "host node3", "a password is required", "cannot be looked at", "validate --hosts",
        "hosts",
    ),
}  # fmt: skip
