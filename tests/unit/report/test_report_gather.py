"""What is asked of a site, and what comes of it when parts of it do not answer."""

from __future__ import annotations

import dataclasses
import datetime
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
import reported
import small_site
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from testbed import Testbed

from cc_ansible.errors import CcError, Interrupted, RunFailed
from cc_ansible.hardware import windows
from cc_ansible.report import alerts, gather, kept, lending, ran, together
from cc_ansible.report.facts import Answer
from cc_ansible.runs import journal
from cc_ansible.site.load import Site

Make = Callable[..., Site]


# --- questions side by side ----------------------------------------------------------------------


def test_one_that_fails_or_hangs_does_not_keep_the_others() -> None:
    held = threading.Event()

    def fails() -> None:
        raise RunFailed("Keystone does not answer.", detail="http://a\nmore", fix="Look at it.")

    def breaks() -> None:
        raise KeyError("x")

    begun = time.monotonic()
    asked = {"good": lambda: 1, "fails": fails, "breaks": breaks, "hangs": held.wait}
    found = together.ask(asked, {"here": lambda: threading.current_thread().name}, 0.3)
    assert time.monotonic() - begun < 2
    held.set()
    assert found == {
        "good": Answer(1),
        "fails": Answer(why="Keystone does not answer. http://a (Look at it.)"),
        "breaks": Answer(why="unexpected KeyError: 'x'"),
        "hangs": Answer(why="no answer within 0 s"),
        "here": Answer("MainThread"),
    }


def test_a_user_who_stops_it_is_heard() -> None:
    def stopped() -> None:
        raise Interrupted("Interrupted.")

    with pytest.raises(Interrupted):
        together.ask({}, {"hosts": stopped}, 1)


# --- runs ----------------------------------------------------------------------------------------


def run(site: Site, action: str, started: str, outcome: journal.Outcome, **more: Any) -> None:
    """A run that is over."""
    record = journal.new_record(site.state_dir, site.path, action, ["-e", "secret=x"], action)
    name = f"{started.replace('-', '').replace(':', '')}-{action}-ab12"
    path = record.path.with_name(name)
    record = dataclasses.replace(record, id=name, path=path, started=started, **more)
    journal.Journal(record).close(outcome, 0)


def test_the_last_deploy_is_the_last_run_that_changes_services(make_site: Make) -> None:
    site = make_site()
    run(site, "deploy", "2027-03-01T10:00:00Z", "ok", commit="c" * 40, dirty=True)
    run(site, "pull", "2027-03-02T10:00:00Z", "failed")
    found = ran.read(site.state_dir)
    assert [each.action for each in found.runs] == ["pull", "deploy"]
    last = found.deploy
    assert last and (last.outcome, last.commit, last.dirty) == ("ok", "c" * 40, True)
    assert last.started == datetime.datetime(2027, 3, 1, 10, tzinfo=datetime.UTC)
    assert found.now == "" and "secret=x" not in repr(found)


def test_who_is_at_work_is_said_without_arguments(make_site: Make) -> None:
    from cc_ansible.runs import lock

    site = make_site()
    with lock.hold(site.state_dir, "r1", "deploy -e token=abcdef", print):
        now = ran.read(site.state_dir).now
    assert now.startswith("deploy by ") and "abcdef" not in now
    (site.state_dir / "lock.json").write_text("nonsense")
    assert ran.read(site.state_dir).now == "The lock of this site cannot be read."


# --- what lies here ------------------------------------------------------------------------------


def test_results_of_the_last_verification(make_site: Make) -> None:
    site = make_site()
    assert kept.verification(site.state_dir) is None
    reported.verified(site.state_dir, reported.checked("disks"), reported.FAILED)
    found = kept.verification(site.state_dir)
    assert found and list(found.results) == [reported.checked("disks"), reported.FAILED]
    assert (found.passed, found.level, found.failed) == (1, "quick", [reported.FAILED])


@pytest.mark.parametrize("text", ["", "{}x", "[1]", "null", '[{"name": "a", "level": "deep"}]'])
def test_results_that_cannot_be_read(make_site: Make, text: str) -> None:
    site = make_site()
    reported.verified(site.state_dir)
    (site.state_dir / "verify" / "last.json").write_text(text)
    with pytest.raises(RunFailed, match="cannot be read"):
        kept.verification(site.state_dir)


def test_certificates_of_the_site_config(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "chi.example.org")])
    end = reported.NOW + reported.DAY
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, end - reported.DAY, end)
    pem = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    (tmp_path / "ca").mkdir()
    (tmp_path / "ca" / "haproxy.pem").write_bytes(pem)
    (tmp_path / "broken.crt").write_text("nothing")
    [found] = kept.certificates(tmp_path)
    assert (found.where, found.end) == ("certificates/ca/haproxy.pem", end)
    assert kept.certificates(tmp_path / "nowhere") == []


# --- hardware ------------------------------------------------------------------------------------


def test_hardware_and_leases(make_site: Make, bed: Testbed) -> None:
    site = make_site(items=4)
    bed.login(site.state_dir)
    uuids = {name: bed.enrol(name) for name in ("nc000", "nc001", "nc003")}
    bed.tasks("ERROR", last_error="no power")
    bed.lease(uuids["nc000"], "2027-03-01T00:00:00.000000", "2027-04-01T00:00:00.000000", "one")
    bed.lease(uuids["nc001"], "2027-03-20T00:00:00.000000", "2027-03-21T00:00:00.000000", "two")
    found = lending.hardware(site, reported.subject(site), reported.NOW)
    assert [(item.name, item.lent) for item in found.items] == [
        ("nc000", True), ("nc001", False), ("nc002", False), ("nc003", False),
    ]  # fmt: skip
    troubles = {item.name: item.trouble for item in found.troubled}
    assert troubles["nc002"] == lending.NOT_ENROLLED and troubles["nc000"].endswith("no power")
    assert (found.lent, found.blackout, found.why) == (1, 3, "")
    leases = lending.leases(site)
    assert [(lease.name, lease.resources, lease.holds(reported.NOW)) for lease in leases] == [
        ("two", ("nc001",), False),
        ("one", ("nc000",), True),
    ]


def test_hardware_is_lent_by_its_calendar_also_when_doni_is_silent(make_site: Make) -> None:
    site = make_site(items=4)
    found = lending.hardware(site, reported.subject(site), reported.NOW)
    assert found.lent == 1 and found.troubled == []
    assert found.why.startswith("This machine has no credentials of the site.")


def test_one_lease_of_several_items_is_one(make_site: Make) -> None:
    from cc_ansible.hardware.blazar import Lease
    from cc_ansible.hardware.spans import Span

    lease = Lease(Span(windows.minute(reported.NOW), windows.minute(reported.NOW + reported.DAY)),
                  "l1", "experiment", "p1")  # fmt: skip
    found = lending.gathered({"u1": [lease], "u2": [lease], "d": [lease]}, {"u1": "b", "u2": "a"})
    assert [each.resources for each in found] == [("a", "b", "d")]


# --- alerts --------------------------------------------------------------------------------------

FIRING = [
    {"labels": {"alertname": "Slow", "severity": "warning", "instance": "node1"},
     "annotations": {}, "startsAt": "2027-03-10T10:00:00Z"},
    {"labels": {"alertname": "Watchdog", "severity": "none"}, "annotations": {}},
    {"labels": {"alertname": "Down", "severity": "critical"},
     "annotations": {"summary": "nova_api is down"}},
    "nonsense",
]  # fmt: skip


def test_alerts_as_alertmanager_tells_them(
    make_site: Make, serve: Callable[[type[BaseHTTPRequestHandler]], str]
) -> None:
    asked: list[tuple[str, str]] = []

    class Alertmanager(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers["Authorization"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(FIRING).encode())

    address, port = serve(Alertmanager).split(":")
    site = make_site(
        enable_prometheus=True, kolla_internal_vip_address=address,
        prometheus_alertmanager_port=port,
    )  # fmt: skip
    small_site.complete(site.path)
    found = alerts.ask(site, reported.subject(site))
    assert [(each.name, each.severity, each.summary) for each in found] == [
        ("Down", "critical", "nova_api is down"),
        ("Slow", "warning", "node1"),
    ]
    [(path, login)] = asked
    assert path.startswith("/api/v2/alerts?active=true&silenced=false") and "Basic " in login


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({}, "this site has no monitoring"),
        ({"enable_prometheus": True, "kolla_internal_vip_address": "127.0.0.1",
          "prometheus_alertmanager_port": 9}, "Alertmanager does not answer"),
    ],
)  # fmt: skip
def test_a_site_without_alerts(make_site: Make, settings: dict[str, Any], why: str) -> None:
    site = make_site(**settings)
    with pytest.raises(CcError, match=why):
        alerts.ask(site, reported.subject(site))


def test_an_address_of_ipv6_and_tls(make_site: Make) -> None:
    site = make_site(kolla_internal_vip_address="2001:db8::5", kolla_enable_tls_internal=True)
    assert alerts.url(reported.subject(site)) == "https://[2001:db8::5]:9093/api/v2/alerts"


# --- all of it -----------------------------------------------------------------------------------


def test_a_site_that_is_down_is_looked_at_without_an_error(make_site: Make) -> None:
    """Its hosts cannot be reached, nobody logged in, nothing ran: each of it is one line."""
    site = make_site(items=4)
    small_site.complete(site.path)
    hidden = "ansible_ssh_executable: /bin/false\n"
    (site.path / "inventory" / "group_vars").mkdir()
    (site.path / "inventory" / "group_vars" / "all.yml").write_text(hidden)
    looked = gather.look(site)
    found = looked.facts
    assert [host.name for host in found.hosts.value or ()] == ["node01", "node02", "node03"]
    assert all(host.why for host in found.hosts.value or ())
    assert found.hardware.value and found.hardware.value.why
    assert found.leases.why and found.alerts.why.startswith("this site has no monitoring")
    assert found.about.internal == "192.0.2.250" and found.about.external == "chi.example.org"
    for answer in (found.journal, found.certificates, found.verification):
        assert answer.known


def test_a_site_that_nobody_can_look_at_says_why(make_site: Make) -> None:
    site = make_site()
    (site.path / "inventory" / "hosts").write_text("[control]\n")
    found = gather.look(site).facts
    assert found.hosts.why.startswith("The inventory has no hosts")


def test_words_of_others_are_left_out_where_secrets_are_not_known(make_site: Make) -> None:
    from cc_ansible.report.facts import Alert, Hardware, Item, Verification

    found = reported.facts(
        hardware=Answer(Hardware([Item("nc1", "device", True, trouble="error: it says abc")])),
        alerts=Answer([Alert("Down", "critical", "it says abc")]),
        verification=Answer(Verification(reported.NOW, [
            reported.checked("agents", reported.Status.FAILED, detail="abc", cause="abc",
                             log=("abc",))
        ])),
    )  # fmt: skip
    about = reported.subject(make_site())
    shown = gather.shown(found, about, Answer(why="the vault password is missing")).facts
    assert "abc" not in repr(shown)
    assert shown.hardware.value and shown.hardware.value.items[0].trouble == "in trouble"
    assert [each.name for each in shown.alerts.value or ()] == ["Down"]
