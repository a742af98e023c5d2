"""What is said of bare-metal nodes that do not go on by themselves."""

from __future__ import annotations

from typing import Any

import pytest
from small_cloud import World

from cc_ansible.hardware import diagnosis
from cc_ansible.verify import metal
from cc_ansible.verify.result import Result


def node(name: str, **said: Any) -> dict[str, Any]:
    plain = {"uuid": f"0-{name}", "name": name, "provision_state": "available"}
    return {**plain, "power_state": "power off", "maintenance": False, **said}


def result(world: World, *nodes: dict[str, Any]) -> Result:
    world.answers["GET /baremetal/v1/nodes"] = {"nodes": list(nodes)}
    (found,) = metal.check(world.connection("baremetal"))
    return found


def test_nodes_that_work_or_rest_pass(world: World) -> None:
    resting = {"maintenance": True, "maintenance_reason": "fans"}
    known = {"maintenance": True, "maintenance_reason": "Doni: fans", "fault": "power failure"}
    found = result(world, node("c1"), node("c2", **resting), node("c3", **known))
    assert not found.failed
    assert found.detail == "3 nodes, 2 of them in maintenance"


def test_a_fault_is_named_with_its_cause(world: World) -> None:
    reason = "During sync_power_state, max retries exceeded for node 1. Error: no route to host"
    broken = {"maintenance": True, "fault": "power failure", "maintenance_reason": reason}
    found = result(world, node("c1", **broken), node("c2"))
    assert found.failed
    assert found.detail == "c1: available, power failure"
    assert found.cause.startswith("c1: Its controller does not answer")
    assert found.log == (f"c1: {reason}",)
    assert found.runbook == "docs/verify.md#bare-metal-nodes"


def test_many_are_counted_not_listed(world: World) -> None:
    failed = {"provision_state": "clean failed", "last_error": "Timeout reached while cleaning"}
    found = result(world, *(node(f"c{number}", **failed) for number in range(20)))
    assert found.detail.endswith("c5: clean failed; and 14 more")


def test_a_site_without_ironic_has_no_such_check(world: World) -> None:
    assert metal.check(world.connection("compute")) == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (
            "power failure ... Error: HTTP GET https://10.0.0.1/redfish/v1 returned code 401."
            " Base.1.0.GeneralError: Incorrect username or password",
            "password",
        ),
        ("power failure ... Unable to connect to https://10.0.0.1/redfish", "does not answer"),
        ("Timeout reached while waiting for callback for node 1", "ramdisk did not report"),
        ("Timeout reached while cleaning the node. Please check", "ramdisk did not report"),
        ("The supplied image checksum is invalid or does not match.", "damaged"),
        ("doesn't have enough disk space. Required 9 MiB, only 3 MiB", "disk is full"),
    ],
)
def test_what_ironic_says_is_explained(text: str, word: str) -> None:
    found = diagnosis.of(text)
    assert word in found.cause
    assert found.fix


def test_what_nobody_foresaw_is_not_explained_away() -> None:
    assert diagnosis.of("flux capacitor") == diagnosis.Diagnosis("", diagnosis.IRONIC)
