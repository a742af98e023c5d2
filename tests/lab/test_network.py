"""Neutron's data path and the lab's switch: packets really go where the networks say."""

from __future__ import annotations

import pytest
from patience import until

from cc_ansible.engine import docker
from cc_ansible.errors import RunFailed
from cc_ansible.lab import switch
from cc_ansible.site.load import load
from cc_ansible.site.secrets import use

PORT = "p24"
"""A port of the switch that no other test uses; a machine of this test is plugged into it."""
MACHINE = "test-machine"
WAIT = 120


@pytest.fixture(scope="module")
def engine():
    return docker.client()


@pytest.fixture(scope="module")
def ironic(cloud, lab):
    """Neutron as Ironic asks it: only services may say where a port is plugged in."""
    import openstack

    password = use.take(load(lab.site, env={})).passwords["ironic_keystone_password"]
    return openstack.connect(
        auth_url=cloud.config.get_auth_args()["auth_url"],
        username="ironic",
        password=password,
        project_name="service",
        user_domain_name="Default",
        project_domain_name="Default",
        region_name="RegionOne",
        interface="internal",
    ).network


@pytest.fixture(scope="module")
def on_switch(engine, lab):
    """Run a command on the switch."""
    container = engine.containers.get(lab.switch_container)
    return lambda *argv: docker.demand(container, list(argv))


@pytest.fixture(scope="module")
def machine(on_switch):
    """A network namespace that holds the cable of the port; returns how to run commands there."""
    on_switch("ip", "netns", "add", MACHINE)
    on_switch("ip", "link", "set", PORT, "netns", MACHINE)
    inside = ("ip", "netns", "exec", MACHINE)
    on_switch(*inside, "ip", "link", "set", PORT, "up")
    yield lambda *argv: on_switch(*inside, *argv)
    # What is still in a namespace ends with it.
    on_switch(*inside, "ip", "link", "set", PORT, "netns", "1")
    on_switch("ip", "netns", "delete", MACHINE)
    on_switch("ovs-vsctl", "set", "port", PORT, "tag=1")


@pytest.fixture(scope="module")
def network(cloud):
    """A tenant network on a VLAN of Neutron's choice, routed to the outside."""
    public = cloud.network.find_network("public", ignore_missing=False)
    network = cloud.network.create_network(name="test-vlan")
    subnet = cloud.network.create_subnet(
        network_id=network.id, cidr="10.99.1.0/24", ip_version=4, name="test-vlan"
    )
    router = cloud.network.create_router(
        name="test-router", external_gateway_info={"network_id": public.id}
    )
    cloud.network.add_interface_to_router(router, subnet_id=subnet.id)
    yield network
    cloud.network.remove_interface_from_router(router, subnet_id=subnet.id)
    cloud.network.delete_router(router)
    cloud.network.delete_network(network)


@pytest.fixture(scope="module")
def port(ironic, network, machine):
    """The machine's port in that network, bound as Ironic binds it."""
    address = machine("cat", f"/sys/class/net/{PORT}/address").strip()
    link = {"switch_info": "tor", "switch_id": "00:00:00:00:00:00", "port_id": PORT}
    port = ironic.create_port(
        network_id=network.id,
        name="test-machine",
        mac_address=address,
        binding_host_id="test-machine",
        binding_vnic_type="baremetal",
        binding_profile={"local_link_information": [link]},
    )
    yield port
    ironic.delete_port(port)


def test_neutron_moves_the_port_of_the_switch_into_the_vlan(cloud, engine, lab, network, port):
    vlan = network.provider_segmentation_id
    assert 200 <= vlan <= 249
    assert cloud.network.get_port(port.id).binding_vif_type == "other"
    until(lambda: switch.port_vlan(engine, lab, PORT) == vlan, f"on VLAN {vlan}")


def test_a_machine_gets_its_address_by_dhcp(machine, port):
    until(lambda: _lease(machine), "a lease")
    assert port.fixed_ips[0]["ip_address"] in _lease(machine)


def test_a_machine_reaches_the_outside_through_its_router(machine, lab, port):
    machine("ip", "address", "replace", f"{port.fixed_ips[0]['ip_address']}/24", "dev", PORT)
    machine("ip", "route", "replace", "default", "via", "10.99.1.1")
    outside = lab.routed["public"].gateway
    until(lambda: _answers(machine, outside), f"{outside} answers")


def test_a_floating_ip_leads_to_the_machine(cloud, on_switch, network, port):
    public = cloud.network.find_network("public")
    address = cloud.network.create_ip(floating_network_id=public.id, port_id=port.id)
    try:
        until(lambda: _answers(on_switch, address.floating_ip_address), "the floating IP answers")
    finally:
        cloud.network.delete_ip(address)


def test_the_port_goes_back_when_the_machine_leaves(ironic, engine, lab, network):
    link = {"switch_info": "tor", "switch_id": "00:00:00:00:00:00", "port_id": "p23"}
    port = ironic.create_port(
        network_id=network.id,
        binding_host_id="test-machine",
        binding_vnic_type="baremetal",
        binding_profile={"local_link_information": [link]},
    )
    vlan = network.provider_segmentation_id
    until(lambda: switch.port_vlan(engine, lab, "p23") == vlan, f"on VLAN {vlan}")
    ironic.delete_port(port)
    until(lambda: switch.port_vlan(engine, lab, "p23") == 1, "on the default VLAN")


def _lease(machine) -> str:
    try:
        return machine("udhcpc", "-i", PORT, "-n", "-q", "-t", "3", "-s", "/bin/true")
    except RunFailed:
        return ""


def _answers(run, address: str) -> bool:
    try:
        run("ping", "-c", "1", "-W", "2", address)
    except RunFailed:
        return False
    return True
