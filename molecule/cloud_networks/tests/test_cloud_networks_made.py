import openstack
import pytest
from keystoneauth1.adapter import Adapter


@pytest.fixture(scope="module")
def cloud():
    return openstack.connect()


def subnets(cloud, network):
    id_ = cloud.network.find_network(network).id
    return {one.ip_version: one for one in cloud.network.subnets(network_id=id_)}


def test_each_network_has_its_vlan(cloud):
    vlans = {
        name: cloud.network.find_network(f"molecule-{name}").provider_segmentation_id
        for name in ("public", "shared", "provisioning")
    }
    assert vlans == {"public": 3901, "shared": 3902, "provisioning": 3903}


def test_who_may_use_a_network_follows_from_its_kind(cloud):
    public, shared, provisioning = (
        cloud.network.find_network(f"molecule-{name}")
        for name in ("public", "shared", "provisioning")
    )
    assert (public.is_router_external, public.is_shared) == (True, False)
    assert (shared.is_router_external, shared.is_shared) == (False, True)
    assert (provisioning.is_router_external, provisioning.is_shared) == (False, False)
    assert all(one.is_admin_state_up for one in (public, shared, provisioning))
    assert all(one.description == "[cc-ansible]" for one in (public, shared, provisioning))


def test_the_public_subnet_has_all_of_its_pools_and_no_dhcp(cloud):
    subnet = subnets(cloud, "molecule-public")[4]
    assert sorted(pool["start"] for pool in subnet.allocation_pools) == [
        "198.18.1.10",
        "198.18.1.30",
    ]
    assert subnet.is_dhcp_enabled is False
    assert subnet.gateway_ip == "198.18.1.254"


def test_the_shared_network_has_both_families(cloud):
    assert cloud.network.find_network("molecule-shared").mtu == 1400
    found = subnets(cloud, "molecule-shared")
    assert found[4].dns_nameservers == ["192.0.2.53", "192.0.2.54"]
    assert found[6].cidr == "2001:db8:2::/64"
    assert found[6].ipv6_ra_mode == "slaac"


def test_the_router_joins_every_shared_subnet_with_the_outside(cloud):
    router = cloud.network.find_router("molecule-router")
    public = cloud.network.find_network("molecule-public")
    assert router.external_gateway_info["network_id"] == public.id
    legs = {
        ip["subnet_id"]
        for port in cloud.network.ports(device_id=router.id)
        if port.network_id != public.id
        for ip in port.fixed_ips
    }
    assert legs == {
        one.id
        for name in ("shared", "second", "used")
        for one in subnets(cloud, f"molecule-{name}").values()
    }


def test_blazar_lends_every_vlan_and_address_of_the_site(cloud):
    blazar = Adapter(
        cloud.session,
        service_type="reservation",
        interface=cloud.config.get_interface("reservation"),
        region_name=cloud.config.region_name,
    )
    lent = {
        str(one["segment_id"])
        for one in blazar.get("/networks").json()["networks"]
        if one["physical_network"] == "molecule-lent"
    }
    assert lent == {"3950", "3951"}
    public = cloud.network.find_network("molecule-public").id
    addresses = {
        one["floating_ip_address"]
        for one in blazar.get("/floatingips").json()["floatingips"]
        if one["floating_network_id"] == public
    }
    assert addresses == {"198.18.1.50"}
