"""Windows: when which leases are made, moved and deleted."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from blazar_double import STORED, BlazarDouble
from doing import UUID, Task, item, window
from doni.workers.base import Window
from doni.workers.blazar.physical_host import PhysicalHostWorker

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def task(host_worker: PhysicalHostWorker, blazar: BlazarDouble) -> Task:
    blazar.hypervisors[UUID] = []
    found = Task(host_worker)
    found.succeeds(item())
    blazar.forget()
    return found


def moved(window: Window, start: float = 0, end: float = 0) -> Window:
    return Window(window.uuid, window.start + start * HOUR, window.end + end * HOUR)


def span(lease: dict[str, Any]) -> tuple[str, str]:
    return lease["start_date"], lease["end_date"]


def stored(window: Window) -> tuple[str, str]:
    def text(moment: datetime.datetime) -> str:
        return moment.replace(second=0, microsecond=0).strftime(STORED)

    return text(window.start), text(window.end)


def only(blazar: BlazarDouble) -> dict[str, Any]:
    (lease,) = blazar.leases.values()
    return lease


def book(blazar: BlazarDouble, start: str, end: str, name: str, project: str) -> dict[str, Any]:
    reservation = {
        "resource_type": "physical:host",
        "resource_properties": f'["==","$uid","{UUID}"]',
    }
    times = {"start_date": start, "end_date": end}
    return blazar.book({"name": name, **times, "reservations": [reservation]}, project)


def text(hours: float) -> str:
    now = datetime.datetime.now(datetime.UTC)
    return (now + hours * HOUR).strftime("%Y-%m-%d %H:%M")


def test_a_window_becomes_a_lease(task: Task, blazar: BlazarDouble) -> None:
    w = window(1, 3)
    task.succeeds(item(), w)
    lease = only(blazar)
    assert span(lease) == stored(w)
    assert lease["name"] == f"availability_window_{w.uuid}"
    (post,) = blazar.asked("POST")
    assert post.body["reservations"] == [
        {
            "resource_type": "physical:host",
            "min": 1,
            "max": 1,
            "hypervisor_properties": None,
            "resource_properties": f'["==", "$uid", "{UUID}"]',
        }
    ]
    assert isinstance(post.body["start_date"], str)


def test_the_same_window_again_is_no_write(task: Task, blazar: BlazarDouble) -> None:
    w = window(1, 3)
    task.succeeds(item(), w)
    blazar.forget()
    task.succeeds(item(), w)
    assert [str(call) for call in blazar.calls] == ["GET /v1/os-hosts/1", "GET /v1/leases"]


def test_counts_with_a_stale_host(task: Task, blazar: BlazarDouble) -> None:
    w, v = window(1, 3), window(5, 6)

    def count(*windows: Window, **changes: Any) -> int:
        blazar.forget()
        Task(PhysicalHostWorker(task.worker.conf), dict(task.details)).succeeds(
            item(**changes), *windows
        )
        return len(blazar.calls)

    assert count(node_type="a") == 3
    assert count(w, node_type="b") == 4
    assert count(w, node_type="c") == 3
    assert count(moved(w, end=1), node_type="d") == 4
    assert count(node_type="e") == 4
    book(blazar, text(1), text(2), "mine", "p7")
    assert count(node_type="f") == 3
    assert count(v, authorized_projects=["a" * 32], node_type="f") == 4


def test_a_moved_window(task: Task, blazar: BlazarDouble) -> None:
    w = window(1, 3)
    task.succeeds(item(), w)
    blazar.forget()
    task.succeeds(item(), moved(w, 2, 2))
    assert span(only(blazar)) == stored(moved(w, 2, 2))
    (put,) = blazar.asked("PUT")
    assert put.body.keys() == {"name", "start_date", "end_date"}


def test_a_window_that_has_begun_begins_now(task: Task, blazar: BlazarDouble) -> None:
    w = window(-2, 3)
    task.succeeds(item(), w)
    assert blazar.asked("POST")[0].body["start_date"] == "now"
    blazar.forget()
    task.succeeds(item(), w)
    task.succeeds(item(), moved(w, -1))
    assert blazar.writes() == [], "its lease began when it could"
    task.succeeds(item(), moved(w, 0, 1))
    assert blazar.asked("PUT")[0].body.keys() == {"name", "end_date"}
    assert span(only(blazar))[1] == stored(moved(w, 0, 1))[1]


def test_a_window_that_is_moved_into_the_past_begins_now(task: Task, blazar: BlazarDouble) -> None:
    w = window(1, 3)
    task.succeeds(item(), w)
    task.succeeds(item(), moved(w, -2))
    assert blazar.asked("PUT")[0].body["start_date"] == "now"


def test_a_begun_window_that_shall_begin_later_is_made_anew(
    task: Task, blazar: BlazarDouble
) -> None:
    w = window(-1, 3)
    task.succeeds(item(), w)
    for lease in blazar.leases.values():
        lease["start_date"] = stored(w)[0]
    # A list of its own, as another process has it.
    later = Task(PhysicalHostWorker(task.worker.conf), task.details)
    blazar.forget()
    later.succeeds(item(), moved(w, 2))
    assert [write.split()[0] for write in blazar.writes()] == ["DELETE", "POST"]
    assert span(only(blazar)) == stored(moved(w, 2))


def test_windows_that_are_over_are_skipped(task: Task, blazar: BlazarDouble) -> None:
    task.succeeds(item(), window(-3, -1))
    assert blazar.leases == {}


def test_a_lease_that_is_over_stays_with_its_window_and_goes_with_it(
    task: Task, blazar: BlazarDouble
) -> None:
    w = window(-3, 1)
    task.succeeds(item(), w)
    lease = only(blazar)
    over = moved(w, 0, -2)
    lease.update(end_date=stored(over)[1], start_date=stored(over)[0], status="TERMINATED")
    other = Task(PhysicalHostWorker(task.worker.conf), task.details)
    blazar.forget()
    other.succeeds(item(), over)
    assert blazar.writes() == []
    other.succeeds(item())
    assert blazar.leases == {}


def test_a_window_that_is_cut_short_to_the_past_ends_its_lease(
    task: Task, blazar: BlazarDouble
) -> None:
    w = window(-3, 2)
    task.succeeds(item(), w)
    task.succeeds(item(), moved(w, 0, -3))
    assert blazar.leases == {}


def test_a_window_that_is_prolonged_after_it_was_over(task: Task, blazar: BlazarDouble) -> None:
    w = window(-3, 1)
    task.succeeds(item(), w)
    over = moved(w, 0, -2)
    only(blazar).update(start_date=stored(over)[0], end_date=stored(over)[1], status="TERMINATED")
    other = Task(PhysicalHostWorker(task.worker.conf), task.details)
    other.succeeds(item(), w)
    assert span(only(blazar))[1] == stored(w)[1]


def test_no_time_at_all_is_no_lease(task: Task, blazar: BlazarDouble) -> None:
    w = window(1, 1)
    task.succeeds(item(), w, moved(window(5, 5), 0, 0.001))
    assert blazar.leases == {}


def test_windows_that_overlap_share_a_lease(task: Task, blazar: BlazarDouble) -> None:
    a, b, c = window(1, 3), window(2, 5), window(4, 4.5)
    task.succeeds(item(), a, b, c)
    assert span(only(blazar)) == (stored(a)[0], stored(b)[1])
    blazar.forget()
    task.succeeds(item(), c, b, a)
    assert blazar.writes() == []
    task.succeeds(item(), a, moved(b, 2, 2))
    assert sorted(map(span, blazar.leases.values())) == [stored(a), stored(moved(b, 2, 2))]


def test_windows_that_touch_have_a_lease_each(task: Task, blazar: BlazarDouble) -> None:
    a = window(1, 3)
    b = Window("0" * 8 + UUID[8:], a.end, a.end + HOUR)
    task.succeeds(item(), a, b)
    assert len(blazar.leases) == 2


def test_room_is_made_before_it_is_needed(task: Task, blazar: BlazarDouble) -> None:
    a, b, c = window(1, 3), window(3, 5), window(5, 7)
    task.succeeds(item(), a, b, c)
    task.succeeds(item(), moved(a, 0, -1), moved(b, -1), moved(c, 0, 1))
    assert len(blazar.leases) == 3
    # All by as much as they are long, in both directions: each needs the place of the next.
    task.succeeds(item(), moved(a, 2, 2), moved(b, 2, 2), moved(c, 2, 2))
    task.succeeds(item(), a, b, c)
    task.succeeds(item(), window(1, 3), window(3, 7))
    assert len(blazar.leases) == 2


def test_a_user_in_the_way_defers_and_is_named(task: Task, blazar: BlazarDouble) -> None:
    lease = book(blazar, text(2), text(4), "experiment", "p7")
    free, w = window(10, 11), window(1, 3)
    reason = task.defers(item(), w, free)
    assert "One or more availability window leases failed to update" in reason
    assert f"window {w.start:%Y-%m-%d %H:%M} - {w.end:%Y-%m-%d %H:%M} UTC" in reason
    assert f"Not enough hosts available; lease {lease['id']} of project p7" in reason
    assert len(blazar.leases) == 2, "the other window has its lease"
    del blazar.leases[lease["id"]]
    task.succeeds(item(), w, free)
    assert len(blazar.leases) == 2


def test_many_refusals_are_told_briefly(task: Task, blazar: BlazarDouble) -> None:
    book(blazar, text(0.5), text(400), "experiment", "p7")
    reason = task.defers(item(), *(window(2 * n + 1, 2 * n + 2) for n in range(50)))
    assert "and 45 more" in reason
    assert len(reason) < 2000
    assert len(blazar.asked("allocation")) == 1


def test_a_host_that_cannot_be_reserved_defers(task: Task, blazar: BlazarDouble) -> None:
    blazar.hosts["1"]["reservable"] = False
    assert task.defers(item(), window(1, 2)).endswith("Not enough hosts available")


@pytest.mark.parametrize(
    ("status", "words"), [(404, "Resource not found"), (409, "Conflicts with existing lease")]
)
def test_refusals_by_status(task: Task, blazar: BlazarDouble, status: int, words: str) -> None:
    blazar.faults.append(
        lambda call: (status, {"error_message": "no"}) if call.method == "POST" else None
    )
    assert words in task.defers(item(), window(1, 2))


def test_other_errors_are_errors(task: Task, blazar: BlazarDouble) -> None:
    blazar.faults.append(
        lambda call: (403, {"error_message": "Policy"}) if call.method == "POST" else None
    )
    assert task.fails(item(), window(1, 2)) == "Blazar responded with HTTP 403: Policy"
    blazar.faults[0] = lambda call: (
        (500, {"error_message": "Internal Server Error"}) if call.method == "POST" else None
    )
    assert "HTTP 500" in task.fails(item(), window(1, 2))


def test_a_lease_in_transition_only_needs_time(task: Task, blazar: BlazarDouble) -> None:
    w = window(1, 2)
    task.succeeds(item(), w)
    only(blazar)["status"] = "STARTING"
    assert "Invalid lease status" in task.defers(item(), moved(w, 0, 1))
    only(blazar)["status"] = "DELETING"
    assert "cannot be deleted yet" in task.defers(item())
    assert "cannot be deleted yet" in task.defers(item(deleted=True))
    assert blazar.hosts


def test_a_clock_that_is_behind(task: Task, blazar: BlazarDouble) -> None:
    blazar.ahead = datetime.timedelta(minutes=10)
    task.succeeds(item(), window(0.05, 2))
    assert [call.body["start_date"] == "now" for call in blazar.asked("POST")] == [False, True]


def test_a_lease_that_a_dead_worker_made_is_adopted(task: Task, blazar: BlazarDouble) -> None:
    w = window(1, 3)
    before = dict(task.details)
    task.succeeds(item(), w)
    for worker in (task.worker, PhysicalHostWorker(task.worker.conf)):
        Task(worker, dict(before)).succeeds(item(), w)
    assert len(blazar.leases) == 1


def test_an_old_list_does_not_double_a_lease(task: Task, blazar: BlazarDouble) -> None:
    other = Task(PhysicalHostWorker(task.worker.conf), task.details)
    other.succeeds(item())
    w = window(1, 3)
    task.succeeds(item(), w)
    # The other process got its list before; the recorded time tells that it does not do.
    other.succeeds(item(), moved(w, 5, 5))
    assert span(only(blazar)) == stored(moved(w, 5, 5))


def test_even_unrecorded_a_lease_is_not_doubled(task: Task, blazar: BlazarDouble) -> None:
    conf = task.worker.conf
    before = dict(task.details)
    other = Task(PhysicalHostWorker(conf), dict(before))
    other.succeeds(item())
    w = window(1, 3)
    task.succeeds(item(), w)
    # As if the first process had died before it could record anything.
    assert "Not enough hosts" in other.defers(item(), w)
    assert len(blazar.leases) == 1


def test_leases_of_users_are_never_touched(task: Task, blazar: BlazarDouble) -> None:
    conf = task.worker.conf
    w = window(1, 3)
    plain = book(blazar, text(5), text(6), "experiment", "p7")
    Task(PhysicalHostWorker(conf), dict(task.details)).succeeds(item(), w)
    assert plain["id"] in blazar.leases
    other_host = book(blazar, text(20), text(21), f"availability_window_{w.uuid}", "service")
    other_host["reservations"][0]["resource_properties"] = '["==","$uid","someone"]'
    Task(PhysicalHostWorker(conf), dict(task.details)).succeeds(item())
    assert sorted(blazar.leases) == sorted([plain["id"], other_host["id"]])


def test_a_user_cannot_pass_a_lease_off_as_donis(
    task: Task, blazar: BlazarDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = PhysicalHostWorker(task.worker.conf)
    monkeypatch.setattr(worker._client, "project_id", lambda: "service")
    w = window(1, 3)
    mine = book(blazar, text(1), text(3), f"availability_window_{w.uuid}", "p7")
    reason = Task(worker, dict(task.details)).defers(item(), w)
    assert f"lease {mine['id']} of project p7" in reason
    assert mine["id"] in blazar.leases


def test_a_storm_shares_one_list(host_worker: PhysicalHostWorker, blazar: BlazarDouble) -> None:
    uuids = [f"{n:08x}{UUID[8:]}" for n in range(50)]
    blazar.hypervisors.update((uuid, []) for uuid in uuids)
    tasks = {uuid: Task(host_worker) for uuid in uuids}
    for uuid, task in tasks.items():
        task.succeeds(item(uuid=uuid, name=uuid), window(1, 2), window(3, 4))
    assert len(blazar.leases) == 100
    assert len(blazar.asked("GET", "leases")) == 1
