import hashlib
import os
from pathlib import Path

import openstack

FILES = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])


def test_the_newer_image_has_the_name_and_the_older_one_is_hidden():
    cloud = openstack.connect()
    older, newer = (
        hashlib.sha256((FILES / name).read_bytes()).hexdigest()
        for name in ("kernel.bin", "kernel-2.bin")
    )
    found = {
        one["cc_sha256"]: (one["name"], hidden == "true")
        for hidden in ("false", "true")
        for one in cloud.image.get(f"/images?limit=500&os_hidden={hidden}").json()["images"]
        if one["name"].startswith("molecule-kernel")
    }
    assert found == {
        newer: ("molecule-kernel", False),
        older: (f"molecule-kernel-{older[:8]}", True),
    }
