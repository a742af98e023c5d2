"""Hardware as code, in a real site: declared, enrolled, lent on time, and taken back."""

from __future__ import annotations

import datetime
import json
import time
from pathlib import Path

import pytest
import yaml
from patience import until

from cc_ansible.hardware.spans import Span, merge
from cc_ansible.verify.experiment import logins

NODES = 10
PREFIX = "fake"
"""Of their names: the lab's machines are enrolled, too, and nothing happens to them here."""
DAYS = 14
WAIT = 900
UTC = datetime.UTC
DONI = {"service_type": "inventory", "interface": "internal"}
DAY = datetime.timedelta(days=1)
WEEKENDS = {"timezone": "UTC", "windows": ["Fri 18:00 to Mon 06:00"]}
SHORTER = {"timezone": "UTC", "windows": ["Sat 18:00 to Mon 06:00"]}


class Blazar:
    """The reservation service as an admin and a user ask it."""

    def __init__(self, cloud) -> None:
        self.session = cloud.session
        self.url = self.session.get_endpoint(service_type="reservation", interface="internal")

    def ask(self, method: str, path: str, **options):
        return self.session.request(self.url + path, method, raise_exc=False, **options)

    def hosts(self) -> list[dict]:
        return self.ask("GET", "/os-hosts").json()["hosts"]

    def leases(self) -> list[dict]:
        return self.ask("GET", "/leases").json()["leases"]

    def reserve(self, name: str, uid: str, start, end):
        reservation = {
            "resource_type": "physical:host",
            "min": 1,
            "max": 1,
            "hypervisor_properties": "",
            "resource_properties": json.dumps(["==", "$uid", uid]),
        }
        body = {
            "name": name,
            "start_date": f"{start:%Y-%m-%d %H:%M}",
            "end_date": f"{end:%Y-%m-%d %H:%M}",
            "reservations": [reservation],
            "events": [],
        }
        return self.ask("POST", "/leases", json=body)

    def cancel(self, lease_id: str) -> None:
        assert self.ask("DELETE", f"/leases/{lease_id}").status_code in (200, 204)


@pytest.fixture(scope="module")
def baremetal(cloud):
    """Ironic for who sees all nodes: those that Doni made belong to Doni's project."""
    return logins.whole_system(cloud).baremetal


@pytest.fixture(scope="module")
def blazar(cloud) -> Blazar:
    return Blazar(cloud)


class Declared:
    """The lab site's hardware file, and what follows from it."""

    def __init__(self, site: Path) -> None:
        self.file = site / "hardware" / "nodes.yml"
        self.settings = site / "globals.d" / "50-hardware.yml"

    def write(self, calendar: dict, count: int = NODES) -> None:
        items = [
            {
                "name": f"{PREFIX}{index:02}",
                "type": "fake-hardware",
                "node_type": "compute_fake",
                "calendar": "weekends",
                "ports": [{"name": "eno1", "mac": f"52:54:00:00:01:{index:02x}"}],
            }
            for index in range(count)
        ]
        for file in (self.file, self.settings):
            file.parent.mkdir(exist_ok=True)
        content = {"calendars": {"weekends": calendar}, "hardware": items}
        self.file.write_text(yaml.safe_dump(content))
        self.settings.write_text(f"hardware_horizon_days: {DAYS}\n")

    def remove(self) -> None:
        self.file.unlink(missing_ok=True)
        self.settings.unlink(missing_ok=True)


@pytest.fixture(scope="module")
def declared(lab):
    declared = Declared(lab.site)
    yield declared
    declared.remove()


def _at(day: datetime.date, hour: int) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(hour), UTC)


def weekends(now: datetime.datetime, opens: tuple[int, int]) -> list[tuple]:
    """Windows from now on, by counting days: ``opens`` is a weekday and an hour."""
    weekday, hour = opens
    found = []
    # The horizon is the midnight after so many days.
    for offset in range(-7, DAYS + 1):
        day = (now + offset * DAY).date()
        if day.weekday() == weekday:
            end = _at(day + ((0 - weekday) % 7) * DAY, 6)
            if end > now:
                found.append((_at(day, hour), end))
    return found


def outside(lent: list[tuple]) -> list[tuple]:
    """The times between windows; the first begins whenever, the last never ends."""
    edges = [None, *(edge for window in lent for edge in window), None]
    return [(edges[i], edges[i + 1]) for i in range(0, len(edges), 2)]


def _blackouts(blazar: Blazar, uid: str) -> list[tuple]:
    """When Blazar holds a node for Doni, in order; leases that touch are one span."""
    spans = []
    for lease in blazar.leases():
        ours = lease["name"].startswith("availability_window_")
        if ours and uid in lease["reservations"][0]["resource_properties"]:
            edges = (lease["start_date"], lease["end_date"])
            start, end = (datetime.datetime.fromisoformat(edge) for edge in edges)
            spans.append(Span(start.replace(tzinfo=UTC), end.replace(tzinfo=UTC)))
    return [(span.start, span.end) for span in merge(spans)]


def _agrees(found: list[tuple], lent: list[tuple], now: datetime.datetime) -> bool:
    wanted = [pair for pair in outside(lent) if pair[1] is None or pair[1] > now]
    if len(found) != len(wanted):
        return False
    pairs = zip(found, wanted, strict=True)
    return all((w[0] is None or f[0] == w[0]) and (w[1] is None or f[1] == w[1]) for f, w in pairs)


def _now() -> datetime.datetime:
    return datetime.datetime.now(UTC)


@pytest.fixture(scope="module")
def enrolled(declared, on_site, cloud, blazar):
    """Nodes, declared and applied; at the end none of them is left anywhere."""
    _remove(cloud, blazar)
    declared.write(WEEKENDS)
    assert on_site("hardware", "plan", "--exit-code", code=6)
    on_site("hardware", "apply", "--yes", "--wait", str(WAIT))
    yield {item["name"]: item for item in _enrolled(cloud)}
    on_site("hardware", "retire", "fake00", "--yes", "--force", "--reason", "end of test")
    _remove(cloud, blazar)


def _enrolled(cloud) -> list[dict]:
    known = cloud.session.get("/v1/hardware", endpoint_filter=DONI).json()["hardware"]
    return [item for item in known if item["name"].startswith(PREFIX)]


def _remove(cloud, blazar) -> None:
    """As their owner would with a client of Doni."""
    for item in _enrolled(cloud):
        cloud.session.delete(f"/v1/hardware/{item['uuid']}", endpoint_filter=DONI)
    until(lambda: not _named(blazar.hosts()), "without hosts", seconds=WAIT)


def _named(hosts: list[dict]) -> list[str]:
    names = [str(host.get("node_name")) for host in hosts]
    return [name for name in names if name.startswith(PREFIX)]


def test_nodes_are_in_ironic_and_hosts_in_blazar(enrolled, baremetal, blazar):
    nodes = {node.name: node for node in baremetal.nodes(details=True)}
    assert set(enrolled) <= set(nodes)
    assert {nodes[name].provision_state for name in enrolled} == {"available"}
    hosts = {host["hypervisor_hostname"]: host for host in blazar.hosts()}
    for name in enrolled:
        host = hosts[nodes[name].id]
        assert host["node_name"] == name
        assert host["node_type"] == "compute_fake"


def test_blackouts_are_exactly_where_the_calendar_says(enrolled, baremetal, blazar):
    lent = weekends(_now(), (4, 18))
    for node in [one for one in baremetal.nodes() if one.name in enrolled]:
        found = _blackouts(blazar, node.id)
        assert _agrees(found, lent, _now()), f"{node.name}: {found}, lent {lent}"


def test_a_second_apply_writes_nothing(enrolled, on_site):
    on_site("hardware", "plan", "--exit-code")
    result = json.loads(on_site("hardware", "apply", "--yes", "--output", "json").stdout)
    assert result["plan"]["items"] == []


def test_users_reserve_inside_of_windows_and_nowhere_else(enrolled, baremetal, blazar):
    node = baremetal.find_node("fake00")
    start, end = weekends(_now(), (4, 18))[-1]
    inside = blazar.reserve("inside", node.id, start, start + 2 * datetime.timedelta(hours=1))
    assert inside.status_code == 201, inside.text
    for name, begin, finish in (
        ("before", start - DAY, start),
        ("across", end - DAY / 4, end + DAY / 4),
        ("beyond the horizon", _now() + 60 * DAY, _now() + 61 * DAY),
    ):
        answer = blazar.reserve(name, node.id, begin, finish)
        assert answer.status_code >= 400, f"{name} was granted"
        assert "Not enough hosts" in answer.text
    blazar.cancel(inside.json()["lease"]["id"])


def test_a_window_shrunk_over_a_lease_waits_for_it(enrolled, declared, on_site, baremetal, blazar):
    node = baremetal.find_node("fake01")
    start, _ = weekends(_now(), (4, 18))[-1]
    lease = blazar.reserve("user", node.id, start, start + DAY / 4)
    assert lease.status_code == 201, lease.text
    declared.write(SHORTER)

    plan = json.loads(on_site("hardware", "plan", "--output", "json").stdout)
    (hit,) = [item for item in plan["items"] if item["name"] == "fake01"]
    assert [one["name"] for one in hit["leases"]] == ["user"]

    on_site("hardware", "apply", "--yes", "--no-wait")

    def put_off() -> bool:
        shown = json.loads(on_site("hardware", "show", "fake01", "--output", "json").stdout)
        return any(
            trouble["kind"] == "deferred" and lease.json()["lease"]["id"] in trouble["reason"]
            for trouble in shown["troubles"]
        )

    until(put_off, "deferred because of the lease", seconds=WAIT)
    # The lease of the user is as it was.
    assert "user" in [one["name"] for one in blazar.leases()]

    blazar.cancel(lease.json()["lease"]["id"])
    shorter = weekends(_now(), (5, 18))
    until(lambda: _agrees(_blackouts(blazar, node.id), shorter, _now()), "healed", seconds=WAIT)


def test_workers_and_the_database_may_die_meanwhile(
    enrolled, declared, on_site, node, baremetal, blazar
):
    declared.write(WEEKENDS)
    on_site("hardware", "apply", "--yes", "--no-wait")
    for container in ("doni_worker", "mariadb", "doni_worker", "rabbitmq", "doni_worker"):
        # Not `docker kill`: the engine would take that for somebody's wish, and not start it again.
        node(f"kill -9 $(docker inspect --format '{{{{.State.Pid}}}}' {container})")
        time.sleep(10)
    lent = weekends(_now(), (4, 18))
    nodes = [one for one in baremetal.nodes() if one.name in enrolled]

    def settled() -> bool:
        return all(_agrees(_blackouts(blazar, one.id), lent, _now()) for one in nodes)

    until(settled, "as declared", seconds=WAIT, patient=True)
    assert sorted(one.name for one in nodes) == sorted(enrolled)
    assert sorted(_named(blazar.hosts())) == sorted(enrolled)
    names = [lease["name"] for lease in blazar.leases()]
    assert len(names) == len(set(names))
    # Three restarts in minutes are what `verify` calls a loop: forget these, which were ours.
    node("systemctl reset-failed 'kolla-*'")
