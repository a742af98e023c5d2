import openstack
import pytest


@pytest.fixture(scope="module")
def cloud():
    return openstack.connect()


@pytest.fixture(scope="module")
def flavors(cloud):
    found = cloud.compute.flavors(is_public=None)
    return {one.name: one for one in found if one.name.startswith("molecule-")}


def test_what_the_site_made_and_names_no_longer_is_gone(cloud, flavors):
    assert "molecule-small" not in flavors
    assert cloud.compute.find_aggregate("molecule-aggregate") is None


def test_what_the_site_names_and_what_others_made_stays(flavors):
    assert flavors.keys() == {
        "molecule-baremetal",
        "molecule-private",
        "molecule-found",
        "molecule-theirs",
    }
    assert flavors["molecule-found"].description == "[cc-ansible: adopted]"
    assert not flavors["molecule-theirs"].description


def test_who_may_use_a_flavor_may_still_after_it_got_another_size(cloud, flavors):
    flavor = flavors["molecule-private"]
    assert flavor.ram == 512
    access = {one["tenant_id"] for one in cloud.compute.get_flavor_access(flavor.id)}
    assert cloud.identity.find_project("service").id in access
