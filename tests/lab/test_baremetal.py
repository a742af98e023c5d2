"""A machine is enrolled in Ironic and a user's server becomes ACTIVE on it, on the user's VLAN."""

from __future__ import annotations

import pytest
from patience import until

from cc_ansible.engine import docker
from cc_ansible.lab import spec, switch
from cc_ansible.lab.site import IMAGE

NAME = "test-node"
PORT = "p22"
WAIT = 300


@pytest.fixture
def engine():
    return docker.client()


@pytest.fixture
def enrolled(cloud):
    """A fake-hardware node, available and known to Placement."""
    node = cloud.baremetal.create_node(
        name=NAME,
        driver="fake-hardware",
        resource_class="baremetal",
        properties={"cpus": 4, "memory_mb": 4096, "local_gb": 20, "cpu_arch": "x86_64"},
    )
    cloud.baremetal.create_port(
        address="52:54:00:12:34:56",
        node_id=node.id,
        physical_network="physnet1",
        local_link_connection={
            "switch_info": "tor", "switch_id": "02:00:00:00:00:01", "port_id": PORT
        },
    )  # fmt: skip
    cloud.baremetal.set_node_provision_state(node, "manage", wait=True, timeout=WAIT)
    cloud.baremetal.set_node_provision_state(node, "provide", wait=True, timeout=WAIT)
    # A fake machine has no power state until one is set; Nova keeps away from such nodes.
    cloud.baremetal.set_node_power_state(node, "power off", wait=True, timeout=WAIT)
    yield node
    until(lambda: cloud.baremetal.get_node(node.id).provision_state == "available", "available")
    cloud.baremetal.set_node_provision_state(node, "manage", wait=True, timeout=WAIT)
    cloud.baremetal.delete_node(node)


@pytest.fixture
def network(cloud):
    """A network of the user's, on a VLAN of Neutron's choice."""
    network = cloud.network.create_network(name="test-net")
    cloud.network.create_subnet(network_id=network.id, cidr="10.99.0.0/24", ip_version=4)
    yield network
    cloud.network.delete_network(network)


def test_a_server_becomes_active_on_a_node_that_nobody_lends(cloud, engine, lab, enrolled, network):
    """Flavor and image are those that post-deploy made."""
    flavor = cloud.compute.find_flavor("baremetal", ignore_missing=False)
    image = cloud.image.find_image(IMAGE, ignore_missing=False)
    until(lambda: _free(cloud, enrolled), "free in Placement")
    until(lambda: list(cloud.compute.hypervisors()), "known to a cell")

    server = cloud.create_server(
        "test-server", image=image, flavor=flavor, network=network, wait=True, timeout=WAIT
    )

    assert server.status == "ACTIVE"
    assert cloud.baremetal.get_node(enrolled.id).instance_id == server.id
    assert cloud.baremetal.get_node(enrolled.id).provision_state == "active"
    vlan = cloud.network.get_network(network.id).provider_segmentation_id
    assert switch.port_vlan(engine, lab, PORT) == vlan
    assert cloud.delete_server(server.id, wait=True, timeout=WAIT)
    until(lambda: switch.port_vlan(engine, lab, PORT) == spec.DEFAULT_VLAN, "off the VLAN")


def _free(cloud, node) -> bool:
    answer = cloud.placement.get(f"/resource_providers/{node.id}/inventories")
    inventory = answer.json().get("inventories", {}).get("CUSTOM_BAREMETAL")
    return bool(inventory) and inventory["reserved"] == 0
