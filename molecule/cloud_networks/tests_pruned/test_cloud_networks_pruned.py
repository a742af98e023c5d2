import openstack
import pytest
from keystoneauth1.adapter import Adapter


@pytest.fixture(scope="module")
def cloud():
    return openstack.connect()


@pytest.fixture(scope="module")
def networks(cloud):
    found = cloud.network.networks(project_id=cloud.current_project_id)
    return {one.name: one for one in found if one.name.startswith("molecule-")}


def test_only_what_the_site_made_and_nobody_uses_is_gone(networks):
    assert networks.keys() == {
        f"molecule-{name}"
        for name in ("public", "shared", "provisioning", "used", "found", "theirs")
    }
    assert networks["molecule-found"].description == "[cc-ansible: adopted]"
    assert networks["molecule-theirs"].description == ""


def test_a_network_in_use_keeps_its_subnet_and_its_leg(cloud, networks):
    (used,) = cloud.network.subnets(network_id=networks["molecule-used"].id)
    shared = cloud.network.subnets(network_id=networks["molecule-shared"].id)
    router = cloud.network.find_router("molecule-router")
    legs = {
        ip["subnet_id"]
        for port in cloud.network.ports(device_id=router.id)
        if port.network_id != networks["molecule-public"].id
        for ip in port.fixed_ips
    }
    assert legs == {used.id, *(one.id for one in shared)}


def test_the_networks_of_the_site_itself_are_there(cloud):
    names = {one.name for one in cloud.network.networks(project_id=cloud.current_project_id)}
    assert {"public", "sharednet1"} <= names


def test_blazar_lends_what_is_left(cloud, networks):
    blazar = Adapter(
        cloud.session,
        service_type="reservation",
        interface=cloud.config.get_interface("reservation"),
        region_name=cloud.config.region_name,
    )
    lent = blazar.get("/networks").json()["networks"]
    assert [
        str(one["segment_id"]) for one in lent if one["physical_network"] == "molecule-lent"
    ] == ["3950"]
    assert [one for one in lent if one["physical_network"] == "physnet1"]
    addresses = blazar.get("/floatingips").json()["floatingips"]
    public = networks["molecule-public"].id
    assert not [one for one in addresses if one["floating_network_id"] == public]
