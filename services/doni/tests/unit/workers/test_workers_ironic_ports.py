"""Ports: how interfaces become ports."""

from __future__ import annotations

from typing import Any

import pytest
from doing import MAC, UUID, Task, item
from doni.workers.ironic import IronicWorker, ports
from ironic_double import IronicDouble

WIRED: dict[str, Any] = {
    "name": "eno1",
    "mac_address": MAC,
    "switch_id": "00:1c:73:00:00:01",
    "switch_port_id": "Ethernet1",
    "switch_info": "leaf1",
    "physical_network": "physnet1",
    "pxe_enabled": False,
}


@pytest.fixture
def task(node_worker: IronicWorker) -> Task:
    return Task(node_worker)


def only(ironic: IronicDouble) -> dict[str, Any]:
    (port,) = ironic.ports.values()
    return port


def test_where_the_cable_goes(task: Task, ironic: IronicDouble) -> None:
    task.succeeds(item(interfaces=[WIRED]))
    port = only(ironic)
    assert port["local_link_connection"] == {
        "switch_id": "00:1c:73:00:00:01",
        "port_id": "Ethernet1",
        "switch_info": "leaf1",
    }
    assert (port["physical_network"], port["pxe_enabled"]) == ("physnet1", False)
    ironic.forget()
    task.succeeds(item(interfaces=[WIRED]))
    assert ironic.writes() == []


def test_half_of_a_cable_is_none(task: Task, ironic: IronicDouble) -> None:
    task.succeeds(item(interfaces=[{**WIRED, "switch_port_id": ""}]))
    assert only(ironic)["local_link_connection"] == {}


def test_a_cable_that_moves_goes_through_manageable(task: Task, ironic: IronicDouble) -> None:
    task.succeeds(item(interfaces=[WIRED]))
    ironic.forget()
    moved = {**WIRED, "switch_port_id": "Ethernet2"}
    task.succeeds(item(interfaces=[moved]))
    assert [call.body["target"] for call in ironic.asked("provision")] == ["manage", "provide"]
    assert only(ironic)["local_link_connection"]["port_id"] == "Ethernet2"


def test_a_name_changes_without_cleaning(task: Task, ironic: IronicDouble) -> None:
    task.succeeds(item(interfaces=[WIRED]))
    only(ironic)["extra"]["note"] = "by hand"
    ironic.forget()
    task.succeeds(item(interfaces=[{**WIRED, "name": "eth0"}]))
    assert [write.split("/")[2] for write in ironic.writes()] == ["ports"]
    assert only(ironic)["extra"] == {"name": "eth0", "note": "by hand"}


def test_addresses_are_compared_as_ironic_keeps_them(task: Task, ironic: IronicDouble) -> None:
    task.succeeds(item(interfaces=[{**WIRED, "mac_address": "52-54-00-AB-CD-EF"}]))
    assert only(ironic)["address"] == "52:54:00:ab:cd:ef"
    ironic.forget()
    task.succeeds(item(interfaces=[{**WIRED, "mac_address": "52:54:00:AB:CD:EF"}]))
    assert ironic.writes() == []


def test_another_card(task: Task, ironic: IronicDouble) -> None:
    task.succeeds(item())
    task.succeeds(item(interfaces=[{"name": "eno1", "mac_address": "52:54:00:00:00:02"}]))
    assert only(ironic)["address"] == "52:54:00:00:00:02"


def test_a_disabled_interface_has_no_port(task: Task, ironic: IronicDouble) -> None:
    both = [{"name": "eno1", "mac_address": MAC}, {**WIRED, "mac_address": "52:54:00:00:00:02"}]
    task.succeeds(item(interfaces=both))
    assert len(ironic.ports) == 2
    task.succeeds(item(interfaces=[both[0], {**both[1], "enabled": False}]))
    assert only(ironic)["address"] == MAC


def test_a_port_that_is_gone_meanwhile(task: Task, ironic: IronicDouble) -> None:
    task.succeeds(item())
    extra = {"uuid": "gone", "node_uuid": UUID, "address": "52:54:00:00:00:09"}
    ironic.faults.append(
        lambda call: (200, {"ports": [only(ironic), extra]}) if call.path == "/v1/ports" else None
    )
    task.succeeds(item())
    assert ironic.asked("DELETE", "gone")[0].status == 404


def test_two_interfaces_with_one_address_are_one_port() -> None:
    plan = ports.plan(UUID, [WIRED, {**WIRED, "name": "again"}], [])
    assert len(plan.create) == 1
