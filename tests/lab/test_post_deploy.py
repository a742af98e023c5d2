"""What the site says is in the cloud; a second run changes nothing, and drift is repaired."""

from __future__ import annotations

import json
import stat

import pytest

from cc_ansible.hardware import credentials as logins
from cc_ansible.paths import site_state_dir


@pytest.fixture
def cloud_run(on_site):
    """Run post-deploy; returns the names of the tasks that changed something, and the output."""

    def run(*options: str) -> tuple[list[str], str]:
        result = on_site("post-deploy", "--output", "json", *options)
        events = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
        changed = [event["task"] for event in events if event["event"] == "host_changed"]
        return changed, result.stdout

    return run


def test_every_network_of_the_site_is_there(cloud, lab):
    public = cloud.network.find_network("public", ignore_missing=False)
    assert public.is_router_external
    assert public.provider_network_type == "flat"
    shared = cloud.network.find_network("sharednet1", ignore_missing=False)
    assert shared.is_shared
    assert shared.provider_segmentation_id == 150
    provisioning = cloud.network.find_network("ironic-provisioning", ignore_missing=False)
    assert provisioning.provider_segmentation_id == 100
    (subnet,) = cloud.network.subnets(network_id=provisioning.id)
    assert subnet.gateway_ip == lab.routed["provisioning"].gateway
    router = cloud.network.find_router("sharednet-router", ignore_missing=False)
    assert router.external_gateway_info["network_id"] == public.id


def test_flavor_and_images_are_there_and_name_each_other(cloud):
    flavor = cloud.compute.find_flavor("baremetal", ignore_missing=False)
    specs = cloud.compute.get_flavor(flavor.id, get_extra_specs=True).extra_specs
    assert specs["resources:CUSTOM_BAREMETAL"] == "1"
    disk, kernel, ramdisk = (
        cloud.image.find_image(name, ignore_missing=False)
        for name in ("cc-lab", "cc-lab-kernel", "cc-lab-ramdisk")
    )
    assert disk.kernel_id == kernel.id
    assert disk.ramdisk_id == ramdisk.id


def test_a_second_run_changes_nothing(cloud_run):
    changed, output = cloud_run()
    assert not changed, output


def test_drift_is_shown_by_check_and_repaired(cloud, cloud_run):
    shared = cloud.network.find_network("sharednet1")
    cloud.network.update_network(shared, is_shared=False)

    changed, output = cloud_run("--check")
    assert "sharednet1" in output
    assert changed
    assert not cloud.network.get_network(shared.id).is_shared

    cloud_run()
    assert cloud.network.get_network(shared.id).is_shared


def test_credentials_are_outside_of_git_and_private(credentials, lab):
    assert not credentials.is_relative_to(lab.site)
    for file in credentials.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_our_own_credentials_can_do_no_more_than_they_are_for(lab):
    """keystonemiddleware of each service refuses what their access rules leave out."""
    asked = {
        name: [
            mine.adapter(service).request(path, method).status_code
            for service, method, path in (
                ("inventory", "GET", "/v1/hardware/"),
                ("reservation", "GET", "/leases"),
                ("inventory", "PATCH", "/v1/hardware/no-such-item/"),
                ("inventory", "DELETE", "/v1/hardware/no-such-item/"),
                ("reservation", "POST", "/leases"),
                ("compute", "GET", "/servers"),
            )
        ]
        for name, mine in (
            ("looking", logins.looking(site_state_dir(lab.site))),
            ("rolling", logins.rolling(site_state_dir(lab.site))),
        )
    }
    assert asked["looking"] == [200, 200, 401, 401, 401, 401]
    windows = asked["rolling"].pop(2)
    assert windows in (400, 404)
    assert asked["rolling"] == [200, 200, 401, 401, 401]
