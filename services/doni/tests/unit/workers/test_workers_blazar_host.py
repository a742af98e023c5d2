"""Hosts: what is asked of Blazar, and how often."""

from __future__ import annotations

import pytest
from blazar_double import BlazarDouble
from doing import UUID, Task, item, window
from doni.workers.blazar.physical_host import PhysicalHostWorker
from doubles import Call

P1, P2 = "a" * 32, "b" * 32


@pytest.fixture
def task(host_worker: PhysicalHostWorker, blazar: BlazarDouble) -> Task:
    blazar.hypervisors[UUID] = []
    return Task(host_worker)


def test_a_new_item_becomes_a_host(task: Task, blazar: BlazarDouble) -> None:
    task.succeeds(item(node_type="compute", su_factor=1.0, placement={"node": "1", "rack": "r2"}))
    assert [str(call) for call in blazar.calls] == ["POST /v1/os-hosts", "GET /v1/leases"]
    assert blazar.calls[0].body == {
        "name": UUID,
        "uid": UUID,
        "node_name": "node1",
        "node_type": "compute",
        "cpu_arch": "x86_64",
        "su_factor": "1.0",
        "placement.node": "1",
        "placement.rack": "r2",
    }
    assert task.details == {
        "blazar_resource_id": "1",
        "resource_created_at": "2026-11-20T10:00:00.000000",
    }


def test_nothing_new_is_two_calls(task: Task, blazar: BlazarDouble) -> None:
    task.succeeds(item())
    blazar.forget()
    # Another process, with no list of its own yet.
    Task(PhysicalHostWorker(task.worker.conf), task.details).succeeds(item())
    assert [call.method for call in blazar.calls] == ["GET", "GET"]


def test_only_what_differs_is_written(task: Task, blazar: BlazarDouble) -> None:
    task.succeeds(item(node_type="compute", su_factor=1.0))
    blazar.hosts["1"]["su_factor"] = "1"
    blazar.forget()
    task.succeeds(item(node_type="storage", su_factor=1.0))
    (put,) = blazar.asked("PUT")
    assert put.body == {"node_type": "storage"}
    assert "resource_updated_at" in task.details


def test_what_is_not_wished_any_more_becomes_empty(task: Task, blazar: BlazarDouble) -> None:
    task.succeeds(item(node_type="compute", placement={"rack": "r2"}))
    task.succeeds(item())
    host = blazar.hosts["1"]
    assert (host["node_type"], host["placement.rack"]) == ("", "")
    blazar.forget()
    task.succeeds(item())
    assert blazar.writes() == []


def test_further_properties_come_and_go(task: Task, blazar: BlazarDouble) -> None:
    task.succeeds(item(extra_properties={"gpu": "A100", "ram_gb": 256, "nvme": True}))
    host = blazar.hosts["1"]
    assert (host["gpu"], host["ram_gb"], host["nvme"]) == ("A100", "256", "true")
    host["by_hand"] = "yes"
    task.succeeds(item(extra_properties={"gpu": "H100"}))
    assert (host["gpu"], host["ram_gb"], host["nvme"]) == ("H100", "", "")
    assert host["by_hand"] == "yes"
    task.succeeds(item())
    assert host["gpu"] == ""
    assert not task.details.get("extra_properties")


def test_further_properties_that_cannot_go_yet_go_later(task: Task, blazar: BlazarDouble) -> None:
    task.succeeds(item(extra_properties={"gpu": "A100"}))
    refused = {"error_message": "Can't add extracapabilities gpu"}
    blazar.faults.append(lambda call: (409, refused) if call.method == "PUT" else None)
    task.defers(item(extra_properties={"ram_gb": 256}))
    blazar.faults.clear()
    task.succeeds(item(extra_properties={"ram_gb": 256}))
    assert (blazar.hosts["1"]["gpu"], blazar.hosts["1"]["ram_gb"]) == ("", "256")
    assert task.details["extra_properties"] == ["ram_gb"]


def test_further_properties_cannot_stand_for_others(task: Task, blazar: BlazarDouble) -> None:
    bad = {"name": "other", "id": "7", "uid": "x", "trust_id": "t", "vcpus": 99, "good": "1"}
    task.succeeds(item(extra_properties=bad))
    (post,) = blazar.asked("POST", "os-hosts")
    assert post.body["name"] == post.body["uid"] == UUID
    assert post.body.keys() == {"name", "uid", "node_name", "cpu_arch", "good"}


def test_authorized_projects(task: Task, blazar: BlazarDouble) -> None:
    blazar.projects = {"chem": [P1], "twice": [P1, P2]}
    task.succeeds(item())
    blazar.forget()
    names = ["chem", P2, "nobody", "twice"]
    task.succeeds(item(authorized_projects=names, authorized_projects_reason="paid for"))
    host = blazar.hosts["1"]
    assert host["authorized_projects"] == f"{P1},{P2}"
    assert host["restricted_reason"] == "paid for"
    assert len(blazar.asked("projects")) == 3
    blazar.forget()
    host["authorized_projects"] = f"{P2},{P1}"
    task.succeeds(item(authorized_projects=["chem", P2], authorized_projects_reason="paid for"))
    assert blazar.writes() == [], "the order does not matter"
    assert not blazar.asked("projects"), "names are remembered"


@pytest.mark.parametrize("cleared", [None, []])
def test_a_restriction_that_ends(
    task: Task, blazar: BlazarDouble, cleared: list[str] | None
) -> None:
    task.succeeds(item(authorized_projects=[P1], authorized_projects_reason="paid for"))
    task.succeeds(item(authorized_projects=cleared))
    host = blazar.hosts["1"]
    assert (host["authorized_projects"], host["restricted_reason"]) == ("all", "")
    blazar.forget()
    task.succeeds(item(authorized_projects=cleared))
    assert blazar.writes() == []


def test_unknown_projects_let_nobody_in_instead_of_everybody(
    task: Task, blazar: BlazarDouble
) -> None:
    task.succeeds(item(authorized_projects=["nobody"]))
    assert blazar.hosts["1"]["authorized_projects"] == ""
    blazar.forget()
    task.succeeds(item(authorized_projects=["nobody"]))
    assert blazar.writes() == []
    task.succeeds(item())
    assert blazar.hosts["1"]["authorized_projects"] == "all"


def test_a_node_that_nova_does_not_know_yet(task: Task, blazar: BlazarDouble) -> None:
    del blazar.hypervisors[UUID]
    assert "underlying entity could not be found" in task.defers(item())
    blazar.hypervisors[UUID] = []
    task.succeeds(item())


def test_a_host_that_a_dead_worker_made_is_adopted_in_two_calls(
    task: Task, blazar: BlazarDouble
) -> None:
    Task(task.worker).succeeds(item())
    blazar.forget()
    task.defers(item())
    assert [str(call) for call in blazar.calls] == ["POST /v1/os-hosts", "GET /v1/os-hosts"]
    assert task.details["blazar_resource_id"] == "1"
    task.succeeds(item())
    assert len(blazar.hosts) == 1


def test_a_node_with_servers_is_not_taken_for_a_host(task: Task, blazar: BlazarDouble) -> None:
    blazar.hypervisors[UUID] = ["server-1"]
    assert "server-1" in task.defers(item())
    assert len(blazar.calls) == 1
    assert "blazar_resource_id" not in task.details


def test_a_conflict_without_a_host_is_an_error(task: Task, blazar: BlazarDouble) -> None:
    conflict = "Conflict while adding host ironic1 to aggregate freepool"
    blazar.faults.append(
        lambda call: (409, {"error_message": conflict}) if call.method == "POST" else None
    )
    assert conflict in task.fails(item())


def test_a_host_that_is_gone_is_made_anew(task: Task, blazar: BlazarDouble) -> None:
    task.succeeds(item())
    blazar.hosts.clear()
    assert "any more" in task.defers(item())
    assert "blazar_resource_id" not in task.details
    task.succeeds(item())
    assert len(blazar.hosts) == 1


def test_a_host_that_goes_before_it_is_changed_is_made_anew(
    task: Task, blazar: BlazarDouble
) -> None:
    task.succeeds(item())

    def gone(call: Call) -> None:
        if call.method == "PUT":
            blazar.hosts.clear()

    blazar.faults.append(gone)
    assert "any more" in task.defers(item(node_type="compute"))
    assert "blazar_resource_id" not in task.details
    task.succeeds(item(node_type="compute"))
    assert len(blazar.hosts) == 1


def test_what_a_reservation_asks_for_waits_but_windows_do_not(
    task: Task, blazar: BlazarDouble
) -> None:
    task.succeeds(item(node_type="compute"))
    reservation = {
        "resource_type": "physical:host",
        "resource_properties": '["==","$node_type","compute"]',
    }
    times = {"start_date": "2099-01-01 10:00", "end_date": "2099-01-02 10:00"}
    lease = blazar.book({"name": "u", **times, "reservations": [reservation]}, "p7")
    reason = task.defers(item(node_type="storage"), window(1, 2))
    assert reason.startswith("Active leases exist for resource: Can't add extracapabilities")
    assert len(blazar.leases) == 2
    del blazar.leases[lease["id"]]
    task.succeeds(item(node_type="storage"), *[])
    assert blazar.hosts["1"]["node_type"] == "storage"


def test_deletion(task: Task, blazar: BlazarDouble) -> None:
    task.succeeds(item(), window(1, 2), window(-1, 1))
    blazar.forget()
    task.succeeds(item(deleted=True))
    assert (blazar.hosts, blazar.leases) == ({}, {})
    assert [write.split("/")[2] for write in blazar.writes()] == ["leases", "leases", "os-hosts"]
    assert task.details["blazar_resource_id"] is None
    assert isinstance(task.details["resource_deleted_at"], str)
    blazar.forget()
    task.succeeds(item(deleted=True))
    assert blazar.writes() == []


def test_deletion_of_what_is_gone(task: Task, blazar: BlazarDouble) -> None:
    task.succeeds(item())
    blazar.hosts.clear()
    task.succeeds(item(deleted=True))


def test_deletion_of_what_a_dead_worker_made(task: Task, blazar: BlazarDouble) -> None:
    Task(task.worker).succeeds(item(), window(1, 2))
    task.succeeds(item(deleted=True))
    assert (blazar.hosts, blazar.leases) == ({}, {})


def test_deletion_waits_for_users(task: Task, blazar: BlazarDouble) -> None:
    task.succeeds(item())
    reservation = {
        "resource_type": "physical:host",
        "resource_properties": f'["==","$uid","{UUID}"]',
    }
    times = {"start_date": "now", "end_date": "2099-01-02 10:00"}
    lease = blazar.book({"name": "mine", **times, "reservations": [reservation]}, "p7")
    other = Task(PhysicalHostWorker(task.worker.conf), task.details)
    reason = other.defers(item(deleted=True))
    assert "The host is reserved" in reason
    assert f"lease {lease['id']} of project p7 has it until 2099-01-02 10:00 UTC" in reason
    assert lease["id"] in blazar.leases
    del blazar.leases[lease["id"]]
    other.succeeds(item(deleted=True))


def test_import(task: Task, blazar: BlazarDouble) -> None:
    properties = {
        "node_type": "compute",
        "cpu_arch": "x86_64",
        "su_factor": 2.5,
        "placement": {"rack": "r2"},
        "authorized_projects": [P1],
    }
    task.succeeds(item(**properties))
    blazar.hosts["8"] = {"id": "8", "hypervisor_hostname": UUID.replace("0b2e", "0b2f")}
    blazar.hosts["9"] = {"id": "9", "hypervisor_hostname": "kvm1.example.org"}
    worker = task.worker
    assert isinstance(worker, PhysicalHostWorker)
    found, nameless = worker.import_existing()
    assert nameless["name"] is None
    assert found == {
        "uuid": UUID,
        "name": "node1",
        "properties": properties,
        "state_details": {
            "blazar_resource_id": "1",
            "resource_created_at": "2026-11-20T10:00:00.000000",
        },
    }
