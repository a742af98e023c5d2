"""What is built again and what is not, and why."""

from __future__ import annotations

import pytest
from appliance_site import BASE, SENSOR, ApplianceSite

from cc_ansible.appliances import plan
from cc_ansible.errors import CcError


def keys(site: ApplianceSite, name: str) -> list[str]:
    return [stage.key for stage in site.plan(name).stages]


def test_an_image_is_made_in_a_root_a_layer_for_each_that_extends_and_a_disk(
    site: ApplianceSite,
) -> None:
    found = site.plan("sensor").stages
    assert [(stage.kind, stage.appliance) for stage in found] == [
        ("root", "base"),
        ("layer", "sensor"),
        ("disk", "sensor"),
    ]
    assert found[0].elements[0] == "debian-minimal"
    assert found[1].elements[0] == "cc-root"
    assert "small" not in found[1].elements


def test_what_extends_the_same_appliance_shares_its_stages(site: ApplianceSite) -> None:
    other = {**SENSOR, "name": "other", "packages": ["tmux"]}
    site.define(BASE, SENSOR, other)
    sensor, other_keys = keys(site, "sensor"), keys(site, "other")
    assert sensor[0] == other_keys[0] == keys(site, "base")[0]
    assert not set(sensor[1:]) & set(other_keys[1:])


def test_an_unchanged_definition_is_up_to_date(site: ApplianceSite) -> None:
    assert site.plan("sensor").reasons == (plan.NEW,)
    site.keep("sensor")
    found = site.plan("sensor")
    assert found.reasons == ()
    assert found.built
    assert site.plan("sensor", force=True).reasons == (plan.FORCED,)


@pytest.mark.parametrize(
    ("change", "reasons", "first"),
    [
        ({"sensor": {"packages": ["tmux"]}}, ("package tmux added",), 1),
        ({"sensor": {"elements": []}}, ("element sensing removed",), 1),
        ({"sensor": {"environment": {"A": "1"}}}, ("variable A added",), 1),
        ({"sensor": {"size": "9 GiB"}}, (f"size None -> {9 << 30}",), 2),
        ({"base": {"packages": []}}, ("base: package git removed",), 0),
        (
            {"base": {"base": {"distro": "debian", "release": "12"}}},
            ("base: release trixie -> bookworm",),
            0,
        ),
        ({"sensor": {"description": "words"}}, (), 3),
        ({"sensor": {"properties": {"a": "b"}}}, (), 3),
        ({"sensor": {"tests": ["boot"]}}, (), 3),
    ],
)
def test_a_change_says_why_and_rebuilds_only_what_follows(
    site: ApplianceSite,
    change: dict[str, dict[str, object]],
    reasons: tuple[str, ...],
    first: int,
) -> None:
    """``first`` is the first stage that has to be made again."""
    before = [stage.key for stage in site.keep("sensor").stages]
    site.define({**BASE, **change.get("base", {})}, {**SENSOR, **change.get("sensor", {})})
    assert site.plan("sensor").reasons == reasons
    after = keys(site, "sensor")
    assert [old == new for old, new in zip(before, after, strict=True)] == [
        index < first for index in range(3)
    ]


def test_a_changed_element_rebuilds_what_uses_it(site: ApplianceSite) -> None:
    site.keep("sensor")
    site.keep("base")
    site.element("sensing", "echo other")
    assert site.plan("sensor").reasons == ("element sensing changed",)
    assert site.plan("base").reasons == ()


def test_an_element_that_another_needs_counts_too(site: ApplianceSite) -> None:
    site.element("driver")
    site.element("sensing", deps=["driver"])
    site.keep("sensor")
    site.element("driver", "echo other")
    assert site.plan("sensor").reasons == ("element driver changed",)


def test_a_hook_that_is_no_longer_executable_is_a_change(site: ApplianceSite) -> None:
    site.keep("sensor")
    hook = site.path / "images/elements/sensing/install.d/50-sensing"
    hook.chmod(0o644)
    assert site.plan("sensor").reasons == ("element sensing changed",)


def test_newer_packages_are_built_in_once(site: ApplianceSite) -> None:
    site.keep("base")
    found = site.plan("base", as_of="2026-11-22")
    assert found.reasons == ("newer packages are asked for",)
    site.store.refresh("debian", "trixie", "2026-11-22")
    site.keep("base")
    assert site.plan("base").reasons == ()
    assert keys(site, "sensor")[0] == keys(site, "base")[0]


def test_an_element_that_needs_an_unknown_one_names_the_appliance(site: ApplianceSite) -> None:
    site.element("sensing", deps=["sensor-drivers"])
    with pytest.raises(CcError) as refused:
        site.plan("sensor")
    assert refused.value.summary.startswith("appliance sensor: An element depends on")
    assert "sensor-drivers" in refused.value.summary
    assert refused.value.origin
    assert refused.value.origin.file.name == "appliances.yml"


def test_a_distribution_that_has_no_builder_is_refused(site: ApplianceSite) -> None:
    site.define({**BASE, "base": {"distro": "rocky", "release": "9"}})
    with pytest.raises(CcError, match="rocky cannot be built by itself"):
        site.plan("base")


def test_a_ramdisk_that_extends_another_one_is_packed_once(site: ApplianceSite) -> None:
    agent = {**BASE, "name": "agent", "kind": "ramdisk", "environment": {"A": "1", "B": "1"}}
    small = {
        "name": "small-agent",
        "extends": "agent",
        "kind": "ramdisk",
        "elements": ["sensing"],
        "environment": {"A": "2"},
    }
    site.define(agent, small)
    (stage,) = site.plan("small-agent").stages
    assert (stage.kind, stage.appliance, stage.below) == ("ramdisk", "small-agent", None)
    assert {*BASE["elements"], "sensing"} <= set(stage.elements)
    assert stage.environment == {"A": "2", "B": "1"}
