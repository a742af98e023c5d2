"""A running site of three control hosts on which all is well, and ways to break something."""

from __future__ import annotations

import datetime
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cc_ansible.kolla.images import Service
from cc_ansible.online.facts import Facts, Host
from cc_ansible.verify import quick
from cc_ansible.verify.allow import Allowed
from cc_ansible.verify.result import Result
from cc_ansible.verify.view import View

NOW = datetime.datetime(2026, 5, 1, 12, tzinfo=datetime.UTC)
GIB = 1024**3
NODES = {"node1": "10.20.0.11", "node2": "10.20.0.12", "node3": "10.20.0.13"}
VIP, PUBLIC = "10.20.0.250", "198.51.100.10"
ROLES = {
    "haproxy": "loadbalancer", "keepalived": "loadbalancer", "mariadb": "mariadb",
    "rabbitmq": "rabbitmq", "nova_api": "nova", "nova_compute_ironic": "nova-cell",
    "heat_engine": "heat", "doni_worker": "doni",
}  # fmt: skip
IMAGE = "registry.example.org/kolla/{}:2026.1"
FIELDS = ("proxy", "server", "status", "check", "code", "seconds")


@cache
def certificate(days: float = 90, begin: float = -10) -> str:
    """A certificate that is valid for so many days from NOW on, in PEM form."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "chi.example.org")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + datetime.timedelta(days=begin))
        .not_valid_after(NOW + datetime.timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


def container(name: str, **changes: Any) -> dict[str, Any]:
    """What the module says of a container that has run for a day."""
    plain = {
        "id": name, "name": name, "image": IMAGE.format(name), "kolla": True, "state": "running",
        "health": "healthy", "checked": "", "exit_code": 0, "error": "", "oom": False,
        "started": NOW.timestamp() - 86400, "finished": None, "restarts": 0,
        "unit": {"NRestarts": "0", "ActiveState": "active", "SubState": "running",
                 "Result": "success"},
        "log": [],
    }  # fmt: skip
    return {**plain, **changes}


def row(proxy: str, server: str, status: str = "UP", **more: Any) -> dict[str, Any]:
    """A line of HAProxy's statistics."""
    plain = {"check": "L7OK", "code": "200", "seconds": 3600}
    return {"proxy": proxy, "server": server, "status": status, **plain, **more}


def health(name: str) -> dict[str, Any]:
    """What the module says of a host on which all is well."""
    vips = [VIP, PUBLIC] if name == "node1" else []
    disk = {"type": "ext4", "total": 100 * GIB, "free": 60 * GIB, "inodes": 1000}
    members = [f"rabbit@{node}" for node in NODES]
    fine = {"running": True, "partitions": [], "mem_alarm": False, "disk_free_alarm": False}
    return {
        "root": True,
        "engine": {"state": "running", "containers": [container(each) for each in ROLES]},
        "record": {"id": "r", "written": NOW.timestamp() - 7200},
        "interfaces": {
            "eno1": {
                "up": True,
                "addresses": [
                    {"address": each, "prefix": 32, "scope": "global"}
                    for each in (NODES[name], *vips)
                ],
            }
        },
        "memory": {"total": 64 * GIB, "available": 20 * GIB, "stalled": 0.0},
        "disks": {
            "/": {**disk, "mount": "/", "inodes_free": 900},
            "/var/lib/docker": {**disk, "mount": "/var/lib/docker", "inodes_free": 900},
        },
        "certificates": {"/etc/kolla/haproxy/haproxy.pem": certificate()},
        "logs": {"since": NOW.timestamp() - 7200, "files": 20, "cut": [], "kinds": []},
        "chrony": {"server": "192.0.2.1", "offset": 0.0001, "leap": "Normal"},
        "galera": {
            "wsrep_on": "ON", "wsrep_ready": "ON", "wsrep_connected": "ON",
            "wsrep_cluster_status": "Primary", "wsrep_cluster_size": "3",
            "wsrep_local_state_comment": "Synced",
        },
        "rabbitmq": {
            "nodes": [{"name": each, **fine} for each in members], "queues": 120,
            "full": [queue("conductor", 3, 4), queue("q-agent_fanout_1", 900, 0, expires=True)],
        },
        "haproxy": {
            "servers": [
                row("nova_api_back", node) for node in (*NODES, "BACKEND")
            ] + [row("rabbitmq_management_back", node) for node in (*NODES, "BACKEND")],
        },
        "doni": {"database": True, "waiting": {"ironic": 0.0}},
        "clock": {"now": 0, "end": 0, "synchronised": True, "daemon": "chronyd"},
    }  # fmt: skip


def queue(name: str, messages: int, consumers: int, **more: Any) -> dict[str, Any]:
    """A queue of RabbitMQ in which messages wait."""
    plain = {"name": name, "messages": messages, "ready": messages, "consumers": consumers}
    return {**plain, "expires": False, **more}


def line(file: str, text: str, count: int = 1, *lines: str) -> dict[str, Any]:
    """A kind of line in a log."""
    plain = {"first": "2026-05-01 10:30:00", "last": "2026-05-01 11:00:00", "level": "ERROR"}
    shown = list(lines) or [f"2026-05-01 11:00:00.123 7 ERROR {text}"]
    return {**plain, "file": file, "text": text, "count": count, "lines": shown}


class Site:
    """Change ``said`` (by host), ``wanted`` or ``hosts``, then judge."""

    def __init__(self) -> None:
        self.said = {name: health(name) for name in NODES}
        flags = ("keepalived", "external_vip", "galera", "rabbitmq", "haproxy", "doni")
        self.wanted: dict[str, Any] = {
            **dict.fromkeys((*flags, "check_clock"), True),
            "engine": "docker",
            "shard": 0,
            "kolla_internal_vip_address": VIP,
            "kolla_external_vip_address": PUBLIC,
        }
        self.hosts: dict[str, dict[str, Any]] = {name: {} for name in NODES}
        self.allowed: list[Allowed] = []

    def container(self, host: str, name: str) -> dict[str, Any]:
        """A container of a host, to be changed."""
        found = self.said[host]["engine"]["containers"]
        return next(each for each in found if each["name"] == name)

    def view(self) -> View:
        """What judges get."""
        hosts = {
            name: Host(
                **{
                    "name": name,
                    "wanted": self.wanted,
                    "facts": Facts(self.said[name]),
                    "skew": 0.0,
                    **self.hosts[name],
                }
            )
            for name in NODES
        }
        services = [
            Service(role, name, name, IMAGE.format(name), name, tuple(NODES))
            for name, role in ROLES.items()
        ]
        return View(hosts, services, self.allowed, NOW)

    def judge(self) -> dict[str, Result]:
        """Every result by its name."""
        found = [result for _, judge in quick.JUDGES for result in judge(self.view())]
        assert len({result.name for result in found}) == len(found)
        return {result.name: result for result in found}

    def failed(self) -> list[Result]:
        """What is found wrong."""
        return [result for result in self.judge().values() if result.failed]
