"""Definitions of the project are valid, and build as the engine understands them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cc_ansible.appliances import catalogue, stages
from cc_ansible.appliances.catalogue import Catalogue
from cc_ansible.paths import PROJECT
from cc_ansible.site import yamlfile
from cc_ansible.site.model.images import Appliance

FILES = sorted((PROJECT / "images").glob("*.yml"))
ENTRIES = [
    (file.name, entry)
    for file in FILES
    for entry in yamlfile.load_mapping(file).value["appliances"]
]
NAMES = [entry["name"] for _, entry in ENTRIES]
PROMISED = {
    "debian-12",
    "debian-13",
    "ubuntu-24.04",
    "sage-waggle",
    "sage-waggle-cuda",
    "sage-waggle-arm64",
    "edge-node",
    "chi-agent-ramdisk",
}
SYSTEM_PROPERTIES = {"os_type", "os_distro", "os_version", "os_admin_user", "hw_rng_model"}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """As a directory sees them that adds none of its own."""
    directory: Path = tmp_path_factory.mktemp("site")
    return catalogue.load(directory)


def test_what_the_documentation_names_is_there() -> None:
    assert set(NAMES) >= PROMISED
    assert len(NAMES) == len(set(NAMES))


@pytest.mark.parametrize("entry", [entry for _, entry in ENTRIES], ids=NAMES)
def test_a_definition_is_valid_and_describes_itself(entry: dict[str, object]) -> None:
    appliance = Appliance.model_validate(entry)
    assert appliance.description
    assert appliance.elements
    assert appliance.tests


def test_a_definition_breaks_no_rule_of_a_site(tmp_path: Path) -> None:
    """The rules look at a site's own images, so here they are a site's."""
    from cc_ansible.kolla import known
    from cc_ansible.site.rules import images
    from cc_ansible.site.subject import Subject
    from cc_ansible.site.survey import Survey

    site, empty = tmp_path / "site", tmp_path / "project"
    (site / "images").mkdir(parents=True)
    (empty / "images").mkdir(parents=True)
    for file in FILES:
        (site / "images" / file.name).write_text(file.read_text())
    subject = Subject(Survey(site, empty), known)
    assert list(images.appliances(subject)) == []
    assert len(subject.once(images.read).of_site) == len(NAMES)


def test_every_image_has_stages_of_elements_that_are_there(found: Catalogue) -> None:
    titles = {each.title for each in found.definitions}
    assert {"debian-13-x86_64", "debian-13-aarch64", "sage-waggle-arm64-aarch64"} <= titles
    for each in found.definitions:
        made = stages.of(each, found.elements)
        assert made[-1].kind == ("ramdisk" if each.kind == "ramdisk" else "disk")


def test_flavours_of_one_system_share_its_stage(found: Catalogue) -> None:
    by_title = {each.title: stages.of(each, found.elements) for each in found.definitions}
    base, stack, cuda = (
        by_title[f"{name}-x86_64"] for name in ("debian-13", "sage-waggle", "sage-waggle-cuda")
    )
    assert base[0].key == stack[0].key == cuda[0].key
    assert stack[1].key == cuda[1].key


def test_images_for_users_say_what_glance_asks(found: Catalogue) -> None:
    for each in found.definitions:
        if each.kind == "disk":
            assert each.properties.keys() >= SYSTEM_PROPERTIES
            assert each.properties["os_distro"] == each.distro
