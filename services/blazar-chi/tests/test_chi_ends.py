"""The end of a lease, and what becomes of its servers when that fails."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from blazar_chi import servers
from site_of_blazar import Refused, Site, network, nodes

HOUR = datetime.timedelta(hours=1)
DAY = 24 * HOUR
VLAN = {"network_type": "vlan", "physical_network": "physnet1", "segment_id": 300}


@pytest.fixture
def node(site: Site) -> str:
    name = site.cloud.compute.node()
    site.host(name)
    return name


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for long."""
    monkeypatch.setattr(servers, "PATIENCE", 0.2)
    monkeypatch.setattr(servers, "POLL", 0.05)


def _statuses(lease: dict[str, Any]) -> dict[str, str]:
    return {each["resource_type"]: each["status"] for each in lease["reservations"]}


@pytest.mark.parametrize("trouble", ["immortal", "refused"])
def test_a_server_that_stays_does_not_keep_the_rest_of_its_lease_from_ending(
    site: Site, node: str, hasty: None, trouble: str
) -> None:
    site.ask("POST", "/networks", VLAN)
    lease = site.lease(nodes(1), network())
    compute = site.cloud.compute
    getattr(compute, trouble).add(compute.server(node))
    other = compute.server(node)
    site.advance(hours=1)
    after = site.show(lease)
    assert after["status"] == "ERROR"
    assert _statuses(after) == {"physical:host": "error", "network": "deleted"}
    assert site.cloud.network.kinds["networks"] == {}
    assert other not in compute.servers
    with pytest.raises(Refused, match="Not enough hosts"):
        site.lease(nodes(1), who="p2")


def test_nobody_waits_for_a_server_that_nova_no_longer_deletes(site: Site, node: str) -> None:
    lease = site.lease(nodes(1))
    compute = site.cloud.compute
    compute.given_up.add(compute.server(node))
    begin = datetime.datetime.now()
    site.advance(hours=1)
    assert datetime.datetime.now() - begin < datetime.timedelta(seconds=5)
    assert _statuses(site.show(lease)) == {"physical:host": "error"}


def test_a_server_that_appears_late_goes_too(
    site: Site, node: str, hasty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.lease(nodes(1))
    compute = site.cloud.compute
    compute.server(node)
    delete = servers._delete
    late: list[str] = []

    def delete_while_another_one_is_made(client: Any, found: list[Any]) -> None:
        delete(client, found)
        if not late:
            late.append(compute.server(node))

    monkeypatch.setattr(servers, "_delete", delete_while_another_one_is_made)
    site.advance(hours=1)
    assert late
    assert compute.servers == {}


def test_when_nova_cannot_be_asked_the_rest_of_the_lease_ends(
    site: Site, node: str, hasty: None
) -> None:
    site.ask("POST", "/networks", VLAN)
    lease = site.lease(nodes(1), network())
    site.cloud.compute.down = True
    site.advance(hours=1)
    assert _statuses(site.show(lease)) == {"physical:host": "error", "network": "deleted"}
    site.cloud.compute.down = False
    site.ask("DELETE", f"/leases/{lease['id']}", who="p1")


def test_after_an_end_that_failed_nobody_lands_on_the_node(
    site: Site, node: str, hasty: None
) -> None:
    lease = site.lease(nodes(1))
    compute = site.cloud.compute
    compute.immortal.add(compute.server(node))
    site.advance(hours=1)
    assert site.standing(lease)["active"] is False


def test_a_lease_whose_end_nobody_noticed_is_over(
    site: Site, node: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = site.lease(nodes(1))
    monkeypatch.setattr(site.manager, "_process_events", lambda: None)
    site.advance(minutes=59)
    assert site.standing(lease)["active"] is True
    site.advance(minutes=1)
    assert site.show(lease)["status"] == "ACTIVE"
    assert site.standing(lease)["active"] is False


@pytest.mark.parametrize("successor", ["p1", "p2"])
def test_what_the_next_one_made_on_a_node_outlives_an_old_lease(
    site: Site, node: str, hasty: None, successor: str
) -> None:
    compute = site.cloud.compute
    old = site.lease(nodes(1))
    stuck = compute.server(node)
    compute.immortal.add(stuck)
    new = site.lease(nodes(1), who=successor, start=DAY)
    site.advance(hours=1)
    site.advance(hours=23)
    assert site.standing(new)["nodes"] == [node]
    mine = compute.server(node, successor)
    compute.immortal.clear()
    site.ask("DELETE", f"/leases/{old['id']}", who="p1")
    assert set(compute.servers) == {mine}
    site.advance(hours=1)
    assert compute.servers == {}
    assert site.show(new)["status"] == "TERMINATED"


def test_servers_go_when_the_next_lease_of_the_node_begins_at_once(site: Site, node: str) -> None:
    site.lease(nodes(1))
    site.cloud.compute.server(node)
    new = site.lease(nodes(1), who="p2", start=HOUR)
    site.advance(hours=1)
    assert site.cloud.compute.servers == {}
    assert site.show(new)["status"] == "ACTIVE"
