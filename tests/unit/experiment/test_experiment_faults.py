"""What goes wrong is named, early, and nothing is left of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from smallcloud import SmallCloud, refusal
from trials import BACK, FORWARD, Trying, by_name

from cc_ansible.verify.result import Status

FAULT = {"code": 500, "message": "Build was aborted", "details": "Traceback\n  the last line"}
MANY = 60
"""Seconds that a definitive failure may be waited for at most."""


def refuse(method: str, ending: str, status: int = 500) -> Callable[[SmallCloud], None]:
    def fault(cloud: SmallCloud) -> None:
        def before(verb: str, path: str) -> Any:
            hit = verb == method and path.rstrip("/").endswith(ending)
            return refusal("broken on purpose", status) if hit else None

        cloud.before = before

    return fault


def be(**how: Any) -> Callable[[SmallCloud], None]:
    def fault(cloud: SmallCloud) -> None:
        if how.get("strays"):
            cloud.real("c01")
        for key, value in how.items():
            setattr(cloud, key, value)

    return fault


REFUSALS = [
    ("what users start from", refuse("GET", "/flavors/detail")),
    ("item enrolled", refuse("POST", "/hardware")),
    ("window open", refuse("PATCH", "", 403)),
    ("node available in Ironic", refuse("GET", "/nodes/items-1", 403)),
    ("node known to Nova", refuse("GET", "/inventories", 403)),
    ("host in Blazar", refuse("GET", "/os-hosts", 403)),
    ("a user's project", refuse("POST", "/users")),
    ("a user's project", refuse("PUT", "/r-member")),
    ("no server without a reservation", refuse("POST", "/servers")),
    ("lease active", refuse("POST", "/leases")),
    ("tenant network on a VLAN", refuse("POST", "/networks")),
    ("tenant network on a VLAN", refuse("POST", "/subnets")),
    ("tenant network on a VLAN", refuse("PUT", "/add_router_interface")),
    ("floating IP", refuse("POST", "/floatingips")),
]
STATES = [
    ("node available in Ironic", be(doni_error="no power", node_state="enroll"), "no power"),
    ("host in Blazar", be(doni_error="no such project"), "no such project"),
    ("no server without a reservation", be(asks_blazar=False), "does not ask Blazar"),
    ("lease active", be(lease_status="ERROR"), "could not start the lease"),
    ("tenant network on a VLAN", be(network_type="vxlan"), "does not make VLAN networks"),
    ("server on the leased node", be(strays=True), "does not keep to reservations"),
    ("server active", be(server_fault=FAULT), "Build was aborted"),
    ("server active", be(deploy_error="no image"), "no image"),
    ("switch port set", be(vif_type="binding_failed"), "No mechanism driver"),
    ("floating IP", be(ip_status="ERROR"), "L3 agent"),
]


@pytest.mark.parametrize(("step", "fault"), REFUSALS)
def test_a_refusal_is_shown_and_nothing_is_left(
    trying: Trying, step: str, fault: Callable[[SmallCloud], None]
) -> None:
    fault(trying.cloud)
    results = by_name(trying())
    failed = [name for name, result in results.items() if result.failed]
    assert failed[0] == step and set(failed[1:]) <= set(BACK)
    assert "broken on purpose" in results[step].detail
    trying.cloud.before = lambda method, path: None
    later = FORWARD[FORWARD.index(step) + 1 :]
    if step != "floating IP":
        assert {results[name].status for name in later} == {Status.SKIPPED}
    if set(failed) <= set(FORWARD):
        assert trying.cloud.left() == {}


@pytest.mark.parametrize(("step", "fault", "cause"), STATES)
def test_a_definitive_failure_is_not_waited_for(
    trying: Trying, step: str, fault: Callable[[SmallCloud], None], cause: str
) -> None:
    fault(trying.cloud)
    before = trying.cloud.left()
    results = by_name(trying())
    assert next(name for name, result in results.items() if result.failed) == step
    found = results[step]
    assert cause in found.cause and found.fix and found.runbook
    assert found.seconds <= MANY
    assert trying.cloud.left() == before


def test_the_fault_of_a_server_comes_with_its_last_lines(trying: Trying) -> None:
    trying.cloud.server_fault = FAULT
    found = by_name(trying())["server active"]
    assert found.detail == "the server is ERROR"
    assert found.log[-1].strip() == "the last line"


@pytest.mark.parametrize(("times", "left"), [(2, False), (3, True)])
def test_a_server_that_nova_forgets_to_delete_is_asked_for_again(
    trying: Trying, times: int, left: bool
) -> None:
    trying.cloud.server_fault = FAULT
    trying.cloud.forgets = times
    assert by_name(trying())["server deleted"].failed is left


def test_ironic_remembers_why_when_nova_does_not_know(trying: Trying) -> None:
    trying.cloud.server_fault = {"message": "Exhausted all hosts available"}
    trying.cloud.new_mishap = "The supplied image checksum is invalid or does not match."
    found = by_name(trying())["server active"]
    assert "it was damaged" in found.cause
    assert trying.cloud.new_mishap in found.log[0]
    assert "fan" not in "".join(found.log)


def test_a_switch_that_does_not_follow_is_seen(trying: Trying) -> None:
    trying.cloud.switch_works = False
    results = by_name(trying())
    found = results["switch port set"]
    assert found.failed and "tor p24 is on VLAN 1, the network on VLAN 202" in found.detail
    assert "genericswitch" in found.fix
    # Floating IPs and consoles do not need it.
    assert results["floating IP"].status is Status.PASSED
    assert trying.cloud.left() == {}


def test_time_that_is_over_is_said(trying: Trying) -> None:
    trying.cloud.ip_status = "DOWN"
    found = by_name(trying(limit=30))["floating IP"]
    assert found.cause == "The time for the experiment is over."
    assert trying.cloud.left() == {}


def test_everything_is_kept_when_asked_for(trying: Trying) -> None:
    trying.cloud.lease_status = "ERROR"
    results = by_name(trying(keep=True))
    assert {"leases", "projects", "users", "items", "nodes"} <= set(trying.cloud.left())
    assert {results[name].status for name in ("lease ended", "item removed")} == {Status.SKIPPED}
    assert next(iter(trying.cloud.things["projects"].values()))["name"] in (
        results["lease ended"].detail
    )


def test_nothing_is_kept_of_what_worked(trying: Trying) -> None:
    assert not any(result.failed for result in trying(keep=True))
    assert trying.cloud.left() == {}


def test_what_cannot_be_removed_stops_nothing_else(trying: Trying) -> None:
    def before(method: str, path: str) -> Any:
        hit = method == "DELETE" and "/servers/" in path
        server = trying.cloud.things["servers"].get(path.rpartition("/")[2], {})
        return refusal("no", 403) if hit and not str(server["name"]).endswith("-alone") else None

    trying.cloud.before = before
    results = by_name(trying(limit=120))
    assert results["server deleted"].failed and results["node back in the pool"].failed
    assert not results["lease ended"].failed
    assert {"leases", "users", "projects"}.isdisjoint(trying.cloud.left())


def test_the_project_stays_as_long_as_its_lease(trying: Trying) -> None:
    def before(method: str, path: str) -> Any:
        hit = method == "DELETE" and "/leases/" in path
        return refusal("Invalid lease status", 500) if hit else None

    trying.cloud.before = before
    results = by_name(trying())
    assert "Invalid lease status" in results["lease ended"].detail
    assert "lease delete" in results["project removed"].fix
    assert {"leases", "users", "projects"} <= set(trying.cloud.left())
