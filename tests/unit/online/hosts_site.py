"""A site whose hosts are all well, and ways to make something of it wrong."""

from __future__ import annotations

import copy
import datetime
from pathlib import Path
from typing import Any

from cc_ansible.kolla import known
from cc_ansible.kolla.images import Service
from cc_ansible.kolla.prechecks import Listener
from cc_ansible.online.facts import Facts, Host
from cc_ansible.online.judging import judge
from cc_ansible.online.rules import HostFinding
from cc_ansible.online.view import View
from cc_ansible.site.subject import Subject
from cc_ansible.site.survey import Survey

NOW = datetime.datetime(2026, 5, 1, 12, tzinfo=datetime.UTC)
GIB = 1024**3
SITE = """\
kolla_internal_vip_address: 10.20.0.250
network_interface: eno1
neutron_external_interface: eno3
docker_registry: registry.example.org
"""
INVENTORY = """\
[control]
node1
node2

[network:children]
control

[compute]
compute1
"""
CONTROL = {"all", "control", "network", "baremetal", "loadbalancer", "rabbitmq"}
GROUPS = {"node1": CONTROL, "node2": CONTROL, "compute1": {"all", "compute", "baremetal"}}
ADDRESSES = {"node1": "10.20.0.11", "node2": "10.20.0.12", "compute1": "10.20.0.21"}
IMAGE = "registry.example.org/kolla/{}:2026.1"
REGISTRY = "registry.example.org:443"

WANTED = {
    "engine": "docker",
    "api_interface": "eno1",
    "api_family": "ipv4",
    "tunnel_interface": "eno1",
    "tunnel_family": "ipv4",
    "migration_interface": "eno1",
    "migration_family": "ipv4",
    "dns_interface": "eno1",
    "dns_family": "ipv4",
    "kolla_external_vip_interface": "eno2",
    "neutron_external_interface": "eno3",
    "external_bridges": True,
    "kolla_internal_vip_address": "10.20.0.250",
    "kolla_external_vip_address": "198.51.100.10",
    "kolla_internal_fqdn": "internal.example.org",
    "kolla_external_fqdn": "chi.example.org",
    "keepalived": True,
    "external_vip": True,
    "kolla_external_fqdn_cert": "",
    "kolla_internal_fqdn_cert": "",
    "check_clock": True,
    "check_system": True,
}


def interface(*addresses: str, **changes: Any) -> dict[str, Any]:
    """What module cc_host_facts says of an interface."""
    said = [
        {
            "address": each.split("/")[0],
            "prefix": int(each.split("/")[1]),
            "scope": "global",
            "dynamic": False,
        }
        for each in addresses
    ]
    plain = {"up": True, "carrier": True, "mtu": 1500, "mac": "02:00:00:00:00:01", "kind": ""}
    return {**plain, "master": "", "parent": "", "ports": [], "addresses": said, **changes}


def facts_of(name: str) -> dict[str, Any]:
    """What a host says on which all is well, with a running site."""
    address = f"{ADDRESSES[name]}/24"
    vip = ["10.20.0.250/32"] if name == "node1" else []
    external = ["198.51.100.10/32"] if name == "node1" else []
    return {
        "hostname": name,
        "root": True,
        "os": {"id": "debian", "version": "13", "codename": "trixie", "pretty": "Debian 13"},
        "memory": {"total": 16 * GIB},
        "systemd": True,
        "localtime": True,
        "python": {"used": "/usr/bin/python3", "there": True, "missing": []},
        "clock": {"now": NOW.timestamp(), "synchronised": True, "daemon": "chronyd"},
        "daemons": ["chronyd", "dockerd"],
        "disks": {
            "/var/lib/docker": {
                "mount": "/", "free": 80 * GIB, "inodes": 1000, "inodes_free": 900,
            }
        },
        "interfaces": {
            "lo": interface("127.0.0.1/8"),
            "eno1": interface(address, *vip),
            "eno2": interface(*external),
            "eno3": interface(master="ovs-system"),
        },
        "listeners": [
            {"address": "0.0.0.0", "port": 22, "process": "sshd", "container": None},
            {
                "address": ADDRESSES[name],
                "port": 5000,
                "process": "apache2",
                "container": "k" * 64,
            },
        ],
        "engine": {
            "state": "running",
            "version": "26.1.5",
            "proxy": False,
            "insecure": ["127.0.0.0/8"],
            "containers": [
                container("keystone", id="k" * 64),
                container("keepalived"),
            ]
            if name != "compute1"
            else [],
            "images": [IMAGE.format("keystone"), IMAGE.format("keepalived")],
        },
    }  # fmt: skip


def container(name: str, **changes: Any) -> dict[str, Any]:
    """What the engine says of a container."""
    plain = {"id": name, "name": name, "image": IMAGE.format(name), "state": "running"}
    return {**plain, "kolla": True, **changes}


def answers_of(name: str) -> dict[str, Any]:
    """What a host reaches when all is well."""
    found = {
        "names": {
            **{peer: {"ipv4": [ADDRESSES[peer]], "ipv6": []} for peer in ("node1", "node2")},
            name: {"ipv4": [ADDRESSES[name]], "ipv6": []},
            "internal.example.org": {"ipv4": ["10.20.0.250"], "ipv6": []},
            "chi.example.org": {"ipv4": ["198.51.100.10"], "ipv6": []},
        },
        "tcp": {REGISTRY: {"state": "open"}},
    }
    vips = ("10.20.0.250", "198.51.100.10")
    taken = {vip: {"state": "refused", "taken": True, "mac": "02:00:00:00:00:01"} for vip in vips}
    return {**found, "neighbours": taken if name != "compute1" else {}}


class Site:
    """A site to be broken: change ``facts``, ``wanted``, ``answers`` or ``hosts``, then judge."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.facts = {name: facts_of(name) for name in GROUPS}
        self.wanted: dict[str, dict[str, Any]] = {name: copy.deepcopy(WANTED) for name in GROUPS}
        self.answers = {name: answers_of(name) for name in GROUPS}
        self.hosts: dict[str, dict[str, Any]] = {name: {} for name in GROUPS}
        control = ("node1", "node2")
        self.services = [
            Service(
                "neutron", "agent", "neutron-agent", IMAGE.format("keystone"), agent, (*control,)
            )
            for agent in ("openvswitch_vswitchd", "neutron_openvswitch_agent")
        ]
        for name in ("keystone", "keepalived", "ironic_conductor", "neutron_server"):
            image = IMAGE.format("keepalived" if name == "keepalived" else "keystone")
            self.services.append(Service(name, name, name, image, name, control))
        self.listeners = [
            Listener("keystone", control, "api_interface", 5000),
            Listener("haproxy", control, "kolla_internal_vip_address", 5000),
            Listener("mariadb", control, "api_interface", 3306),
        ]
        self.view: dict[str, Any] = {}

    def look(self) -> View:
        """What judges get."""
        hosts = {
            name: Host(
                **{
                    "name": name,
                    "groups": frozenset(groups),
                    "wanted": self.wanted[name],
                    "facts": Facts(self.facts[name]),
                    "answers": self.answers[name],
                    "skew": 0.0,
                    **self.hosts[name],
                }
            )
            for name, groups in GROUPS.items()
        }
        names = frozenset({"keystone", "keepalived", "mariadb", "nova_api"})
        plain = {"container_names": names, "now": NOW, **self.view}
        subject = Subject(Survey(self.path), known)
        return View(subject, hosts, self.services, self.listeners, **plain)

    def judge(self) -> list[HostFinding]:
        """What is found wrong."""
        return judge(self.look())

    def only(self) -> HostFinding:
        """The one thing that is found wrong."""
        found = self.judge()
        assert len(found) == 1, [each.finding for each in found]
        return found[0]

    def dead(self, name: str, message: str) -> None:
        """Make a host one that could not be reached."""
        self.hosts[name] = {"facts": None, "answers": {}, "skew": None, "unreachable": message}
