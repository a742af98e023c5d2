"""Nodes: what is done when Ironic, the node or its user does not let Doni."""

from __future__ import annotations

import pytest
from doing import MAC, UUID, Task, item
from doni.workers.base import WorkerError
from doni.workers.ironic import IronicWorker
from ironic_double import IronicDouble
from oslo_config import cfg


@pytest.fixture
def task(node_worker: IronicWorker) -> Task:
    return Task(node_worker)


@pytest.fixture
def hasty(conf: cfg.ConfigOpts, node_worker: IronicWorker) -> Task:
    """With a worker that does not wait long."""
    conf.set_override("provision_state_timeout", 0.1, group="ironic")
    return Task(IronicWorker(conf))


def test_maintenance_by_others_defers_after_one_call(task: Task, ironic: IronicDouble) -> None:
    task.succeeds(item())
    ironic.nodes[UUID].update(maintenance=True, maintenance_reason="operator looks at it")
    ironic.forget()
    reason = task.defers(item(ipmi_username="admin"))
    assert "in maintenance" in reason
    assert "operator looks at it" in reason
    assert len(ironic.calls) == 1


def test_a_locked_node_defers_after_one_call(task: Task, ironic: IronicDouble) -> None:
    ironic.faults.append(lambda call: (409, {"error_message": "Node is locked by host c1"}))
    assert task.defers(item()) == "Node is locked."
    assert len(ironic.calls) == 1


def test_a_node_that_is_locked_later_on(task: Task, ironic: IronicDouble) -> None:
    task.succeeds(item())
    ironic.nodes[UUID]["reservation"] = "c1"
    assert task.defers(item(ipmi_username="admin")) == "Node is locked."
    assert task.defers(item(deleted=True)) == "Node is locked."
    ironic.nodes[UUID]["reservation"] = None
    task.succeeds(item(ipmi_username="admin"))


def test_an_empty_404_is_a_node_that_is_not_there(task: Task, ironic: IronicDouble) -> None:
    ironic.faults.append(
        lambda call: (404, b"") if not ironic.nodes and call.method == "GET" else None
    )
    task.succeeds(item(deleted=True))
    task.succeeds(item())


def test_a_password_that_the_controller_refuses(task: Task, ironic: IronicDouble) -> None:
    ironic.passwords = {"ipmi_password": "hobbes-the-2nd"}
    assert "Failed to get power state" in task.fails(item())
    assert ironic.nodes[UUID]["provision_state"] == "enroll"
    assert "Failed to get power state" in task.fails(item())
    task.succeeds(item(ipmi_password="hobbes-the-2nd"))
    assert ironic.nodes[UUID]["provision_state"] == "available"


def test_a_cleaning_that_fails_and_then_does_not(task: Task, ironic: IronicDouble) -> None:
    ironic.cleans = False
    assert "Clean step failed" in task.fails(item())
    assert ironic.nodes[UUID]["maintenance"]
    assert "Clean step failed" in task.fails(item())
    ironic.cleans = True
    task.succeeds(item())
    assert not ironic.nodes[UUID]["maintenance"]
    assert ironic.nodes[UUID]["provision_state"] == "available"


def test_a_reason_that_comes_after_the_state(task: Task, ironic: IronicDouble) -> None:
    ironic.cleans = False
    seen = []

    def late(call: object) -> None:
        node = ironic.nodes.get(UUID, {})
        if node.get("provision_state") == "clean failed":
            seen.append(call)
            node["last_error"] = "Clean step failed" if len(seen) > 1 else None

    ironic.faults.append(late)
    assert "Clean step failed" in task.fails(item())


def test_a_node_that_never_moves(hasty: Task, ironic: IronicDouble) -> None:
    ironic.looks = 10**6
    message = hasty.fails(item())
    assert "timed out updating its provision state to manageable" in message


def test_a_cleaning_that_takes_long_is_no_error(
    task: Task, hasty: Task, ironic: IronicDouble
) -> None:
    task.succeeds(item())
    hasty.details = task.details
    ironic.looks = 10**6
    assert "still cleaning" in hasty.defers(item(ipmi_username="admin"))
    assert "is cleaning" in hasty.defers(item(ipmi_username="admin"))
    ironic.nodes[UUID]["_left"] = 0
    task.succeeds(item(ipmi_username="admin"))


def test_a_power_failure(task: Task, ironic: IronicDouble) -> None:
    task.succeeds(item())
    ironic.nodes[UUID].update(
        maintenance=True, fault="power failure", maintenance_reason="no answer from the controller"
    )
    assert "no answer from the controller" in task.fails(item())
    assert "no answer" in task.fails(item(ipmi_password="hobbes-the-2nd"))
    assert ironic.nodes[UUID]["driver_info"]["ipmi_password"] == "hobbes-the-2nd"
    assert ironic.nodes[UUID]["maintenance"], "Ironic ends it when the controller answers"


def in_use(ironic: IronicDouble, state: str = "active") -> None:
    ironic.nodes[UUID].update(provision_state=state, instance_uuid="i-1")


def test_a_node_in_use_is_left_alone(task: Task, ironic: IronicDouble) -> None:
    task.succeeds(item())
    for state in ("active", "deploying", "wait call-back", "rescue", "deleting"):
        in_use(ironic, state)
        ironic.forget()
        task.succeeds(item())
        assert ironic.writes() == []


def test_of_a_node_in_use_what_does_no_harm_is_changed(task: Task, ironic: IronicDouble) -> None:
    task.succeeds(item())
    in_use(ironic)
    task.succeeds(item(ipmi_password="hobbes-the-2nd", name="renamed"))
    assert ironic.nodes[UUID]["driver_info"]["ipmi_password"] == "hobbes-the-2nd"
    assert ironic.nodes[UUID]["name"] == "renamed"
    reason = task.defers(item(ipmi_password="hobbes-the-2nd", baremetal_resource_class="big"))
    assert "in use (active)" in reason
    assert "resource_class" in reason
    interface = {"name": "eno1", "mac_address": MAC, "pxe_enabled": False}
    assert "ports" in task.defers(item(interfaces=[interface]))
    assert not ironic.asked("states/provision")[2:]
    ironic.nodes[UUID].update(provision_state="available", instance_uuid=None)
    task.succeeds(item(interfaces=[interface], baremetal_resource_class="big"))
    assert ironic.nodes[UUID]["resource_class"] == "big"


def test_capabilities_that_cannot_go_yet_go_later(task: Task, ironic: IronicDouble) -> None:
    task.succeeds(item(extra_capabilities={"gpu": "a100"}))
    in_use(ironic)
    assert "properties/capabilities" in task.defers(item(extra_capabilities={"nvme": "yes"}))
    ironic.nodes[UUID].update(provision_state="available", instance_uuid=None)
    task.succeeds(item(extra_capabilities={"nvme": "yes"}))
    assert ironic.nodes[UUID]["properties"]["capabilities"] == "nvme:yes"
    task.succeeds(item())
    assert "capabilities" not in ironic.nodes[UUID]["properties"]


def test_a_node_in_use_keeps_what_its_driver_needs(task: Task, ironic: IronicDouble) -> None:
    task.succeeds(item())
    before = dict(ironic.nodes[UUID]["driver_info"])
    in_use(ironic)
    other = item(baremetal_driver="redfish", redfish_password="hobbes-the-2nd", ipmi_password=None)
    assert "driver" in task.defers(other)
    assert ironic.nodes[UUID]["driver_info"] == before
    ironic.nodes[UUID].update(provision_state="available", instance_uuid=None)
    task.succeeds(other)
    assert ironic.nodes[UUID]["driver"] == "redfish"
    assert ironic.nodes[UUID]["driver_info"] == {
        "redfish_address": "https://10.30.1.1",
        "redfish_password": "hobbes-the-2nd",
    }


def test_a_node_in_use_is_not_deleted(task: Task, ironic: IronicDouble) -> None:
    task.succeeds(item())
    in_use(ironic)
    assert "in use" in task.defers(item(deleted=True))
    # In maintenance Ironic itself would delete it.
    ironic.nodes[UUID].update(maintenance=True, maintenance_reason="operator")
    assert "in use" in task.defers(item(deleted=True))
    assert UUID in ironic.nodes
    ironic.nodes[UUID].update(provision_state="available", instance_uuid=None)
    task.succeeds(item(deleted=True))


def test_a_node_that_failed_in_use_says_why(task: Task, ironic: IronicDouble) -> None:
    task.succeeds(item())
    ironic.nodes[UUID].update(provision_state="error", last_error="could not be torn down")
    assert "could not be torn down" in task.fails(item())
    assert "could not be torn down" in task.fails(item(deleted=True))


def test_a_mac_address_that_another_node_has(task: Task, ironic: IronicDouble) -> None:
    task.succeeds(item())
    other = "11111111-6c41-4a0e-9f5e-0f6f2f7c1a11"
    message = Task(task.worker).fails(item(uuid=other, name="node2"))
    assert message == f"Another node in Ironic has a port with the MAC address {MAC}"
    task.succeeds(item(deleted=True))
    Task(task.worker).succeeds(item(uuid=other, name="node2"))


def test_a_name_that_another_node_has(task: Task, ironic: IronicDouble) -> None:
    task.succeeds(item())
    other = "11111111-6c41-4a0e-9f5e-0f6f2f7c1a11"
    assert Task(task.worker).fails(item(uuid=other)) == "Ironic has another node named node1"


def test_what_ironic_does_not_take_is_told(task: Task, ironic: IronicDouble) -> None:
    message = task.fails(item(name="no good name"))
    assert message == (
        "Ironic responded with HTTP 400: Cannot create node with invalid name 'no good name'"
    )


def test_a_password_that_was_written_is_remembered_after_a_failure(
    task: Task, ironic: IronicDouble
) -> None:
    ironic.faults.append(lambda call: (500, b"oops") if "provision" in call.path else None)
    outcome = task.run(item())
    assert isinstance(outcome, WorkerError)
    assert "secrets_fingerprint" in outcome.payload
    ironic.faults.clear()
    ironic.forget()
    task.succeeds(item())
    assert not ironic.asked("PATCH")
