"""Requests at once, and what they leave, in the database that sites have."""

from __future__ import annotations

import datetime
from typing import Any

import eventlet
import pytest
from blazar.manager import service as manager_service
from blazar_chi import allotment
from blazar_chi.networks import segments
from site_of_blazar import Refused, Site, network, nodes, uid

pytestmark = pytest.mark.mariadb
DAY = datetime.timedelta(days=1)
VLAN = {"network_type": "vlan", "physical_network": "physnet1"}
PEOPLE = [f"p{number}" for number in range(8)]


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody looks before anybody takes, unless they wait for each other."""
    look = allotment.free

    def look_for_long(*args: Any, **kwargs: Any) -> list[str]:
        found = look(*args, **kwargs)
        eventlet.sleep(0.2)
        return found

    monkeypatch.setattr(allotment, "free", look_for_long)


def _all_at_once(site: Site, wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """The leases of those who got one."""

    def ask(who: str) -> dict[str, Any] | None:
        try:
            return site.lease(dict(wanted), who=who, start=DAY)
        except Refused as refusal:
            assert "Not enough" in str(refusal)
            return None

    threads = [eventlet.spawn(ask, who) for who in PEOPLE]
    return [lease for thread in threads if (lease := thread.wait())]


def test_of_many_who_want_a_node_at_once_one_gets_it(site: Site, slow: None) -> None:
    name = site.cloud.compute.node()
    site.host(name, uid=name)
    (lease,) = _all_at_once(site, nodes(1, uid(name)))
    assert site.standing(lease)["nodes"] == [name]


def test_of_many_who_want_a_segment_at_once_as_many_get_one_as_there_are(
    site: Site, slow: None
) -> None:
    for number in (300, 301, 302):
        site.ask("POST", "/networks", {**VLAN, "segment_id": number})
    assert len(_all_at_once(site, network())) == 3
    allocations = site.ask("GET", "/networks/allocations")["allocations"]
    assert [len(each["reservations"]) for each in allocations] == [1, 1, 1]


def test_a_whole_lease_comes_and_goes_without_a_trace(site: Site) -> None:
    name = site.cloud.compute.node()
    site.host(name, uid=name, authorized_projects="p1")
    site.ask("POST", "/networks", {**VLAN, "segment_id": 300, "rack": "7"})
    for _ in range(2):
        lease = site.lease(nodes(1), network("x", ["==", "$rack", "7"]))
        assert lease["status"] == "ACTIVE"
        assert site.standing(lease)["nodes"] == [name]
        site.cloud.compute.server(name)
        site.ask("DELETE", f"/leases/{lease['id']}", who="p1")
    assert site.ask("GET", "/leases")["leases"] == []
    assert site.cloud.compute.servers == {}
    assert site.cloud.network.kinds["networks"] == {}
    for route in ("/os-hosts/allocations", "/networks/allocations"):
        assert [each["reservations"] for each in site.ask("GET", route)["allocations"]] == [[]]
    (segment,) = site.ask("GET", "/networks")["networks"]
    site.ask("DELETE", f"/networks/{segment['id']}")


@pytest.mark.parametrize("wanted", [nodes(1), network("x")], ids=["node", "network"])
def test_while_a_lease_is_prolonged_nobody_takes_what_it_gets(
    site: Site, wanted: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    site.host(site.cloud.compute.node())
    site.ask("POST", "/networks", {**VLAN, "segment_id": 300})
    lease = site.lease(wanted, start=DAY)
    # All reservations fit, and the dates of the lease are still the old ones.
    late = manager_service.ManagerService._update_before_end_event

    def later(*args: Any) -> None:
        eventlet.sleep(1)
        late(*args)

    monkeypatch.setattr(manager_service.ManagerService, "_update_before_end_event", later)
    end = datetime.datetime.fromisoformat(lease["end_date"]) + DAY
    prolonging = eventlet.spawn(site.prolong, lease, end)
    eventlet.sleep(0.5)
    with pytest.raises(Refused, match="Not enough"):
        site.lease(wanted, who="p2", start=DAY + 2 * datetime.timedelta(hours=1))
    assert datetime.datetime.fromisoformat(prolonging.wait()["end_date"]) == end


def test_of_many_who_prolong_or_book_at_once_one_gets_the_time(site: Site) -> None:
    site.host(site.cloud.compute.node())
    for number in range(6):
        start = DAY * (2 + 10 * number)
        lease = site.lease(nodes(1), start=start)
        end = datetime.datetime.fromisoformat(lease["end_date"]) + DAY
        asked = [
            eventlet.spawn(_got, site.prolong, lease, end),
            eventlet.spawn_after(
                0.02 * number,
                _got,
                site.lease,
                nodes(1),
                who="p2",
                start=start + 2 * datetime.timedelta(hours=1),
            ),
        ]
        assert sum(thread.wait() for thread in asked) == 1


def _got(ask: Any, *args: Any, **kwargs: Any) -> bool:
    try:
        ask(*args, **kwargs)
    except Refused as refusal:
        assert "Not enough" in str(refusal)
        return False
    return True


def test_a_segment_is_not_moved_while_somebody_takes_it(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment = site.ask("POST", "/networks", {**VLAN, "segment_id": 300})["network"]
    look = segments._allotted

    def look_for_long(*args: Any) -> bool:
        found = look(*args)
        eventlet.sleep(1)
        return found

    monkeypatch.setattr(segments, "_allotted", look_for_long)
    moving = eventlet.spawn(
        site.ask, "PUT", f"/networks/{segment['id']}", {"segment_id": 301, "rack": "7"}
    )
    eventlet.sleep(0.5)
    # Whoever takes it sees where it is then.
    with pytest.raises(Refused, match="Not enough networks"):
        site.lease(network("x", ["==", "$segment_id", "300"]), start=DAY)
    assert moving.wait()["network"]["segment_id"] == 301
