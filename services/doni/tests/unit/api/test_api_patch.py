"""Changes of items."""

from __future__ import annotations

from typing import Any

import pytest
from asking import BAREMETAL, MASK, NOBODYS, Person, add, remove, replace
from doni.db import session
from doni.db.models import Hardware, WorkerTask
from sqlalchemy import select, update


def _stored(uuid: str) -> Hardware:
    with session.reader() as db:
        return db.scalars(select(Hardware).where(Hardware.uuid == uuid)).one()


def _tasks(uuid: str) -> list[WorkerTask]:
    with session.reader() as db:
        return list(db.scalars(select(WorkerTask).where(WorkerTask.hardware_uuid == uuid)))


@pytest.fixture
def node(owner: Person) -> str:
    uuid: str = owner.create("c01", "baremetal", ipmi_password="hunter2-of-bmc")["uuid"]
    return uuid


def test_add_replace_remove(owner: Person, node: str) -> None:
    found = owner.patch(
        node,
        add("/name", "c02"),
        add("/properties/node_type", "compute"),
        add("/properties/cpu_arch", "aarch64"),
        replace("/properties/su_factor", 2),
        add("/properties/placement", {"rack": "r1"}),
        add("/properties/placement/node", "n1"),
        remove("/properties/placement/rack"),
        add("/properties/interfaces/-", {"name": "eno2", "mac_address": "02:00:00:00:00:02"}),
        replace("/properties/interfaces/0/name", "eno0"),
        {"op": "remove", "path": "/properties/baremetal_driver", "value": True},
    )
    assert found["name"] == "c02"
    assert found["updated_at"]
    properties = found["properties"]
    assert properties["node_type"] == "compute"
    assert properties["cpu_arch"] == "aarch64"
    assert properties["su_factor"] == 2
    assert properties["placement"] == {"node": "n1"}
    assert [interface["name"] for interface in properties["interfaces"]] == ["eno0", "eno2"]
    assert "baremetal_driver" not in properties
    assert owner.show(node) == found


def test_whole_properties(owner: Person, node: str) -> None:
    found = owner.patch(node, replace("/properties", {**BAREMETAL, "node_type": "x"}))
    assert found["properties"] == {**BAREMETAL, "node_type": "x"}


def test_what_clients_send(owner: Person) -> None:
    uuid = owner.create("d1", "device.balena")["uuid"]
    channel = {"channel_type": "wireguard", "public_key": "k"}
    for name, value in {
        "local_egress": "deny",
        "authorized_projects": ["a", "b"],
        "authorized_projects_reason": "r",
        "channels": {"user": channel},
        "channels/user": channel,
        "contact_email": "you@example.com",
        "application_credential_id": "x",
        "application_credential_secret": "y",
    }.items():
        owner.patch(uuid, add(f"/properties/{name}", value))
    owner.patch(uuid, add("/name", "d2"))
    found = owner.patch(uuid, remove("/properties/authorized_projects"))
    assert "authorized_projects" not in found["properties"]
    assert found["properties"]["channels"] == {"user": channel}


def test_an_empty_patch_wakes_the_workers(owner: Person, node: str) -> None:
    with session.writer() as db:
        db.execute(update(WorkerTask).values(state="STEADY", attempts=3))
    found = owner.patch(node)
    assert found["updated_at"] is None
    assert {worker["state"] for worker in found["workers"]} == {"PENDING"}
    assert [(task.generation, task.attempts) for task in _tasks(node)] == [(1, 0), (1, 0)]


def test_a_task_at_work_hears_of_it_later(owner: Person, node: str) -> None:
    with session.writer() as db:
        db.execute(update(WorkerTask).values(state="IN_PROGRESS", claimed_generation=0))
    found = owner.patch(node, add("/properties/node_type", "x"))
    assert {worker["state"] for worker in found["workers"]} == {"IN_PROGRESS"}
    assert {task.generation for task in _tasks(node)} == {1}


def test_renaming_to_a_name_that_is_taken(owner: Person, node: str) -> None:
    owner.create("c02")
    found = owner.patch(node, add("/name", "c02"), code=409)
    assert found == {"error": "Hardware with name c02 already exists."}
    assert owner.show(node)["name"] == "c01"
    owner.patch(node, add("/name", "c01"))


@pytest.mark.parametrize("path", ["/properties/ipmi_password", "/properties"])
def test_masked_values_that_come_back_keep_the_secret(owner: Person, node: str, path: str) -> None:
    seen = owner.show(node)["properties"]
    assert seen["ipmi_password"] == MASK
    owner.patch(node, add(path, MASK if path.endswith("password") else {**seen, "node_type": "x"}))
    assert _stored(node).properties["ipmi_password"] == "hunter2-of-bmc"
    owner.patch(node, add("/properties/redfish_password", MASK), code=400)
    owner.patch(node, add("/properties/ipmi_password", "other"))
    assert _stored(node).properties["ipmi_password"] == "other"


@pytest.mark.parametrize(
    "operation",
    [
        add("/properties/unknown", 1),
        add("/properties/ipmi_port", "623"),
        add("/properties/ipmi_port", True),
        add("/properties/ipmi_port", 0),
        add("/properties/node_type", None),
        add("/properties", "text"),
        add("/properties", None),
        add("/properties", {}),
        remove("/properties"),
        remove("/properties/cpu_arch"),
        remove("/properties/node_type"),
        replace("/properties/node_type", "x"),
        add("/properties/placement/rack", "r"),
        add("/properties/cpu_arch/x", "y"),
        add("/properties/interfaces/7", {}),
        add("/properties/interfaces/00", {}),
        add("/properties/interfaces/" + "9" * 900, {}),
        remove("/properties/interfaces/-"),
        remove("/properties/interfaces/0"),
        remove("/name"),
        add("/name", None),
        add("/name", 5),
        add("/name", ""),
        add("/name", {"a": 1}),
        add("/name/x", "y"),
        remove("/hardware_type"),
        add("/hardware_type", "unknown"),
        add("/hardware_type", None),
        add("/hardware_type", ["baremetal"]),
        add("/hardware_type", "fake-hardware"),
        add("/uuid", NOBODYS),
        add("/project_id", "p2"),
        add("/workers", []),
        add("properties/node_type", "x"),
        add("/properties/a b", "x"),
        add("/properties/a~1b", "x"),
        add("/properties/é", "x"),
        add("/properties/", "x"),
        add("/properties/node_type\n", "x"),
        add("", {}),
        add("/", {}),
        {"op": "move", "from": "/name", "path": "/properties/node_type"},
        {"op": "copy", "from": "/properties/ipmi_password", "path": "/properties/node_type"},
        {"op": "test", "path": "/name", "value": "c01"},
        {"op": "add", "path": "/name"},
        {"op": "add", "value": "x"},
        {"path": "/name", "value": "x"},
        {"op": "add", "path": "/name", "value": "x", "extra": 1},
        {"op": "add", "path": 5, "value": "x"},
        {"op": None, "path": "/name", "value": "x"},
        5,
        None,
        [],
    ],
)
def test_refused(owner: Person, node: str, operation: Any) -> None:
    before = owner.show(node)
    found = owner.patch(node, add("/properties/ipmi_username", "new"), operation, code=400)
    assert "hunter2" not in found["error"]
    assert owner.show(node) == before


@pytest.mark.parametrize("body", [{}, "x", 5, {"op": "add", "path": "/name", "value": "x"}])
def test_a_patch_is_a_list(owner: Person, node: str, body: Any) -> None:
    reply = owner("PATCH", f"/v1/hardware/{node}", json=body)
    assert reply.status_code == 400
    assert "Schema error for patch: must be a list" in reply.json["error"]


def test_other_roots_are_named(owner: Person, node: str) -> None:
    found = owner.patch(node, add("/uuid", "x"), code=400)
    assert found["error"] == (
        "Cannot patch /uuid. Only the following can be updated: name, hardware_type, properties, "
        "availability"
    )


def test_a_type_may_become_one_with_more_workers(owner: Person) -> None:
    properties = {"machine_name": "raspberrypi5", "contact_email": "a@b.c"}
    body = {"name": "d", "hardware_type": "device", "properties": properties}
    uuid = owner("POST", "/v1/hardware", body).json["uuid"]
    owner.patch(uuid, add("/hardware_type", "device.balena"), code=400)
    found = owner.patch(
        uuid,
        add("/hardware_type", "device.balena"),
        add("/properties/application_credential_id", "i"),
        add("/properties/application_credential_secret", "s"),
    )
    assert [worker["worker_type"] for worker in found["workers"]] == [
        "balena", "blazar.device", "k8s", "tunelo",
    ]  # fmt: skip
    found = owner.patch(uuid, add("/hardware_type", "device"), code=400)
    assert "delete it, then enrol it again" in found["error"]


@pytest.mark.parametrize("path", ["x", "c01", "123", "%20", "9" * 500])
def test_no_uuid(owner: Person, path: str) -> None:
    for method, rest in (("GET", ""), ("PATCH", ""), ("DELETE", "/"), ("POST", "/sync")):
        reply = owner(method, f"/v1/hardware/{path}{rest}", [] if method == "PATCH" else None)
        assert reply.status_code == 400
        assert reply.json["error"].startswith("Expected UUID for hardware_uuid: ")
    assert owner("GET", f"/v1/hardware/{path}/availability").status_code == 404


def test_uuids_of_nothing(owner: Person, node: str) -> None:
    for uuid in (NOBODYS, node.upper(), node.replace("-", "")):
        for method, rest in (("GET", ""), ("PATCH", ""), ("DELETE", "/"), ("POST", "/sync")):
            reply = owner(method, f"/v1/hardware/{uuid}{rest}", [] if method == "PATCH" else None)
            assert reply.status_code == 404
            assert reply.json == {"error": f"Hardware {uuid} could not be found."}
        assert owner("GET", f"/v1/hardware/{uuid}/availability").status_code == 404
