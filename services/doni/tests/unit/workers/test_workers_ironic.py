"""Nodes: what is asked of Ironic, and how often."""

from __future__ import annotations

import pytest
from doing import MAC, UUID, Task, item
from doni.workers.ironic import IronicWorker
from ironic_double import IronicDouble


@pytest.fixture
def task(node_worker: IronicWorker) -> Task:
    return Task(node_worker)


def test_a_new_item_becomes_a_node_in_eight_calls(task: Task, ironic: IronicDouble) -> None:
    outcome = task.succeeds(item())
    assert outcome.payload["created_at"] == "2026-11-20T10:00:00+00:00"
    assert len(ironic.calls) == 8, [str(call) for call in ironic.calls]
    node = ironic.nodes[UUID]
    assert node["provision_state"] == "available"
    assert node["driver_info"] == {
        "ipmi_address": "10.30.1.1",
        "ipmi_username": "root",
        "ipmi_password": "calvin-the-1st",
    }
    assert (node["name"], node["driver"], node["resource_class"]) == ("node1", "ipmi", "baremetal")
    (port,) = ironic.ports.values()
    assert (port["address"], port["extra"], port["pxe_enabled"]) == (MAC, {"name": "eno1"}, True)
    assert all(call.headers["X-OpenStack-Ironic-API-Version"] == "1.51" for call in ironic.calls)


def test_ports_are_there_before_the_node_is_cleaned(task: Task, ironic: IronicDouble) -> None:
    task.succeeds(item())
    calls = [str(call) for call in ironic.calls]
    assert calls.index("POST /v1/ports") < calls.index(f"PUT /v1/nodes/{UUID}/states/provision")


def test_nothing_new_is_two_calls_and_no_write(task: Task, ironic: IronicDouble) -> None:
    task.succeeds(item())
    ironic.forget()
    task.succeeds(item())
    assert [call.method for call in ironic.calls] == ["GET", "GET"]


def test_a_change_of_a_manageable_node_is_five_calls(task: Task, ironic: IronicDouble) -> None:
    task.succeeds(item())
    ironic.nodes[UUID]["provision_state"] = "manageable"
    ironic.forget()
    task.succeeds(item(ipmi_username="admin"))
    assert len(ironic.calls) == 5
    (patch,) = ironic.asked("PATCH")
    assert patch.body == [{"op": "replace", "path": "/driver_info/ipmi_username", "value": "admin"}]


def test_a_change_of_an_available_node_takes_it_from_nova_first(
    task: Task, ironic: IronicDouble
) -> None:
    task.succeeds(item())
    ironic.forget()
    task.succeeds(item(baremetal_resource_class="big", ipmi_port=6230))
    assert [call.body["target"] for call in ironic.asked("provision")] == ["manage", "provide"]
    assert ironic.nodes[UUID]["resource_class"] == "big"
    assert ironic.nodes[UUID]["provision_state"] == "available"
    task.succeeds(item())
    assert "ipmi_port" not in ironic.nodes[UUID]["driver_info"]


def test_a_new_password_is_written_once_and_without_cleaning(
    task: Task, ironic: IronicDouble
) -> None:
    task.succeeds(item())
    ironic.forget()
    task.succeeds(item(ipmi_password="hobbes-the-2nd"))
    assert ironic.writes() == [f"PATCH /v1/nodes/{UUID}"]
    assert ironic.nodes[UUID]["driver_info"]["ipmi_password"] == "hobbes-the-2nd"
    ironic.forget()
    task.succeeds(item(ipmi_password="hobbes-the-2nd"))
    assert ironic.writes() == []
    assert "hobbes" not in str(task.details)


def test_the_mask_of_ironic_is_never_written(task: Task, ironic: IronicDouble) -> None:
    task.succeeds(item())
    task.succeeds(item(ipmi_username="admin", ipmi_password=None))
    assert "******" not in str([call.body for call in ironic.calls])
    assert "ipmi_password" not in ironic.nodes[UUID]["driver_info"]


def test_a_password_that_others_set_stays(task: Task, ironic: IronicDouble) -> None:
    task.succeeds(item(ipmi_password=None))
    ironic.nodes[UUID]["driver_info"]["ipmi_password"] = "by hand"
    ironic.forget()
    task.succeeds(item(ipmi_password=None))
    assert ironic.writes() == []


def test_what_others_added_to_the_node_stays(task: Task, ironic: IronicDouble) -> None:
    task.succeeds(item())
    node = ironic.nodes[UUID]
    node["driver_info"]["ipmi_cipher_suite"] = "17"
    node["properties"].update(memory_mb=4096, capabilities="cpu_vt:true,boot_mode:bios")
    task.succeeds(item(baremetal_capabilities={"boot_mode": "uefi"}))
    assert node["driver_info"]["ipmi_cipher_suite"] == "17"
    assert node["properties"]["memory_mb"] == 4096
    assert node["properties"]["capabilities"] == "cpu_vt:true,boot_mode:uefi"


def test_capabilities_that_doni_set_go_again(task: Task, ironic: IronicDouble) -> None:
    task.succeeds(item(extra_capabilities={"gpu": "a100"}, boot_mode="uefi"))
    assert ironic.nodes[UUID]["properties"]["capabilities"] == "gpu:a100,boot_mode:uefi"
    task.succeeds(item())
    assert "capabilities" not in ironic.nodes[UUID]["properties"]


def test_interfaces_and_cleaning_are_the_nodes_own_where_it_says_so(
    task: Task, ironic: IronicDouble
) -> None:
    own = {"baremetal_interfaces": {"boot": "ipxe", "deploy": "direct"}}
    task.succeeds(item(**own, baremetal_automated_clean=True))
    node = ironic.nodes[UUID]
    assert (node["boot_interface"], node["deploy_interface"]) == ("ipxe", "direct")
    assert node["automated_clean"] is True
    node["raid_interface"] = "by hand"
    ironic.forget()
    task.succeeds(item(**own, baremetal_automated_clean=True))
    assert ironic.writes() == []
    task.succeeds(item(baremetal_interfaces={"boot": "redfish-virtual-media"}))
    assert node["boot_interface"] == "redfish-virtual-media"
    assert (node["deploy_interface"], node["automated_clean"]) == (None, None)
    assert node["raid_interface"] == "by hand"


def test_interfaces_of_a_node_in_use_wait_until_it_is_free(
    task: Task, ironic: IronicDouble
) -> None:
    task.succeeds(item(baremetal_interfaces={"boot": "ipxe"}))
    ironic.nodes[UUID].update(provision_state="active", instance_uuid="someone")
    task.defers(item())
    assert ironic.nodes[UUID]["boot_interface"] == "ipxe"
    ironic.nodes[UUID].update(provision_state="available", instance_uuid=None)
    task.succeeds(item())
    assert ironic.nodes[UUID]["boot_interface"] is None


def test_a_node_is_inspected_once_before_it_is_available(task: Task, ironic: IronicDouble) -> None:
    task.succeeds(item(baremetal_inspect=True))
    verbs = [call.body["target"] for call in ironic.asked("provision")]
    assert verbs == ["manage", "inspect", "provide"]
    ironic.forget()
    task.succeeds(item(baremetal_inspect=True))
    assert ironic.writes() == []


def test_an_inspection_that_fails_tells_why_and_is_done_again(
    task: Task, ironic: IronicDouble
) -> None:
    ironic.inspects = False
    assert "timeout reached while inspecting" in str(task.fails(item(baremetal_inspect=True)))
    ironic.inspects = True
    task.succeeds(item(baremetal_inspect=True))
    assert ironic.nodes[UUID]["provision_state"] == "available"


def test_traits_are_set_changed_and_removed(task: Task, ironic: IronicDouble) -> None:
    task.succeeds(item(traits=["CUSTOM_A", "CUSTOM_B"]))
    ironic.forget()
    task.succeeds(item(traits=["CUSTOM_B", "CUSTOM_A"]))
    assert ironic.writes() == []
    task.succeeds(item())
    assert ironic.nodes[UUID]["traits"] == []
    ironic.nodes[UUID]["traits"] = ["CUSTOM_BY_HAND"]
    task.succeeds(item())
    assert ironic.nodes[UUID]["traits"] == ["CUSTOM_BY_HAND"]


def test_redfish(task: Task, ironic: IronicDouble) -> None:
    task.succeeds(
        item(
            management_address="fd00::17",
            baremetal_driver="redfish",
            redfish_system_id="/redfish/v1/Systems/1",
            redfish_username="admin",
            redfish_password="redfish-secret",
            redfish_verify_ca=False,
            redfish_auth_type="session",
        )
    )
    assert ironic.nodes[UUID]["driver_info"] == {
        "redfish_address": "https://[fd00::17]",
        "redfish_system_id": "/redfish/v1/Systems/1",
        "redfish_username": "admin",
        "redfish_password": "redfish-secret",
        "redfish_verify_ca": False,
        "redfish_auth_type": "session",
    }


def test_another_driver_leaves_nothing_of_the_first(task: Task, ironic: IronicDouble) -> None:
    task.succeeds(item())
    task.succeeds(item(baremetal_driver="redfish", redfish_password="redfish-secret"))
    info = ironic.nodes[UUID]["driver_info"]
    assert info == {
        "redfish_address": "https://10.30.1.1",
        "redfish_password": "redfish-secret",
    }
    task.succeeds(item(baremetal_driver="fake-hardware"))
    assert ironic.nodes[UUID]["driver_info"] == {}


def test_a_node_that_a_dead_worker_left_behind_gets_available(
    task: Task, ironic: IronicDouble
) -> None:
    task.succeeds(item())
    for state in ("enroll", "manageable"):
        ironic.nodes[UUID]["provision_state"] = state
        ironic.ports.clear()
        Task(task.worker).succeeds(item())
        assert ironic.nodes[UUID]["provision_state"] == "available"
        assert len(ironic.ports) == 1


def test_waiting_takes_as_long_as_it_takes(task: Task, ironic: IronicDouble) -> None:
    ironic.looks = 4
    task.succeeds(item())
    assert ironic.nodes[UUID]["provision_state"] == "available"


def test_maintenance_of_our_own(task: Task, ironic: IronicDouble) -> None:
    task.succeeds(item())
    ironic.forget()
    task.succeeds(item(maintenance="disk is broken"))
    node = ironic.nodes[UUID]
    assert (node["maintenance"], node["maintenance_reason"]) == (True, "Doni: disk is broken")
    task.succeeds(item(maintenance="disk is broken"))
    assert len(ironic.asked("maintenance")) == 1
    task.succeeds(item(maintenance=True, ipmi_username="admin"))
    assert node["maintenance_reason"] == "Doni: out of service"
    assert node["driver_info"]["ipmi_username"] == "admin"
    task.succeeds(item(maintenance=False, ipmi_username="admin"))
    assert not node["maintenance"]
    assert not ironic.asked("provision"), "no reason for a cleaning"


def test_an_item_that_is_out_of_service_from_the_start(task: Task, ironic: IronicDouble) -> None:
    task.succeeds(item(maintenance=True))
    assert ironic.nodes[UUID]["provision_state"] == "enroll"
    task.succeeds(item())
    assert ironic.nodes[UUID]["provision_state"] == "available"


def test_deletion(task: Task, ironic: IronicDouble) -> None:
    task.succeeds(item())
    ironic.forget()
    task.succeeds(item(deleted=True))
    assert (ironic.nodes, ironic.ports) == ({}, {})
    assert [call.body for call in ironic.asked("PUT")] == [{"target": "manage"}]
    ironic.forget()
    task.succeeds(item(deleted=True))
    assert [str(call) for call in ironic.calls] == [f"GET /v1/nodes/{UUID}"]


def test_deletion_in_each_state_that_allows_it(task: Task, ironic: IronicDouble) -> None:
    for state in ("enroll", "manageable", "clean failed", "inspect failed"):
        task.succeeds(item())
        ironic.nodes[UUID]["provision_state"] = state
        task.succeeds(item(deleted=True))
        assert not ironic.nodes
