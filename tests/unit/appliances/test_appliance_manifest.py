"""Lists of packages and bills of materials say what is there, and nothing of when."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cc_ansible.appliances import manifest
from cc_ansible.appliances.manifest import Package
from cc_ansible.errors import RunFailed

STATUS = """\
Package: zlib1g
Status: install ok installed
Architecture: amd64
Source: zlib (1:1.3)
Version: 1:1.3.dfsg-3

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1

Package: bash
Status: install ok installed
Architecture: amd64
Version: 5.2.37-2
Description: a shell
 Package: not this one
"""


def test_only_installed_packages_are_listed_by_name() -> None:
    found = manifest.parse(STATUS)
    assert found == [
        Package("bash", "5.2.37-2", "amd64", "bash"),
        Package("zlib1g", "1:1.3.dfsg-3", "amd64", "zlib"),
    ]
    assert manifest.text(found) == "bash 5.2.37-2 amd64\nzlib1g 1:1.3.dfsg-3 amd64\n"


def test_a_bill_names_every_package_and_is_the_same_every_time() -> None:
    found = manifest.parse(STATUS)
    said = manifest.bill("debian-13", "abc", "debian", "trixie", found)
    assert said == manifest.bill("debian-13", "abc", "debian", "trixie", found)
    content = json.loads(said)
    assert (content["bomFormat"], content["specVersion"]) == ("CycloneDX", "1.6")
    assert [each["purl"] for each in content["components"]] == [
        "pkg:deb/debian/bash@5.2.37-2?arch=amd64&distro=debian-trixie",
        "pkg:deb/debian/zlib1g@1:1.3.dfsg-3?arch=amd64&distro=debian-trixie",
    ]
    assert content["metadata"]["component"]["name"] == "debian-13"
    other = manifest.bill("debian-13", "abc", "debian", "trixie", found[:1])
    assert json.loads(other)["serialNumber"] != content["serialNumber"]


def test_packages_of_a_ramdisk_are_what_its_build_told(tmp_path: Path) -> None:
    told = tmp_path / "image.d" / "dib-manifests"
    told.mkdir(parents=True)
    bash = {"package": "bash", "arch": "amd64", "version": "5.2", "status": "ii "}
    gone = {"package": "gone", "arch": "all", "version": "1", "status": "rc "}
    (told / "dib-manifest-dpkg-image").write_text(json.dumps({"packages": [bash, gone]}))
    assert manifest.text(manifest.of_ramdisk(tmp_path)) == "bash 5.2 amd64\n"
    assert not list(tmp_path.iterdir())
    with pytest.raises(RunFailed):
        manifest.of_ramdisk(tmp_path)
