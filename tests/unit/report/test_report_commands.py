"""`cc-ansible status` and `cc-ansible report`: what they print, write and end with."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
import reported
import small_site
import yaml
from testbed import PASSWORD, Testbed

from cc_ansible.cli.app import App
from cc_ansible.cli.report import report
from cc_ansible.cli.status import status
from cc_ansible.errors import SiteInvalid, UsageError
from cc_ansible.kolla import known
from cc_ansible.report import gather
from cc_ansible.report.facts import Answer
from cc_ansible.report.hosts import Seen
from cc_ansible.site import vault
from cc_ansible.site.load import Site, load

Make = Callable[..., Site]


def call(command: click.Command, site: Path, *words: str) -> Any:
    return command.main(list(words), obj=App(str(site)), standalone_mode=False)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hosts are not asked: how they are asked has tests of its own."""
    monkeypatch.setattr(gather.hosts, "look", lambda *_: Seen([reported.host("node01")]))


@pytest.mark.usefixtures("quick")
def test_status_of_a_site_that_nothing_else_answers_for(
    make_site: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    site = make_site(items=4)
    assert call(status, site.path) is None
    out = capsys.readouterr().out
    assert out.startswith("site (independent)  OpenStack 2026.1  VIP 192.0.2.250  20")
    assert "Hosts        1 of 1 answer, 24 containers run" in out
    assert "Leases       This machine has no credentials of the site." in out


@pytest.mark.usefixtures("quick")
def test_status_as_json(make_site: Make, capsys: pytest.CaptureFixture[str]) -> None:
    site = make_site(items=4)
    reported.verified(site.state_dir, reported.FAILED)
    call(status, site.path, "--output", "json")
    said = json.loads(capsys.readouterr().out)
    assert said["site"]["name"] == "site" and said["verification"]["failed"][0]["name"] == "agents"
    assert set(said["unknown"]) == {"leases", "alerts", "doni"}


@pytest.mark.parametrize(("words", "pause"), [(["--watch"], 10.0), (["--watch", "3"], 3.0)])
@pytest.mark.usefixtures("quick")
def test_watching_looks_again_until_the_user_stops_it(
    make_site: Make,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    pause: float,
) -> None:
    site, naps = make_site(), list[float]()

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("cc_ansible.cli.status._pause", nap)
    call(status, site.path, *words, "--output", "json")
    assert naps == [pause, pause]
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["site"]["name"] for each in said] == ["site", "site"]


@pytest.mark.parametrize("command", [status, report])
def test_a_site_config_that_cannot_be_read_is_refused(
    make_site: Make, command: click.Command
) -> None:
    site = make_site()
    (site.path / "defaults.yml").write_text("a: [\n")
    with pytest.raises(SiteInvalid):
        call(command, site.path)


@pytest.mark.usefixtures("quick")
def test_the_report_goes_where_it_is_asked_to(
    make_site: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site, file = make_site(items=4), tmp_path / "page.html"
    call(report, site.path, "--output", str(file), "--month", "2027-02")
    assert capsys.readouterr().out == f"Report: {file}\n"
    assert "Hardware, February 2027" in file.read_text()
    call(report, site.path)
    assert (site.state_dir / "report.html").read_text().startswith("<!doctype html>")


@pytest.mark.parametrize("month", ["march", "2027-13", "2027", "0001-01"])
@pytest.mark.usefixtures("quick")
def test_a_month_that_is_none_is_refused(make_site: Make, month: str) -> None:
    with pytest.raises((UsageError, click.UsageError)):
        call(report, make_site().path, "--month", month)


@pytest.mark.usefixtures("quick")
def test_the_report_is_opened_where_the_user_wants_that(
    make_site: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(click, "launch", opened.append)
    call(report, make_site().path, "--output", str(tmp_path / "r.html"), "--open")
    assert opened == [str(tmp_path / "r.html")]


def test_help_needs_none_of_what_the_commands_need() -> None:
    import subprocess

    script = (
        "import sys, cc_ansible.cli.status, cc_ansible.cli.report\n"
        "heavy = {'jinja2', 'ansible', 'pydantic', 'keystoneauth1', 'cc_ansible.report.gather'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


# --- secrets -------------------------------------------------------------------------------------

MARK = f"canary{secrets.token_hex(6)}"


@pytest.mark.parametrize("readable", [True, False], ids=["secrets known", "vault password wrong"])
def test_no_secret_gets_into_either(
    make_site: Make,
    bed: Testbed,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    readable: bool,
) -> None:
    """Neither one that the site config holds, nor one that somebody else's words repeat."""
    site = _with_canaries(make_site)
    bed.login(site.state_dir)
    bed.enrol("nc000", ipmi_password=f"{MARK}-bmc", description=f"{MARK}-keystone")
    bed.tasks("ERROR", last_error=f"login with {MARK}-database_password failed")
    log = (f"password={MARK}-database_password",)
    reported.verified(
        site.state_dir,
        reported.checked("agents", reported.Status.FAILED, detail=log[0], cause=log[0], log=log),
    )
    monkeypatch.setattr(gather.hosts, "look", lambda *_: Seen([reported.host("node01")]))
    if not readable:
        (site.path / "vault_password").chmod(0o600)
        (site.path / "vault_password").write_text("wrong")
    file = tmp_path / "page.html"
    call(report, site.path, "--output", str(file))
    call(status, site.path)
    call(status, site.path, "--output", "json")
    out, err = capfd.readouterr()
    assert "agents" in out and "nc000" in out
    for text in (out, err, file.read_text()):
        assert MARK not in text and PASSWORD not in text and reported.SWITCH_PASSWORD not in text
    assert ("********" in out) == readable


def _with_canaries(make_site: Make) -> Site:
    switches = [
        {
            "name": "tor1", "device_type": "netmiko_dell_os10", "address": "10.30.0.1",
            "auth": {"username": f"{MARK}-user", "password": f"{MARK}-switch",
                     "secret": f"{MARK}-enable", "private_key": f"{MARK}-key"},
            "snmp": {"community_string": f"{MARK}-community"},
            "ngs_config": {"password": f"{MARK}-option"},
        }
    ]  # fmt: skip
    site = make_site(items=4, switch_configs=switches, site_variables=["own_*"],
                     own_password=f"{MARK}-own")  # fmt: skip
    small_site.complete(site.path)
    (site.path / "vault_password").write_text(f"{MARK}-vault")
    (site.path / ".env").write_text(f"OUR_PASSWORD={MARK}-dotenv\n")
    found = load(site.path, env={})
    values = {
        name: {half: f"{MARK}-{half}-{name}" for half in sample} if sample else f"{MARK}-{name}"
        for name, sample in known.passwords().items()
    }
    vault.replace(found.passwords_file, vault.encrypt(found, yaml.safe_dump(values)))
    nodes = yaml.safe_load((site.path / "hardware" / "nodes.yml").read_text())
    nodes["hardware"][1] |= {
        "type": "baremetal",
        "bmc": {"protocol": "redfish", "address": "10.30.1.1", "username": f"{MARK}-bmcuser",
                "password": "{{ database_password }}"},
    }  # fmt: skip
    (site.path / "hardware" / "nodes.yml").write_text(yaml.safe_dump(nodes))
    return load(site.path, env={})


@pytest.mark.usefixtures("quick")
def test_every_text_of_a_page_is_redacted(make_site: Make) -> None:
    site = make_site()
    small_site.complete(site.path)
    looked = gather.look(site)
    assert looked.redact(f"x {small_site.SECRET} y") == "x ******** y"
    found = gather.shown(
        reported.facts(hosts=Answer([reported.host(small_site.SECRET)])),
        looked.subject,
        Answer(gather.Redactor([small_site.SECRET])),
    ).facts
    assert small_site.SECRET not in repr(found) and "********" in repr(found)
