"""What apt knows during a build, and in the image."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from cc_ansible.appliances import elements as known
from cc_ansible.paths import PROJECT

OWN = PROJECT / "images" / "elements"
SHELL = f"source {OWN}/cc-build/cc-apt.sh; "
PUBLIC = {"debian": "deb.debian.org", "ubuntu": "archive.ubuntu.com"}


def bash(script: str, **variables: str) -> str:
    defaults = {"ELEMENTS_PATH": f"{OWN}:{known.DIB}", "ARCH": "amd64"}
    done = subprocess.run(
        ["bash", "-euc", SHELL + script],
        env={"PATH": os.environ["PATH"], **defaults, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def components(root: Path, distro: str, release: str, wanted: str = "") -> str:
    return bash(
        f"cc_components {root}", DISTRO_NAME=distro, DIB_RELEASE=release,
        DIB_DEBIAN_COMPONENTS=wanted,
    )  # fmt: skip


@pytest.mark.parametrize(("distro", "release"), [("debian", "trixie"), ("ubuntu", "noble")])
def test_users_get_public_archives_whatever_mirror_the_machine_has(
    distro: str, release: str
) -> None:
    archive, security = bash(
        "cc_public_archives", DISTRO_NAME=distro, DIB_RELEASE=release,
        DIB_DISTRIBUTION_MIRROR="http://mirror.example/x",
        DIB_DEBIAN_SECURITY_MIRROR="http://mirror.example/security",
    ).split()  # fmt: skip
    assert PUBLIC[distro] in archive
    assert "example" not in archive + security


def test_a_port_of_ubuntu_has_an_archive_of_its_own() -> None:
    said = bash("cc_public_archives", DISTRO_NAME="ubuntu", DIB_RELEASE="noble", ARCH="arm64")
    assert "ports.ubuntu.com" in said


def test_security_updates_are_in_the_sources() -> None:
    text = bash(
        "cc_sources http://a/debian http://s/security /nowhere",
        DISTRO_NAME="debian", DIB_RELEASE="trixie",
    )  # fmt: skip
    first, second = text.split("\n\n")
    assert "URIs: http://a/debian\nSuites: trixie trixie-updates\n" in first
    assert "URIs: http://s/security\nSuites: trixie-security\n" in second
    assert text.count("Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg") == 2


def test_a_release_that_is_being_made_has_one_suite() -> None:
    text = bash("cc_sources http://a http://s /nowhere", DISTRO_NAME="debian", DIB_RELEASE="sid")
    assert "Suites: sid\n" in text
    assert "security" not in text


def test_backports_stay_where_an_element_below_asked_for_them(tmp_path: Path) -> None:
    script = f"cc_sources http://a http://s {tmp_path}"
    names = {"DISTRO_NAME": "debian", "DIB_RELEASE": "trixie"}
    assert "backports" not in bash(script, **names)
    asked = bash(script, **names, CC_APT_BACKPORTS="yes")
    assert "Suites: trixie trixie-updates trixie-backports\n" in asked
    sources = tmp_path / "etc/apt/sources.list.d/debian.sources"
    sources.parent.mkdir(parents=True)
    sources.write_text(asked)
    assert bash(script, **names) == asked


def test_components_are_those_of_all_stages_in_the_order_of_the_distribution(
    tmp_path: Path,
) -> None:
    assert components(tmp_path, "debian", "trixie") == "main non-free-firmware"
    sources = tmp_path / "etc/apt/sources.list.d/debian.sources"
    sources.parent.mkdir(parents=True)
    sources.write_text("Components: main contrib\n\nComponents: main contrib\n")
    assert (
        components(tmp_path, "debian", "trixie", "non-free,main")
        == "main contrib non-free non-free-firmware"
    )


def test_what_is_no_component_is_not_written(tmp_path: Path) -> None:
    assert components(tmp_path, "debian", "bullseye", "main,non-free-firmware") == "main"
    assert components(tmp_path, "ubuntu", "noble", "main") == "main restricted universe multiverse"
