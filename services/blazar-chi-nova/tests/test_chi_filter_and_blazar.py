"""The filter and a real Blazar: ten nodes, five of them lent, and leases of two projects."""

from __future__ import annotations

import datetime
import itertools
import json
import pathlib
import time
import urllib.request
import uuid
from typing import Any

import pytest
import scheduling
from scheduling import Scheduler, host, request

DATE = "%Y-%m-%d %H:%M"
NOW, HOUR, DAY = (datetime.timedelta(hours=hours) for hours in (0, 1, 24))
UNKNOWN = str(uuid.uuid4())


def _ask(real: dict[str, Any], path: str, who: str, body: Any = None, method: str = "") -> Any:
    asked = urllib.request.Request(
        f"{real['blazar']}/v1{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "X-Auth-Token": who,
            "Accept": "application/json",
            "Content-Type": "application/json",
        },
        method=method or ("GET" if body is None else "POST"),
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return json.loads(answer.read() or b"{}")


def _lease(real: dict[str, Any], who: str, number: int, start: datetime.timedelta = NOW) -> str:
    """The id of a reservation of so many nodes, for an hour."""
    begin = datetime.datetime.now(datetime.UTC) + start
    wanted = {
        "resource_type": "physical:host",
        "min": number,
        "max": number,
        "hypervisor_properties": "",
        "resource_properties": "",
    }
    body = {
        "name": who,
        "start_date": begin.strftime(DATE) if start else "now",
        "end_date": (begin + HOUR).strftime(DATE),
        "reservations": [wanted],
        "events": [],
    }
    lease = _ask(real, "/leases", who, body)["lease"]
    if not start:
        _wait_for(real, who, lease["id"], "ACTIVE")
    key: str = lease["reservations"][0]["id"]
    return key


def _wait_for(real: dict[str, Any], who: str, lease_id: str, status: str) -> None:
    deadline = time.monotonic() + 30
    while (lease := _ask(real, f"/leases/{lease_id}", who)["lease"])["status"] != status:
        assert time.monotonic() < deadline, lease
        time.sleep(0.1)


def _nodes(real: dict[str, Any], reservation: str) -> set[str]:
    path = f"/os-hosts/reservable?reservation_id={reservation}"
    return set(_ask(real, path, "admin")["reservable"]["reservations"][reservation]["nodes"])


@pytest.fixture(scope="module")
def reservations(real: dict[str, Any]) -> dict[str, str]:
    """Two nodes each for p1 and p2 now, and one of p1 tomorrow."""
    found = {who: _lease(real, who, 2) for who in ("p1", "p2")}
    return {**found, "tomorrow": _lease(real, "p1", 1, start=DAY)}


@pytest.fixture
def nova(real: dict[str, Any], tmp_path: pathlib.Path) -> Scheduler:
    scheduling.configure(tmp_path / "nova.conf", f"{real['keystone']}/identity")
    return Scheduler()


HINTS = ["none", "p1", "p2", "tomorrow", "unknown", "malformed", "p1+p2", "p2+tomorrow"]


@pytest.mark.parametrize(
    ("project", "hint"), list(itertools.product(["p1", "p2", "p3", "admin"], HINTS))
)
def test_servers_land_on_nodes_of_their_own_active_reservation_or_on_unlent_ones(
    real: dict[str, Any],
    reservations: dict[str, str],
    nova: Scheduler,
    project: str,
    hint: str,
) -> None:
    ids = {**reservations, "unknown": UNKNOWN, "malformed": "lease-1"}
    named = [] if hint == "none" else hint.split("+")
    hints = {"reservation": [ids[name] for name in named]} if named else {}
    expected = set().union(
        *(_nodes(real, reservations[name]) for name in named if name == project),
    )
    if not named:
        expected = set(real["nodes"][5:])
    found = nova.choose([host(node) for node in real["nodes"]], request(project, hints))
    assert found == expected
    if hint == project:
        assert len(found) == 2


def test_nodes_of_the_two_leases_are_different_and_lent_ones(
    real: dict[str, Any], reservations: dict[str, str]
) -> None:
    one, other = (_nodes(real, reservations[who]) for who in ("p1", "p2"))
    assert not one & other
    assert one | other < set(real["nodes"][:5])


def test_a_lease_that_ended_gives_no_node(
    real: dict[str, Any], reservations: dict[str, str], nova: Scheduler
) -> None:
    key = _lease(real, "p3", 1)
    spec = request("p3", {"reservation": key})
    hosts = [host(node) for node in real["nodes"]]
    assert len(nova.choose(hosts, spec)) == 1
    (lease,) = [
        lease
        for lease in _ask(real, "/leases", "p3")["leases"]
        if lease["reservations"][0]["id"] == key
    ]
    _ask(real, f"/leases/{lease['id']}", "p3", {"end_date": "now"}, method="PUT")
    _wait_for(real, "p3", lease["id"], "TERMINATED")
    assert nova.choose(hosts, spec) == set()
    assert nova.choose(hosts, request("p3")) == set(real["nodes"][5:])
