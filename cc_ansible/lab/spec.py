"""What a lab is made of: names, addresses and directories. Pure data, no effects."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import uuid
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from cc_ansible.errors import UsageError
from cc_ansible.paths import state_dir

LABEL = "org.chameleoncloud.cc-ansible.lab"
DEFAULT_SUBNET = "10.20.30.0/24"
REGISTRY_PORT = 5000

# Host numbers inside the lab's subnet
_REGISTRY, _SWITCH, _FIRST_NODE, _FIRST_MACHINE, _VIP = 2, 3, 11, 51, 250

# Interfaces of a node: eth0 is Docker's, the others lead to the switch.
TENANT_INTERFACE, PUBLIC_INTERFACE = "eth1", "eth2"

# VLANs of the switch: ports of machines that nobody uses, deploys of machines, the outside.
DEFAULT_VLAN, PROVISIONING_VLAN, PUBLIC_VLAN = 1, 100, 4000
MACHINE_PORTS = 24

# What the site config calls the switch, and the physical network that it carries. Switches are told
# apart by their names: the id is of no account.
SWITCH, SWITCH_ID, TENANT_NETWORK = "tor", "02:00:00:00:00:01", "physnet1"
MOST_MACHINES = 24

# What a node and a machine take while they work, in MiB.
NODE_MIB, MACHINE_MIB = 7168, 2560


@dataclass(frozen=True)
class Routed:
    """A network behind the switch, which is its gateway with the first address."""

    cidr: str
    vlan: int

    @property
    def gateway(self) -> str:
        return self.address(1)

    @property
    def gateway_cidr(self) -> str:
        return f"{self.gateway}/{ipaddress.IPv4Network(self.cidr).prefixlen}"

    def address(self, number: int) -> str:
        """Its address of that number; negative ones count from the end."""
        return str(ipaddress.IPv4Network(self.cidr)[number])


@dataclass(frozen=True)
class Node:
    """One lab node: inventory name, container name and address."""

    name: str
    container: str
    address: str


@dataclass(frozen=True)
class Machine:
    """A bare-metal node: container of machine and controller, its port of the switch is ``name``.

    ``bmc`` is the address of its controller, ``mac`` that of its network card.
    """

    name: str
    container: str
    bmc: str
    mac: str
    uuid: str


@dataclass(frozen=True)
class Lab:
    """A lab of ``controllers`` nodes and ``machines`` on ``subnet`` (IPv4, /24 or larger)."""

    controllers: int = 1
    subnet: str = DEFAULT_SUBNET
    name: str = "cc-lab"
    machines: int = 0

    def __post_init__(self) -> None:
        if self.controllers not in (1, 3, 5):
            raise UsageError(
                f"a lab of {self.controllers} controllers is not possible",
                detail="MariaDB and RabbitMQ need an odd number to keep a quorum",
                fix="use --controllers 1, 3 or 5",
            )
        if not 0 <= self.machines <= MOST_MACHINES:
            raise UsageError(
                f"a lab of {self.machines} machines is not possible",
                fix=f"use --machines with a number up to {MOST_MACHINES}; 0 is possible, too",
            )
        try:
            size = ipaddress.IPv4Network(self.subnet).num_addresses
        except ValueError as error:
            raise UsageError(
                f"--subnet {self.subnet}: {error}", fix="use e.g. 10.20.30.0/24"
            ) from error
        if size < 256:
            raise UsageError(f"--subnet {self.subnet} is too small", fix="use a /24 or larger")

    def _address(self, number: int) -> str:
        return str(ipaddress.IPv4Network(self.subnet)[number])

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        return tuple(
            Node(f"node{i + 1}", f"{self.name}-node{i + 1}", self._address(_FIRST_NODE + i))
            for i in range(self.controllers)
        )

    @cached_property
    def metal(self) -> tuple[Machine, ...]:
        """Its bare-metal nodes. What identifies one stays the same in every lab of the name."""
        return tuple(self._machine(number) for number in range(self.machines))

    def _machine(self, number: int) -> Machine:
        name = f"machine{number + 1}"
        seed = f"{self.name}-{name}"
        digits = hashlib.sha256(seed.encode()).hexdigest()
        return Machine(
            name,
            seed,
            self._address(_FIRST_MACHINE + number),
            ":".join(["52:54:00", *(digits[place : place + 2] for place in (0, 2, 4))]),
            str(uuid.uuid5(uuid.NAMESPACE_DNS, seed)),
        )

    @property
    def gateway(self) -> str:
        return self._address(1)

    @property
    def vip(self) -> str:
        return self._address(_VIP)

    @property
    def registry_address(self) -> str:
        return self._address(_REGISTRY)

    @property
    def switch_address(self) -> str:
        return self._address(_SWITCH)

    @property
    def switch_container(self) -> str:
        return f"{self.name}-switch"

    @cached_property
    def machine_ports(self) -> tuple[str, ...]:
        """Ports of the switch for machines."""
        return tuple(f"p{number:02d}" for number in range(1, MACHINE_PORTS + 1))

    @cached_property
    def routed(self) -> dict[str, Routed]:
        """Networks behind the switch by the name of its interface: /24s after the lab's own."""
        own = ipaddress.IPv4Network(self.subnet)
        first = own.network_address + own.num_addresses
        return {
            name: Routed(f"{first + 256 * place}/24", vlan)
            for place, (name, vlan) in enumerate(
                {"public": PUBLIC_VLAN, "provisioning": PROVISIONING_VLAN}.items()
            )
        }

    @property
    def registry_container(self) -> str:
        return f"{self.name}-registry"

    @property
    def labels(self) -> dict[str, str]:
        return {LABEL: self.name}

    @property
    def home(self) -> Path:
        """State of the lab on the machine: keys, what is running, its site config."""
        return state_dir() / "lab"

    @property
    def site(self) -> Path:
        return self.home / "site-config"

    @property
    def ssh_key(self) -> Path:
        return self.home / "id_ed25519"

    @property
    def known_hosts(self) -> Path:
        return self.home / "known_hosts"


def room_for_machines(controllers: int, meminfo: Path = Path("/proc/meminfo")) -> int:
    """How many machines this one has memory for beside so many nodes, at most two."""
    fields = dict(line.split(":", 1) for line in meminfo.read_text().splitlines())
    available = int(fields["MemAvailable"].split()[0]) // 1024
    return max(0, min(2, (available - NODE_MIB * controllers) // MACHINE_MIB))


def save(lab: Lab) -> None:
    """Remember the lab's shape, so that later commands need not be told again."""
    lab.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    (lab.home / "lab.json").write_text(json.dumps(asdict(lab)) + "\n")


def load() -> Lab | None:
    """The lab that was made on this machine, or None."""
    try:
        return Lab(**json.loads((Lab().home / "lab.json").read_text()))
    except FileNotFoundError:
        return None
