import hashlib
import os
from pathlib import Path

import openstack
import pytest


@pytest.fixture(scope="module")
def cloud():
    return openstack.connect()


def test_the_image_is_as_the_site_says(cloud):
    image = cloud.image.find_image("molecule-kernel")
    body = cloud.image.get(f"/images/{image.id}").json()
    assert body["status"] == "active"
    assert (body["visibility"], body["min_disk"]) == ("private", 0)
    assert (body["os_distro"], body["molecule"]) == ("debian", "1")
    assert body["tags"] == ["cc-ansible"]


def test_glance_has_the_bytes_of_the_file(cloud):
    file = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "kernel.bin"
    data = file.read_bytes()
    image = cloud.image.find_image("molecule-kernel")
    assert image.hash_value == hashlib.sha512(data).hexdigest()
    body = cloud.image.get(f"/images/{image.id}").json()
    assert body["cc_sha256"] == hashlib.sha256(data).hexdigest()
