"""A fake machine is enrolled in Ironic and a user's server becomes ACTIVE on it."""

from __future__ import annotations

import time

import pytest

NAME = "test-node"
WAIT = 300


@pytest.fixture
def enrolled(cloud):
    """A fake-hardware node, available and known to Placement."""
    node = cloud.baremetal.create_node(
        name=NAME,
        driver="fake-hardware",
        resource_class="baremetal",
        properties={"cpus": 4, "memory_mb": 4096, "local_gb": 20, "cpu_arch": "x86_64"},
    )
    cloud.baremetal.create_port(address="52:54:00:12:34:56", node_id=node.id)
    cloud.baremetal.set_node_provision_state(node, "manage", wait=True, timeout=WAIT)
    cloud.baremetal.set_node_provision_state(node, "provide", wait=True, timeout=WAIT)
    # A fake machine has no power state until one is set; Nova keeps away from such nodes.
    cloud.baremetal.set_node_power_state(node, "power off", wait=True, timeout=WAIT)
    yield node
    _until(lambda: cloud.baremetal.get_node(node.id).provision_state == "available", "available")
    cloud.baremetal.set_node_provision_state(node, "manage", wait=True, timeout=WAIT)
    cloud.baremetal.delete_node(node)


@pytest.fixture
def user_objects(cloud):
    """What a user brings: flavor, image and network."""
    flavor = cloud.compute.create_flavor(name="test-baremetal", ram=4096, vcpus=4, disk=20)
    specs = {"resources:CUSTOM_BAREMETAL": "1"}
    specs |= {f"resources:{name}": "0" for name in ("VCPU", "MEMORY_MB", "DISK_GB")}
    cloud.compute.create_flavor_extra_specs(flavor, specs)
    image = cloud.create_image(
        "test-image", data=b"\0" * 2**20, disk_format="raw", container_format="bare", wait=True
    )
    network = cloud.network.create_network(
        name="test-net", provider_network_type="flat", provider_physical_network="physnet1"
    )
    cloud.network.create_subnet(
        network_id=network.id, cidr="10.99.0.0/24", ip_version=4, is_dhcp_enabled=False
    )
    yield flavor, image, network
    cloud.network.delete_network(network)
    cloud.image.delete_image(image)
    cloud.compute.delete_flavor(flavor)


def test_a_server_becomes_active_on_a_fake_node(cloud, enrolled, user_objects):
    flavor, image, network = user_objects
    _until(lambda: _free(cloud, enrolled), "free in Placement")
    _until(lambda: list(cloud.compute.hypervisors()), "known to a cell")

    server = cloud.create_server(
        "test-server", image=image, flavor=flavor, network=network, wait=True, timeout=WAIT
    )

    assert server.status == "ACTIVE"
    assert cloud.baremetal.get_node(enrolled.id).instance_id == server.id
    assert cloud.baremetal.get_node(enrolled.id).provision_state == "active"
    assert cloud.delete_server(server.id, wait=True, timeout=WAIT)


def _free(cloud, node) -> bool:
    answer = cloud.placement.get(f"/resource_providers/{node.id}/inventories")
    inventory = answer.json().get("inventories", {}).get("CUSTOM_BAREMETAL")
    return bool(inventory) and inventory["reserved"] == 0


def _until(question, what: str) -> None:
    deadline = time.monotonic() + WAIT
    while not question():
        assert time.monotonic() < deadline, f"not {what} after {WAIT} s"
        time.sleep(2)
