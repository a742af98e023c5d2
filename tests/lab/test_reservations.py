"""Ten nodes of which five are lent, driven by the clients that users have."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from patience import until
from published import Client, new_user

from cc_ansible.lab.site import IMAGE

COUNT, LENT = 10, 5
TYPE = "compute_published"
NETWORK = "sharednet1"
WAIT = 420
SCRIPT = Path(__file__).with_name("python_chi.py")


@pytest.fixture(scope="module")
def admin(credentials) -> Client:
    return Client(
        {
            "OS_CLIENT_CONFIG_FILE": str(credentials / "clouds.yaml"),
            "OS_CLOUD": "kolla-admin-internal",
        }
    )


@pytest.fixture(scope="module")
def nodes(cloud) -> Any:
    """Names and uuids of nodes, available in Ironic and offered by Placement."""
    ironic = cloud.baremetal
    made = dict(_enrol(ironic, index) for index in range(COUNT))
    for verb, state in (("manage", "manageable"), ("provide", "available")):
        _settle(ironic, made.values(), verb, state)
    # A fake machine has no power state until one is set; Nova keeps away from such nodes.
    for uuid in made.values():
        ironic.set_node_power_state(uuid, "power off")
    until(
        lambda: all(_free(cloud, uuid) for uuid in made.values()),
        "offered by Placement",
        seconds=WAIT,
    )
    known = {hypervisor.name for hypervisor in cloud.compute.hypervisors()}
    assert set(made.values()) <= known
    yield made
    ironic.wait_for_nodes_provision_state(made.values(), "available", timeout=WAIT)
    _settle(ironic, made.values(), "manage", "manageable")
    for uuid in made.values():
        ironic.delete_node(uuid)


@pytest.fixture(scope="module")
def lent(admin, nodes) -> Any:
    """Names and uuids of those that Blazar has."""
    chosen = dict(sorted(nodes.items())[:LENT])
    hosts = []
    for uuid in chosen.values():
        host = admin.json("reservation", "host", "create", uuid)
        words = ("--extra", f"node_type={TYPE}", "--extra", f"uid={uuid}")
        admin.openstack("reservation", "host", "set", *words, host["id"])
        hosts.append(host["id"])
    yield chosen
    for host in hosts:
        admin.openstack("reservation", "host", "delete", host)


@pytest.fixture(scope="module")
def user(cloud, lent) -> Any:
    with new_user(cloud, "published-clients") as client:
        yield client
        # Blazar ends leases as their user: those of a test that failed go first.
        for lease in client.json("reservation", "lease", "list"):
            client.openstack("reservation", "lease", "delete", lease["id"])


class Leases:
    """Leases of a user, and servers in them; whatever is left of them goes in the end."""

    def __init__(self, user: Client) -> None:
        self._user = user
        self._leases: list[str] = []

    def reserve(self, name: str, count: int, properties: list) -> str:
        """Reserve nodes from now on; returns the id of the reservation, which is active."""
        nodes = (
            f"min={count},max={count},resource_type=physical:host,"
            f"resource_properties={json.dumps(properties)}"
        )
        end = time.strftime("%Y-%m-%d %H:%M", time.gmtime(time.time() + 7200))
        words = ("--end-date", end, "--reservation", nodes)
        lease = self._user.json("reservation", "lease", "create", *words, name)
        self._leases.append(lease["id"])
        return str(json.loads(lease["reservations"])["id"])

    def active(self) -> None:
        for lease in self._leases:
            until(lambda lease=lease: self._status(lease) == "ACTIVE", "active", seconds=WAIT)

    def _status(self, lease: str) -> str:
        return str(self._user.json("reservation", "lease", "show", lease)["status"])

    def end(self) -> None:
        while self._leases:
            self._user.openstack("reservation", "lease", "delete", self._leases.pop())


@pytest.fixture
def leases(user, servers) -> Any:
    made = Leases(user)
    yield made
    servers.delete()
    made.end()


class Servers:
    """Servers of a user; ``cloud`` is the admin's, who sees where they are."""

    def __init__(self, user: Client, cloud) -> None:
        self._user = user
        self._cloud = cloud
        self._made: set[str] = set()

    def create(self, name: str, reservation: str = "", count: int = 1) -> None:
        hint = ("--hint", f"reservation={reservation}") if reservation else ()
        some = ("--min", str(count), "--max", str(count)) if count > 1 else ()
        words = ("--flavor", "baremetal", "--image", IMAGE, "--network", NETWORK, *hint, *some)
        self._user.openstack("server", "create", *words, name)

    def nodes(self, prefix: str, status: str = "ACTIVE") -> set[str]:
        """Nodes of the servers with such a name, once all of these have a status."""

        def settled() -> bool:
            states = self._states(prefix)
            assert status == "ERROR" or "ERROR" not in states.values(), states
            return set(states.values()) == {status}

        until(settled, f"{prefix} {status}", seconds=WAIT)
        found = self._of(prefix)
        return {server.hypervisor_hostname for server in found}

    def delete(self) -> None:
        """Delete them; returns when Nova offers their nodes again."""
        listed = [server["ID"] for server in self._user.json("server", "list")]
        used = {each.hypervisor_hostname for each in self._of("") if each.id in listed} - {None}
        if listed:
            self._user.openstack("server", "delete", "--wait", *listed)
        until(
            lambda: all(_free(self._cloud, uuid) for uuid in used),
            "offered again",
            seconds=WAIT,
        )

    def _of(self, prefix: str) -> list:
        return [
            server
            for server in self._cloud.compute.servers(all_projects=True, details=True)
            if server.name.startswith(prefix)
        ]

    def _states(self, prefix: str) -> dict[str, str]:
        return {server.name: server.status for server in self._of(prefix)}


@pytest.fixture
def servers(user, cloud) -> Any:
    made = Servers(user, cloud)
    yield made
    made.delete()


def test_each_is_leased_alone(lent, leases, servers):
    wanted = {}
    for name, uuid in lent.items():
        wanted[uuid] = leases.reserve(f"alone-{name}", 1, ["==", "$uid", uuid])
    leases.active()
    for uuid in list(wanted)[:2]:
        servers.create(f"alone-{uuid}", wanted[uuid])
        assert servers.nodes(f"alone-{uuid}") == {uuid}


def test_leases_stand_side_by_side_and_block_nobody_else(lent, nodes, leases, servers, user):
    of_type = ["==", "$node_type", TYPE]
    first, second = (leases.reserve(name, 2, of_type) for name in ("first", "second"))
    leases.active()
    servers.create("first", first, count=2)
    servers.create("second", second, count=2)
    used = servers.nodes("first"), servers.nodes("second")
    servers.create("anybody", count=COUNT - LENT)

    assert [len(each) for each in used] == [2, 2]
    assert not used[0] & used[1]
    assert used[0] | used[1] < set(lent.values())
    assert servers.nodes("anybody") == set(nodes.values()) - set(lent.values())
    # One of those that are lent is free, and stays that.
    servers.create("one-more")
    assert servers.nodes("one-more", "ERROR") == {None}
    servers.create("beyond", first)
    assert servers.nodes("beyond", "ERROR") == {None}
    shown = user.json("server", "show", "beyond")
    assert "No valid host was found" in str(shown["fault"])


def test_python_chi_reserves_uses_and_gives_back(lent, user, servers, lab):
    public_key = lab.ssh_key.with_suffix(".pub")
    words = ("with-python-chi", TYPE, IMAGE, NETWORK, str(public_key))
    got = json.loads(user.run("python", str(SCRIPT), *words).splitlines()[-1])
    assert [got[what] for what in ("lease", "server", "network")] == ["ACTIVE"] * 3
    assert got["addresses"] == [got["reserved"]]
    assert got["after"] == []


def _enrol(ironic, index: int) -> tuple[str, str]:
    name = f"published{index:02}"
    node = ironic.create_node(
        name=name,
        driver="fake-hardware",
        resource_class="baremetal",
        properties={"cpus": 4, "memory_mb": 4096, "local_gb": 20, "cpu_arch": "x86_64"},
    )
    ironic.create_port(
        node_id=node.id,
        address=f"52:54:00:00:02:{index:02x}",
        physical_network="physnet1",
        local_link_connection={
            "switch_info": "tor",
            "switch_id": "02:00:00:00:00:01",
            "port_id": f"p{index + 1:02}",
        },
    )
    return name, node.id


def _settle(ironic, uuids: Iterable[str], verb: str, state: str) -> None:
    for uuid in uuids:
        ironic.set_node_provision_state(uuid, verb)
    ironic.wait_for_nodes_provision_state(uuids, state, timeout=WAIT)


def _free(cloud, uuid: str) -> bool:
    answer = cloud.placement.get(f"/resource_providers/{uuid}/inventories")
    inventory = answer.json().get("inventories", {}).get("CUSTOM_BAREMETAL")
    return bool(inventory) and inventory["reserved"] == 0
