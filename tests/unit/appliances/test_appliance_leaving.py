"""What of the images built here can go."""

from __future__ import annotations

from pathlib import Path

from appliance_site import BASE, SENSOR, ApplianceSite

from cc_ansible.appliances import leaving
from cc_ansible.appliances.stages import Stage


def made(site: ApplianceSite, *packages: str) -> Path:
    """Build a version of the sensor; returns its image."""
    site.define(BASE, {**SENSOR, "packages": list(packages)})
    wanted = site.keep("sensor")
    for stage in wanted.stages[:-1]:
        _stage(site, stage)
    image = site.store.latest("sensor-x86_64")
    assert image
    return image.files[0]


def _stage(site: ApplianceSite, stage: Stage) -> None:
    with site.store.new() as place:
        (place / "root.tar.zst").write_bytes(b"tree")
        site.store.keep_stage(stage, place)


def gone(site: ApplianceSite, *needed: Path, keep: int = 0) -> list[Path]:
    titles = {each.title for each in site.catalogue.definitions}
    return [each.path for each in leaving.chosen(site.store, titles, needed, keep)]


def test_the_latest_image_and_what_it_was_made_from_stay(site: ApplianceSite) -> None:
    old, new = made(site, "git"), made(site, "tmux")
    found = gone(site)
    assert old.parent in found
    assert new.parent not in found
    used = {site.store.tree(stage.key) for stage in site.plan("sensor").stages[:-1]}
    assert None not in used
    leaving.remove(site.store, leaving.chosen(site.store, {"sensor-x86_64"}, (), 0))
    assert not old.exists()
    assert new.exists()
    assert all(file and file.exists() for file in used)
    assert len(site.store.stages()) == len(used)


def test_older_ones_stay_when_asked_for_or_published(site: ApplianceSite) -> None:
    old, _ = made(site, "git"), made(site, "tmux")
    assert gone(site, keep=1) == []
    assert gone(site, old) == []


def test_an_appliance_that_is_no_more_leaves_nothing_but_what_is_published(
    site: ApplianceSite,
) -> None:
    image = made(site, "git")
    site.define(BASE)
    assert image.parent in gone(site, keep=3)
    assert gone(site, image, keep=0) == []
