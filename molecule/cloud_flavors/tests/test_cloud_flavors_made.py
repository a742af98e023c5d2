import openstack
import pytest


@pytest.fixture(scope="module")
def cloud():
    return openstack.connect()


def test_a_flavor_of_bare_metal_asks_for_one_machine_only(cloud):
    flavor = cloud.compute.find_flavor("molecule-baremetal", get_extra_specs=True)
    assert flavor.extra_specs == {
        "resources:CUSTOM_MOLECULE_NODE": "1",
        "resources:VCPU": "0",
        "resources:MEMORY_MB": "0",
        "resources:DISK_GB": "0",
        "trait:CUSTOM_MOLECULE_FAST": "required",
    }


def test_memory_of_virtual_machines_is_in_mebibytes(cloud):
    assert cloud.compute.find_flavor("molecule-small").ram == 2048


def test_the_aggregate_has_its_metadata(cloud):
    aggregate = cloud.compute.find_aggregate("molecule-aggregate")
    assert aggregate.metadata == {"purpose": "tests", "made_by": "cc-ansible"}


def test_placement_knows_the_class_and_the_trait(cloud):
    assert "CUSTOM_MOLECULE_NODE" in {one.name for one in cloud.placement.resource_classes()}
    assert "CUSTOM_MOLECULE_FAST" in {one.name for one in cloud.placement.traits()}
