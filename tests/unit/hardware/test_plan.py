"""`hardware plan`: what it says there is to do, and that it does nothing."""

from __future__ import annotations

import collections
import json
import uuid

import pytest
from lending import BMC_PASSWORD, DAY, Lending, device, fake, node, span
from testbed import OTHER, OWN, STRANGE

from cc_ansible.errors import Exit

IMAGES = uuid.UUID("6f5b8a54-5d0f-5f0e-9a3b-0c1d7a6f6d2e")
"""The namespace of ids of images: no release may change it, or Ironic would look for others."""
OWN_RAMDISK = {
    "name": "own-ramdisk",
    "kind": "ramdisk",
    "base": {"distro": "debian", "release": "trixie"},
    "elements": ["chi-agent"],
}
TWO_SPANS = ("2027-03-02 to 2027-03-03", "2027-03-10 to 2027-03-11")


def kinds(lending: Lending, name: str) -> dict[str, int]:
    """How many blackouts of an item would be added, moved and dropped."""
    items = lending.json("plan", name)["items"]
    return collections.Counter(each["change"] for item in items for each in item["windows"])


def test_an_item_to_create(lending: Lending) -> None:
    lending.declare(fake("f1", calendar=span(TWO_SPANS[0])))
    said = lending.json("plan")
    blackouts = [
        {"from": "2027-03-01T12:00:00+00:00", "until": "2027-03-02T00:00:00+00:00"},
        {"from": "2027-03-04T00:00:00+00:00", "until": None},
    ]
    assert said == {
        "pending": True,
        "same": 0,
        "items": [
            {
                "name": "f1",
                "action": "create",
                "uuid": None,
                "keys": [],
                "windows": [
                    {"change": "add", "uuid": None, "before": None, "after": each}
                    for each in blackouts
                ],
                "leases": [],
                "problem": "",
                "fix": "",
            }
        ],
        "retire": [],
    }
    assert lending.bed.writes() == []


def test_items_with_the_same_to_do_are_one_line(lending: Lending) -> None:
    lending.declare(*(fake(f"f{number:02}") for number in range(30)))
    first, last = lending.ok("plan").out.splitlines()
    assert first.startswith("create   f00, f01, ") and first.endswith(" and 18 more  as baremetal")
    assert last == "Plan: 30 to create, 0 as declared."
    assert len(lending.ok("plan", "--verbose").out.splitlines()) == 31


def test_a_changed_property(lending: Lending) -> None:
    lending.declare(node(1, node_type="old"), node(2))
    lending.apply()
    lending.declare(node(1, node_type="new"), node(2))
    [item] = lending.json("plan")["items"]
    assert (item["name"], item["action"], item["keys"]) == ("c01", "change", ["node_type"])
    assert item["uuid"] == lending.uuid("c01")
    lines = lending.ok("plan", "-v").out.splitlines()
    assert lines[0] == "change   c01  node_type"
    assert lines[1].strip() == "node_type: old -> new"
    assert lines[-1] == "Plan: 1 to change, 1 as declared."


def test_a_property_that_is_gone_is_taken_back(lending: Lending) -> None:
    lending.declare(node(1, node_type="old"))
    lending.apply()
    lending.declare(node(1))
    assert lending.json("plan")["items"][0]["keys"] == ["node_type"]
    lending.apply()
    assert "node_type" not in lending.shown("c01")["properties"]


def test_a_changed_secret_is_named_and_never_shown(lending: Lending) -> None:
    lending.declare(node(1))
    lending.apply()
    assert lending.json("plan")["same"] == 1
    passwords = lending.path / "passwords.yml"
    passwords.write_text(passwords.read_text().replace(BMC_PASSWORD, "another-secret"))
    said = lending.ok("plan", "-v")
    assert "ipmi_password (secret)" in said.out
    for text in (said.out, lending.ok("plan", "--output", "json").out):
        assert "another-secret" not in text and BMC_PASSWORD not in text


def test_only_what_this_site_enrolled_is_named_as_no_longer_declared(lending: Lending) -> None:
    lending.declare(fake("f1"), fake("f2"))
    lending.apply()
    lending.bed.enrol("by-hand")
    lending.bed.enrol("of-a-user", project=OTHER)
    lending.declare(fake("f1"))
    said = lending.json("plan")
    assert said["pending"] and said["items"] == []
    [gone] = said["retire"]
    assert gone == {"name": "f2", "uuid": lending.uuid("f2"), "project_id": OWN}
    assert "retire?  f2" in lending.ok("plan").out
    assert lending.json("plan", "f1")["retire"] == []
    lending.apply()
    assert lending.bed.writes() == [] and lending.shown("f2")["uuid"]


@pytest.mark.parametrize(
    ("windows", "expected", "blackouts"),
    [
        (
            ["2027-03-02 to 2027-03-04", TWO_SPANS[1]],
            {"move": 1},
            [("03-01 12:00", "03-02 00:00"), ("03-05 00:00", "03-10 00:00"),
             ("03-12 00:00", "forever")],
        ),
        (
            [*TWO_SPANS, "2027-03-06 to 2027-03-06"],
            {"move": 1, "add": 1},
            [("03-01 12:00", "03-02 00:00"), ("03-04 00:00", "03-06 00:00"),
             ("03-07 00:00", "03-10 00:00"), ("03-12 00:00", "forever")],
        ),
        (
            [TWO_SPANS[0]],
            {"move": 1, "drop": 1},
            [("03-01 12:00", "03-02 00:00"), ("03-04 00:00", "forever")],
        ),
        (
            ["2027-02-01 to 2027-03-31"],
            {"drop": 2, "move": 1},
            [("04-01 00:00", "forever")],
        ),
    ],
    ids=["moved", "added", "dropped", "lent now"],
)  # fmt: skip
def test_windows(
    lending: Lending,
    windows: list[str],
    expected: dict[str, int],
    blackouts: list[tuple[str, str]],
) -> None:
    lending.declare(fake("f1", calendar=span(*TWO_SPANS)))
    lending.apply()
    lending.declare(fake("f1", calendar=span(*windows)))
    assert kinds(lending, "f1") == expected
    assert lending.json("plan")["items"][0]["action"] == "windows"
    lending.apply()
    assert lending.blackouts("f1") == blackouts
    assert kinds(lending, "f1") == {}


def test_blackouts_that_are_over_are_dropped(lending: Lending) -> None:
    lending.declare(fake("f1", calendar=span(*TWO_SPANS)))
    lending.apply()
    lending.now += DAY
    assert kinds(lending, "f1") == {"drop": 1}
    lending.now += 3 * DAY  # within the blackout between both
    assert kinds(lending, "f1") == {"drop": 1}


def test_a_lease_in_a_window_that_shrinks(lending: Lending) -> None:
    lending.declare(fake("f1", calendar=span("2027-03-02 to 2027-03-09")))
    lending.apply()
    uuid = lending.uuid("f1")
    lending.bed.lease(uuid, "2027-03-03T06:00:00.000000", "2027-03-03T18:00:00.000000", "mine")
    lending.bed.lease(uuid, "2027-03-07T06:00:00.000000", "2027-03-07T18:00:00.000000", "other")
    lending.declare(fake("f1", calendar=span("2027-03-05 to 2027-03-09")))
    [item] = lending.json("plan")["items"]
    assert item["leases"] == [
        {
            "id": "lease-1",
            "name": "mine",
            "project_id": OTHER,
            "from": "2027-03-03T06:00:00+00:00",
            "until": "2027-03-03T18:00:00+00:00",
        }
    ]
    said = lending.ok("plan").out
    assert "! lease mine (lease-1) of project" in said and "lease other" not in said
    assert "2027-03-03 06:00Z to 2027-03-03 18:00Z" in said
    lending.apply()
    # Cut at the lease, so that Blazar can take the parts beside it at once.
    assert lending.blackouts("f1")[:3] == [
        ("03-01 12:00", "03-03 06:00"),
        ("03-03 06:00", "03-03 18:00"),
        ("03-03 18:00", "03-05 00:00"),
    ]
    assert lending.json("plan")["pending"] is False


def test_blazar_is_asked_only_when_a_blackout_may_hit(lending: Lending) -> None:
    def asked() -> bool:
        return any(service == "blazar" for service, *_ in lending.bed.calls)

    lending.declare(fake("f1", calendar=span(TWO_SPANS[0])))
    lending.apply()
    lending.ok("plan")
    assert not asked()
    lending.declare(fake("f1", calendar="never"))
    lending.ok("plan")
    assert asked()


def test_a_site_without_blazar(lending: Lending) -> None:
    lending.bed.has_blazar = False
    lending.declare(fake("f1"))
    lending.apply()
    lending.declare(fake("f1", calendar="never"))
    assert kinds(lending, "f1") == {"add": 1}


def test_exit_code(lending: Lending) -> None:
    lending.declare(fake("f1"))
    assert lending.run("plan").code == Exit.OK
    assert lending.run("plan", "--exit-code").code == Exit.CHANGES_PENDING
    assert lending.run("plan", "--exit-code", "--output", "json").json["pending"]
    lending.apply()
    done = lending.run("plan", "--exit-code")
    assert (done.code, done.out) == (Exit.OK, "Nothing to do: 1 as declared.\n")
    lending.declare()
    assert lending.run("plan", "--exit-code").code == Exit.CHANGES_PENDING


def test_only_some_items(lending: Lending) -> None:
    lending.declare(fake("f1"), fake("f2"), fake("f3"))
    assert [item["name"] for item in lending.json("plan", "f3", "f1")["items"]] == ["f1", "f3"]
    said = lending.run("plan", "f22")
    assert said.code == Exit.USAGE and "Did you mean f2?" in said.err
    assert lending.bed.calls == []


def test_what_cannot_be_done_is_a_problem_and_the_rest_is_planned(lending: Lending) -> None:
    lending.declare(fake("f1"), fake("f2"), fake("becomes-another"))
    lending.apply()
    lending.bed.enrol("taken", project=STRANGE)
    lending.declare(
        fake("f1"),
        fake("f2", project="chemistry"),
        device("becomes-another"),
        fake("taken"),
        fake("new"),
    )
    said = lending.json("plan")
    problems = {item["name"]: item["problem"] for item in said["items"] if item["problem"]}
    assert problems["f2"] == "there is no project chemistry"
    assert STRANGE in problems["taken"]
    assert "baremetal, which cannot become device" in problems["becomes-another"]
    assert [item["name"] for item in said["items"] if item["action"] == "create"] == ["new"]
    assert all(item["fix"] for item in said["items"] if item["problem"])
    assert lending.run("plan", "--exit-code").code == Exit.CHANGES_PENDING
    assert "problem  f2: there is no project chemistry" in lending.ok("plan").out


def test_a_doni_that_lists_windows_only_item_by_item(lending: Lending) -> None:
    lending.declare(fake("f1", calendar=span(*TWO_SPANS)), fake("f2", calendar="never"))
    lending.apply()
    lending.bed.availability_list = False
    assert lending.json("plan")["same"] == 2


def test_a_node_that_a_published_appliance_deploys(lending: Lending) -> None:
    (lending.path / "images").mkdir()
    (lending.path / "images" / "own.yml").write_text(json.dumps({"appliances": [OWN_RAMDISK]}))
    lending.declare({**node(1), "deploy_image": "own-ramdisk"})
    refused = lending.run("plan")
    assert refused.code == Exit.SITE_INVALID
    assert "own-ramdisk for x86_64 is not published" in refused.err
    about = {"cc_appliance": "own-ramdisk", "architecture": "x86_64"}
    digests = {"kernel": "a" * 64, "initramfs": "b" * 64}
    published = [
        {
            "name": f"own-ramdisk-{part}",
            "file": f"/images/image.{part}",
            "sha256": digest,
            "properties": about,
        }
        for part, digest in digests.items()
    ]
    (lending.path / "globals.d").mkdir()
    text = json.dumps({"published_images": published})
    (lending.path / "globals.d" / "published.yml").write_text(text)
    lending.apply()
    properties = lending.shown("c01")["properties"]
    for key, part in (("kernel", "kernel"), ("ramdisk", "initramfs")):
        id_ = uuid.uuid5(IMAGES, f"own-ramdisk-{part}\n{digests[part]}\n1")
        assert properties[f"baremetal_deploy_{key}_image"] == str(id_)
