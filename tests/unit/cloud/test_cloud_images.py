from __future__ import annotations

from typing import Any

import pytest
from cc_cloud_plan import images

SUM, OTHER = "a" * 64, "b" * 64
KERNEL = {"name": "deploy-kernel", "file": "k", "disk_format": "aki", "container_format": "aki"}
CIRROS = {"name": "cirros", "url": "https://example.org/c", "sha256": SUM, "properties": {"x": 1}}


def plan(wanted: Any, found: Any = (), digests: Any = None, **more: Any) -> dict[str, Any]:
    state = {"images": list(found)}
    return images.plan(wanted, state, digests or {"deploy-kernel": SUM}, **more).plain()


def after(result: dict[str, Any]) -> list[dict[str, Any]]:
    """What Glance has once a plan was carried out."""
    return [
        {"status": "active", "is_hidden": False, **step["args"]}
        for step in result["todo"]["image"]["make"]
    ]


def test_nothing_is_to_be_done_where_all_was_done() -> None:
    first = plan([KERNEL, CIRROS], protected=["deploy-kernel"])
    assert first["labels"] == [
        f"image deploy-kernel: new, aki, sha256 {SUM[:12]}…",
        f"image cirros: new, qcow2, sha256 {SUM[:12]}…",
    ]
    again = plan([KERNEL, CIRROS], after(first), protected=["deploy-kernel"])
    assert again == {"todo": {}, "labels": [], "refused": [], "notes": []}


def test_the_id_of_an_image_is_known_before_it_is_there() -> None:
    (step,) = plan([CIRROS])["todo"]["image"]["make"]
    assert step["args"]["id"] == images.image_id_of([KERNEL, CIRROS], "cirros")


def test_another_name_content_or_revision_makes_another_id() -> None:
    every = {
        images.image_id(said)
        for said in (
            CIRROS, {**CIRROS, "name": "c"}, {**CIRROS, "sha256": OTHER}, {**CIRROS, "revision": 2},
        )
    }  # fmt: skip
    assert len(every) == 4
    assert images.image_id(CIRROS) == images.image_id(
        {**CIRROS, "sha256": SUM.upper(), "revision": 1}
    )


def test_the_id_never_changes_with_a_release_of_ours() -> None:
    """Ids are in the configuration of Ironic and in the database of Glance."""
    assert images.image_id({"name": "n", "sha256": "s"}) == "3219a92c-f28e-5b0d-aefc-0d15ad08cc0b"


def test_names_that_are_ids_or_addresses_stay_as_they_are() -> None:
    uuid, url = "11111111-2222-3333-4444-555555555555", "http://example.org/kernel"
    assert images.image_id_of([], uuid) == uuid
    assert images.image_id_of([], url) == url
    assert images.image_id_of([CIRROS], "unknown") == ""
    assert images.image_id_of([CIRROS], None) == ""


def test_an_image_names_its_kernel_and_ramdisk_and_gets_their_ids() -> None:
    ramdisk = {**CIRROS, "name": "initrd"}
    disk = {**CIRROS, "name": "disk", "kernel": "deploy-kernel", "ramdisk": "initrd"}
    made = {
        step["name"]: step["args"]
        for step in plan([disk, KERNEL, ramdisk])["todo"]["image"]["make"]
    }
    assert made["disk"]["properties"]["kernel_id"] == made["deploy-kernel"]["id"]
    assert made["disk"]["properties"]["ramdisk_id"] == made["initrd"]["id"]
    assert made["initrd"]["id_needed"]
    assert not made["disk"]["id_needed"]
    assert not made["initrd"]["is_protected"]


def test_a_kernel_that_is_no_image_of_the_site_is_refused() -> None:
    assert plan([{**CIRROS, "kernel": "nowhere"}])["refused"] == [
        "image cirros: its kernel nowhere is no image of the site"
    ]


def test_images_with_which_ironic_deploys_are_protected() -> None:
    (step,) = plan([KERNEL], protected=["deploy-kernel"])["todo"]["image"]["make"]
    assert step["args"]["is_protected"] is True
    assert step["args"]["id_needed"] is True


@pytest.mark.parametrize(
    ("attribute", "value", "label"),
    [
        ("visibility", "private", "image cirros: visibility private -> public"),
        ("is_protected", True, "image cirros: is_protected true -> false"),
        ("name", "x", "image cirros: name x -> cirros"),
        ("tags", ["mine"], "image cirros: tags mine -> mine cc-ansible"),
        ("properties", {"cc_sha256": SUM, "x": "2", "y": "z"}, "image cirros: x 2 -> 1"),
    ],
)
def test_what_somebody_changed_by_hand_is_told_and_repaired(
    attribute: str, value: Any, label: str
) -> None:
    (found,) = after(plan([CIRROS]))
    result = plan([CIRROS], [{**found, attribute: value}])
    assert result["labels"] == [label]
    assert result["todo"]["image"]["change"][0]["args"]["id"] == found["id"]


def test_tags_of_others_stay() -> None:
    (found,) = after(plan([CIRROS]))
    (step,) = plan([CIRROS], [{**found, "tags": ["mine"]}])["todo"]["image"]["change"]
    assert step["args"]["tags"] == ["cc-ansible", "mine"]


def test_an_upload_that_was_cut_off_goes_on() -> None:
    (found,) = after(plan([CIRROS]))
    result = plan([CIRROS], [{**found, "status": "queued"}])
    assert result["todo"]["image"]["make"][0]["args"]["id"] == found["id"]


@pytest.mark.parametrize("status", ["saving", "killed", "importing"])
def test_an_image_that_is_stuck_is_refused_with_what_to_do(status: str) -> None:
    (found,) = after(plan([CIRROS]))
    (refused,) = plan([CIRROS], [{**found, "status": status}])["refused"]
    assert status in refused
    assert "revision" in refused


def test_a_newer_image_takes_the_place_of_the_older_one() -> None:
    (found,) = after(plan([CIRROS]))
    result = plan([{**CIRROS, "sha256": OTHER}], [found])
    assert result["labels"] == [
        f"image cirros: new, qcow2, sha256 {OTHER[:12]}…",
        "old image cirros: name cirros -> cirros-aaaaaaaa, is_hidden false -> true",
    ]
    retired = {**found, "name": "cirros-aaaaaaaa", "is_hidden": True}
    newer = after(result)
    assert plan([{**CIRROS, "sha256": OTHER}], [retired, *newer])["labels"] == []
    pruned = plan([{**CIRROS, "sha256": OTHER}], [retired, *newer], prune=True)
    assert pruned["labels"] == ["image cirros-aaaaaaaa: removed, a newer one took its place"]


def test_an_older_image_comes_back_when_the_site_goes_back_to_it() -> None:
    (older,) = after(plan([CIRROS]))
    (newer,) = after(plan([{**CIRROS, "sha256": OTHER}], [older]))
    older |= {"name": "cirros-aaaaaaaa", "is_hidden": True}
    result = plan([CIRROS], [older, newer])
    assert result["labels"] == [
        "image cirros: name cirros-aaaaaaaa -> cirros, is_hidden true -> false",
        "old image cirros: name cirros -> cirros-bbbbbbbb, is_hidden false -> true",
    ]
    (step,) = result["todo"]["image"]["change"]
    assert step["args"]["id"] == older["id"]
    assert step["args"]["was_hidden"] is True
    assert plan([CIRROS], [{**older, "id": "another"}, newer])["labels"] == result["labels"]


def test_an_image_is_shown_only_where_it_was_hidden() -> None:
    (found,) = after(plan([CIRROS]))
    (step,) = plan([CIRROS], [{**found, "visibility": "private"}])["todo"]["image"]["change"]
    assert step["args"]["was_hidden"] is False


def test_an_image_that_got_another_id_is_found_by_name_and_content() -> None:
    (found,) = after(plan([CIRROS]))
    elsewhere = {**found, "id": "another"}
    assert plan([CIRROS], [elsewhere]) == {"todo": {}, "labels": [], "refused": [], "notes": []}


def test_an_image_that_configuration_names_by_id_must_have_that_id() -> None:
    (found,) = after(plan([CIRROS]))
    result = plan([CIRROS], [{**found, "id": "another"}], protected=["cirros"])
    assert result["labels"][0].startswith("image cirros: new")


def test_a_file_that_became_another_one_makes_a_newer_image() -> None:
    (found,) = after(plan([KERNEL]))
    result = plan([KERNEL], [found], digests={"deploy-kernel": OTHER})
    assert [label.partition(":")[0] for label in result["labels"]] == [
        "image deploy-kernel",
        "old image deploy-kernel",
    ]


def test_but_not_where_configuration_has_its_id() -> None:
    (found,) = after(plan([KERNEL], protected=["deploy-kernel"]))
    assert found["id"] == images.image_id_of([KERNEL], "deploy-kernel")
    digests = {"deploy-kernel": OTHER}
    (refused,) = plan([KERNEL], [found], digests=digests, protected=["deploy-kernel"])["refused"]
    assert "another one" in refused


def test_an_image_of_somebody_else_with_our_name_is_told_of_and_left() -> None:
    theirs = {**after(plan([CIRROS]))[0], "id": "theirs", "tags": [], "properties": {}}
    result = plan([CIRROS], [theirs], prune=True)
    assert len(result["labels"]) == 1
    assert "not ours" in result["notes"][0]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"name": "a"}, "either `file` or `url`"),
        ({"name": "a", "file": "f", "url": "http://x"}, "either `file` or `url`"),
        ({"name": "a", "url": "http://x"}, "sha256"),
    ],
)
def test_an_image_without_a_source_or_digest_is_refused(said: dict[str, Any], why: str) -> None:
    assert why in plan([said])["refused"][0]


def test_another_format_of_the_same_image_is_refused() -> None:
    (found,) = after(plan([CIRROS]))
    assert "disk_format" in plan([{**CIRROS, "disk_format": "raw"}], [found])["refused"][0]


def retired(version: int, **more: Any) -> dict[str, Any]:
    """An image that newer ones replaced: ``version`` 1 came first."""
    return {
        "id": f"id-{version}", "name": f"cirros-{version:08}", "status": "active",
        "is_hidden": True, "tags": [images.TAG], "created_at": f"2026-01-0{version}T00:00:00Z",
        **more,
    }  # fmt: skip


def removed(result: dict[str, Any]) -> list[str]:
    return [step["args"]["id"] for step in result["todo"].get("image", {}).get("remove", [])]


@pytest.mark.parametrize(("keep", "gone"), [(0, ["id-1", "id-2", "id-3"]), (2, ["id-1"]), (9, [])])
def test_pruning_keeps_the_newest_of_those_that_were_replaced(keep: int, gone: list[str]) -> None:
    there = [*after(plan([CIRROS])), retired(1), retired(3), retired(2)]
    assert sorted(removed(plan([CIRROS], there, prune=True, keep=keep))) == gone


def test_pruning_keeps_nothing_of_a_name_that_is_no_more() -> None:
    there = [retired(1), retired(2)]
    assert removed(plan([], there, prune=True, keep=5)) == ["id-1", "id-2"]


def test_what_servers_run_is_never_removed() -> None:
    state = {"images": [retired(1), retired(2)], "image_users": {"id-1": 3}}
    result = images.plan([], state, {}, prune=True).plain()
    assert removed(result) == ["id-2"]
    assert result["notes"] == ["image cirros-00000001: 3 servers run it, so it stays"]
