"""What a site publishes, and what it is said to Glance of it."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
import small_site
import yaml
from appliance_site import BASE, SENSOR, ApplianceSite

from cc_ansible.appliances import publishing
from cc_ansible.appliances.store import DISK, RAMDISK, TESTS
from cc_ansible.errors import CcError
from cc_ansible.runs.files import write_json
from cc_ansible.site.load import Site, load
from cc_ansible.site.rules.deploy_images import IMAGES, PUBLISHED

GIB = 1 << 30


@pytest.fixture
def own(tmp_path: Path) -> Site:
    return load(small_site.write(tmp_path / "chi-north"), env={})


def built(site: ApplianceSite, name: str, *, passed: bool | None = True) -> dict[str, Any]:
    """Have an image that was built, and tested unless ``passed`` is None."""
    wanted = site.keep(name)
    image = site.store.latest(wanted.definition.title)
    assert image
    header = b"QFI\xfb" + bytes(20) + struct.pack(">Q", 3 * GIB + 1)
    (image.directory / DISK).write_bytes(header)
    if passed is not None:
        write_json(image.directory / TESTS, {"passed": passed})
    return dict(image.about)


def chosen(site: ApplianceSite, own: Site, *names: str, **options: Any) -> list[dict[str, Any]]:
    return publishing.chosen(own, site.catalogue, site.store, names, (), **options)


def test_an_entry_has_all_that_glance_needs(site: ApplianceSite, own: Site) -> None:
    about = built(site, "sensor")
    (entry,) = chosen(site, own, "sensor")
    assert entry == {
        "name": "sensor",
        "file": str(site.store.top / "images/sensor-x86_64" / site.plan("sensor").key / DISK),
        "sha256": about["sha256"][DISK],
        "min_disk": 4,
        "visibility": "public",
        "properties": {
            "os_distro": "debian",
            "architecture": "x86_64",
            "cc_appliance": "sensor",
            "cc_version": about["version"],
        },
    }


def test_another_architecture_is_in_the_name_where_there_are_several(
    site: ApplianceSite,
) -> None:
    built(site, "base")
    image = site.store.latest("base-x86_64")
    assert image
    both = [site.definition("base", arch) for arch in ("x86_64", "aarch64")]
    names = [publishing.entries(each, image, alone=False)[0]["name"] for each in both]
    assert names == ["base", "base-aarch64"]
    (alone,) = publishing.entries(both[1], image, alone=True)
    assert alone["name"] == "base"


def test_a_ramdisk_is_two_images(site: ApplianceSite) -> None:
    site.define({**BASE, "kind": "ramdisk", "arch": ["x86_64"]})
    built(site, "base")
    image = site.store.latest("base-x86_64")
    assert image
    (image.directory / DISK).unlink()
    about = {**image.about, "sha256": dict.fromkeys(RAMDISK, "00")}
    made = type(image)(image.title, image.directory, about)
    found = publishing.entries(site.definition("base"), made, alone=True)
    assert [(each["name"], each["disk_format"]) for each in found] == [
        ("base-kernel", "aki"),
        ("base-initramfs", "ari"),
    ]


@pytest.mark.parametrize("passed", [False, None])
def test_what_did_not_pass_its_tests_is_refused(
    site: ApplianceSite, own: Site, passed: bool | None
) -> None:
    built(site, "sensor", passed=passed)
    with pytest.raises(CcError, match="Not tested") as refused:
        chosen(site, own, "sensor")
    assert "cc-ansible appliance test sensor" in refused.value.fix
    assert chosen(site, own, "sensor", untested=True)


def test_what_was_never_built_is_refused_when_it_is_named(site: ApplianceSite, own: Site) -> None:
    with pytest.raises(CcError, match="Not built: sensor"):
        chosen(site, own, "sensor")
    assert chosen(site, own) == []


def test_sites_publish_what_names_them(site: ApplianceSite, own: Site) -> None:
    site.define(BASE, {**SENSOR, "sites": ["CHI@South"]})
    built(site, "sensor")
    built(site, "base")
    assert [each["name"] for each in chosen(site, own)] == ["base"]
    with pytest.raises(CcError, match="Not for this site: sensor-x86_64") as refused:
        chosen(site, own, "sensor")
    assert "chi-north" in refused.value.detail
    (own.path / "defaults.yml").write_text(small_site.DEFAULTS + "chameleon_site_name: CHI@South\n")
    assert [each["name"] for each in chosen(site, load(own.path, env={}), "sensor")] == ["sensor"]


def test_what_is_written_is_a_layer_of_the_site(site: ApplianceSite, own: Site) -> None:
    built(site, "sensor")
    entries = chosen(site, own, "sensor")
    publishing.write(own, entries)
    again = load(own.path, env={})
    assert again.settings()[PUBLISHED] == entries == publishing.published(again)
    assert IMAGES not in yaml.safe_load((own.path / publishing.FILE).read_text())
    assert publishing.orphans(again, site.catalogue) == []
    site.define(BASE)
    assert publishing.orphans(again, site.catalogue) == entries


def test_changes_in_words() -> None:
    def entry(name: str, version: str, **more: Any) -> dict[str, Any]:
        return {"name": name, "properties": {publishing.VERSION: version}, **more}

    before = [entry("a", "1"), entry("b", "1"), entry("c", "1"), entry("e", "1")]
    after = [entry("a", "1"), entry("b", "2"), entry("d", "1"), entry("e", "1", min_disk=3)]
    found = publishing.changes(before, publishing.together([], after))
    assert [each.text for each in found] == [
        "a: 1, as it is",
        "b: 1 -> 2",
        "c: 1 is no longer published",
        "e: 1, its properties change",
        "d: 1 is new",
    ]
    assert [each.differs for each in found] == [False, True, True, True, True]


def test_publishing_one_keeps_the_others() -> None:
    before = [{"name": "a", "sha256": "1"}, {"name": "b", "sha256": "1"}]
    assert publishing.together(before, [{"name": "a", "sha256": "2"}]) == [
        {"name": "a", "sha256": "2"},
        {"name": "b", "sha256": "1"},
    ]
