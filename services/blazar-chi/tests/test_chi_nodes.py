"""Ten nodes of one compute service; Blazar knows five of them."""

from __future__ import annotations

import datetime

import pytest
from site_of_blazar import Refused, Site, nodes, uid

DAY = datetime.timedelta(days=1)


@pytest.fixture
def ten(site: Site) -> list[str]:
    names = [site.cloud.compute.node() for _ in range(10)]
    for name in names[:5]:
        site.host(name, uid=name)
    return names


def test_each_node_is_reserved_alone(site: Site, ten: list[str]) -> None:
    for name in ten[:5]:
        lease = site.lease(nodes(1, uid(name)))
        assert lease["status"] == "ACTIVE"
        assert site.standing(lease)["nodes"] == [name]


def test_two_leases_of_two_nodes_are_side_by_side(site: Site, ten: list[str]) -> None:
    one, other = (set(site.standing(site.lease(nodes(2)))["nodes"]) for _ in range(2))
    assert len(one) == len(other) == 2
    assert not one & other
    assert one | other < set(ten[:5])


def test_a_reservation_takes_only_nodes_that_blazar_knows(site: Site, ten: list[str]) -> None:
    assert set(site.standing(site.lease(nodes(5)))["nodes"]) == set(ten[:5])
    with pytest.raises(Refused, match="Not enough hosts available"):
        site.lease(nodes(1))


def test_the_scheduler_learns_of_all_nodes_in_one_answer(site: Site, ten: list[str]) -> None:
    lease = site.lease(nodes(2))
    assert site.ask("GET", "/os-hosts/reservable")["reservable"] == {
        "nodes": sorted(ten[:5]),
        "reservations": {},
    }
    standing = site.standing(lease)
    assert standing["active"] is True
    assert standing["project_id"] == "p1"


def test_only_admins_see_how_reservations_stand(site: Site, ten: list[str]) -> None:
    lease = site.lease(nodes(1))
    with pytest.raises(Refused) as refusal:
        site.standing(lease, who="p1")
    assert refusal.value.status == 403


def test_a_reservation_is_active_from_its_start_to_its_end(site: Site, ten: list[str]) -> None:
    lease = site.lease(nodes(1), start=DAY)
    assert site.standing(lease)["active"] is False
    site.advance(days=1)
    assert site.standing(lease)["active"] is True
    site.advance(hours=1)
    assert site.standing(lease)["active"] is False
    assert site.show(lease)["status"] == "TERMINATED"


def test_servers_on_the_nodes_go_with_the_lease(site: Site, ten: list[str]) -> None:
    lease = site.lease(nodes(2))
    compute = site.cloud.compute
    for name in site.standing(lease)["nodes"]:
        compute.server(name)
    elsewhere = compute.server(ten[9])
    site.advance(hours=1)
    assert set(compute.servers) == {elsewhere}


def test_a_node_that_is_reserved_later_is_free_until_then(site: Site, ten: list[str]) -> None:
    wanted = nodes(1, uid(ten[0]))
    site.lease(wanted, start=DAY)
    assert site.lease(wanted, length=DAY)["status"] == "ACTIVE"
    with pytest.raises(Refused, match="Not enough hosts"):
        site.lease(wanted, start=DAY / 2, length=DAY)


def test_a_lease_is_prolonged_until_another_one_begins(site: Site, ten: list[str]) -> None:
    wanted = nodes(1, uid(ten[0]))
    lease = site.lease(wanted)
    later = site.lease(wanted, start=DAY)
    begin = datetime.datetime.fromisoformat(later["start_date"])
    site.prolong(lease, begin)
    with pytest.raises(Refused, match="Not enough hosts"):
        site.prolong(lease, begin + DAY)
    assert site.show(lease)["status"] == "ACTIVE"


def test_a_lease_that_has_not_begun_changes_to_a_free_node(site: Site, ten: list[str]) -> None:
    lease = site.lease(nodes(1), start=DAY)
    (first,) = site.standing(lease)["nodes"]
    site.lease(nodes(1, uid(first)), start=2 * DAY)
    site.prolong(lease, datetime.datetime.fromisoformat(lease["start_date"]) + 3 * DAY)
    assert site.standing(lease)["nodes"] != [first]


def test_a_reservation_gets_more_and_fewer_nodes(site: Site, ten: list[str]) -> None:
    lease = site.lease(nodes(2), start=DAY)
    before = set(site.standing(lease)["nodes"])
    (reservation,) = lease["reservations"]

    def resize(number: object) -> set[str]:
        change = {"id": reservation["id"], "min": number, "max": number}
        site.ask("PUT", f"/leases/{lease['id']}", {"reservations": [change]}, "p1")
        return set(site.standing(lease)["nodes"])

    assert before < resize(4)
    assert len(resize("1")) == 1
    assert site.show(lease)["reservations"][0]["max"] == 1
    with pytest.raises(Refused, match="Not enough hosts"):
        resize(6)


def test_numbers_may_be_text_as_python_chi_sends_them(site: Site, ten: list[str]) -> None:
    lease = site.lease({**nodes(1), "min": "1", "max": "2"})
    assert len(site.standing(lease)["nodes"]) == 2


def test_what_has_a_default_may_be_left_out(site: Site, ten: list[str]) -> None:
    lease = site.lease({"resource_type": "physical:host", "min": 1, "max": 1})
    assert lease["reservations"][0]["resource_properties"] == ""


def test_a_node_that_fails_is_replaced(site: Site, ten: list[str]) -> None:
    lease = site.lease(nodes(1, ["!=", "$uid", ten[4]]), start=DAY / 48)
    (failed,) = site.standing(lease)["nodes"]
    _fail(site, failed)
    (replacement,) = site.standing(lease)["nodes"]
    assert replacement not in (failed, ten[4])


def test_a_node_that_fails_stays_with_the_lease_that_runs(site: Site, ten: list[str]) -> None:
    lease = site.lease(nodes(1))
    (failed,) = site.standing(lease)["nodes"]
    server = site.cloud.compute.server(failed)
    flags = _fail(site, failed)
    assert flags == {lease["reservations"][0]["id"]: {"missing_resources": True}}
    assert site.standing(lease)["nodes"] == [failed]
    site.advance(hours=1)
    assert server not in site.cloud.compute.servers


def _fail(site: Site, name: str) -> object:
    """What the monitor does when a node fails."""
    plugin = site.manager.plugins["physical:host"]
    (host,) = [h for h in plugin.list_computehosts() if h["hypervisor_hostname"] == name]
    return site.in_the_manager(plugin.monitor._handle_failures, [host])


def test_hosts_are_listed_with_what_is_known_of_them(site: Site, ten: list[str]) -> None:
    hosts = {host["hypervisor_hostname"]: host for host in site.ask("GET", "/os-hosts")["hosts"]}
    assert set(hosts) == set(ten[:5])
    for name, host in hosts.items():
        assert host["uid"] == name
        assert host == site.ask("GET", f"/os-hosts/{host['id']}")["host"]


def test_names_and_values_of_properties_are_listed(site: Site, ten: list[str]) -> None:
    (found,) = site.ask("GET", "/os-hosts/properties?detail=True")["resource_properties"]
    assert found["property"] == "uid"
    assert sorted(found["values"]) == sorted(ten[:5])


def test_a_node_that_is_reserved_stays_known(site: Site, ten: list[str]) -> None:
    lease = site.lease(nodes(5))
    host = site.ask("GET", "/os-hosts")["hosts"][0]
    with pytest.raises(Refused) as refusal:
        site.ask("DELETE", f"/os-hosts/{host['id']}")
    assert refusal.value.status == 409
    site.ask("DELETE", f"/leases/{lease['id']}", who="p1")
    site.ask("DELETE", f"/os-hosts/{host['id']}")
    assert len(site.ask("GET", "/os-hosts")["hosts"]) == 4


def test_null_removes_a_capability(site: Site, ten: list[str]) -> None:
    host = site.ask("GET", "/os-hosts")["hosts"][0]
    path = f"/os-hosts/{host['id']}"
    changed = site.ask("PUT", path, {"uid": None, "unknown": None, "rack": "7"})["host"]
    assert "uid" not in changed
    assert changed["rack"] == "7"
    assert site.ask("GET", path)["host"] == changed


def test_null_is_no_capability_of_a_new_host(site: Site) -> None:
    host = site.host(site.cloud.compute.node(), rack=None, row="7")
    assert "rack" not in host
    assert host["row"] == "7"


@pytest.mark.parametrize("value", [None, "other"])
def test_a_capability_stays_for_which_a_node_is_reserved(
    site: Site, ten: list[str], value: str | None
) -> None:
    wanted = ["and", ["!=", "$rack", "1"], ["and", ["!=", "$row", "1"], uid(ten[0])]]
    hosts = {h["hypervisor_hostname"]: h for h in site.ask("GET", "/os-hosts")["hosts"]}
    path = f"/os-hosts/{hosts[ten[0]]['id']}"
    site.ask("PUT", path, {"rack": "7", "row": "7"})
    lease = site.lease(nodes(1, wanted), start=DAY)
    with pytest.raises(Refused) as refusal:
        site.ask("PUT", path, {"uid": value, "speed": "1"})
    assert refusal.value.status == 409
    host = site.ask("GET", path)["host"]
    assert host["uid"] == ten[0]
    assert "speed" not in host
    site.ask("DELETE", f"/leases/{lease['id']}", who="p1")
    assert site.ask("PUT", path, {"uid": value})["host"].get("uid") == value


def test_only_servers_of_its_own_keep_a_node_where_it_is(site: Site, ten: list[str]) -> None:
    server = site.cloud.compute.server(ten[0])
    site.host(ten[5], uid=ten[5])
    known = {
        host["hypervisor_hostname"]: host["id"] for host in site.ask("GET", "/os-hosts")["hosts"]
    }
    site.ask("DELETE", f"/os-hosts/{known[ten[5]]}")
    with pytest.raises(Refused, match=server):
        site.ask("DELETE", f"/os-hosts/{known[ten[0]]}")
    site.cloud.compute.server(ten[6])
    with pytest.raises(Refused, match="found for host"):
        site.host(ten[6], uid=ten[6])
