"""How `validate --hosts` shows what it found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cc_ansible.cli import hosttable
from cc_ansible.cli.main import cli
from cc_ansible.errors import Exit, Origin, RunFailed, SiteInvalid
from cc_ansible.online import look
from cc_ansible.online.report import OF_HOSTS, Report, Tally
from cc_ansible.online.rules import CATALOGUE, Check

WARNED = CATALOGUE["disk-small"].broken("node1", "/ on node1 has 5 GiB free.", fix="Free some.")
FAILED = CATALOGUE["interface-missing"].broken(
    "a-host-with-a-rather-long-name.example.org",
    "It has no eno9.",
    Origin(Path("/site/defaults.yml"), 3, 1),
    detail="It has eno1.",
)


def report(*findings: object) -> Report:
    rows = {
        "node1": {**dict.fromkeys(OF_HOSTS, "ok"), Check.DISK: "warning", Check.VIP: "none"},
        "a-host-with-a-rather-long-name.example.org": {
            **dict.fromkeys(OF_HOSTS, "ok"),
            Check.NET: "error",
        },
    }
    tallies = [Tally("images", 28, 30, 30), Tally("BMCs", 4, 4, 5), Tally("switches", 0, 0, 2)]
    return Report(rows, findings, tallies)  # type: ignore[arg-type]


@pytest.fixture
def run(site_dir: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Run `validate --hosts` with what would be found; the site config itself is fine."""

    def ran(found: Report | Exception, *words: str):  # type: ignore[no-untyped-def]
        def looked(*_: object) -> Report:
            if isinstance(found, Exception):
                raise found
            return found

        monkeypatch.setattr(look, "look", looked)
        monkeypatch.setattr("cc_ansible.kolla.validity.find", lambda *_: [])
        return CliRunner().invoke(cli, ["-s", str(site_dir), "validate", "--hosts", *words])

    return ran


def test_a_row_for_each_host_and_a_mark_for_each_check(run) -> None:  # type: ignore[no-untyped-def]
    lines = run(report(WARNED, FAILED)).output.splitlines()
    header = next(line for line in lines if "host" in line and "reach" in line)
    assert header.split() == ["host", *OF_HOSTS]
    row = next(line for line in lines if "node1" in line and "✓" in line)
    assert row.split()[1:] == ["✓", "✓", "✓", "✓", "✓", "\N{EN DASH}", "✓", "!", "✓", "✓"]
    assert any("a-host-with-a-rather-long-name.example.org" in line for line in lines)


def test_below_it_the_rest_in_numbers_and_the_problems(run) -> None:  # type: ignore[no-untyped-def]
    output = run(report(FAILED, WARNED)).output
    assert "28 of 30 images can be had" in output
    assert "4 of 5 BMCs answer, 1 not asked" in output
    assert "2 switches not asked" in output
    assert "/site/defaults.yml:3:1: error: It has no eno9.  [interface-missing]" in output
    assert "node1: warning: / on node1 has 5 GiB free.  [disk-small]\n    fix: Free some." in output
    assert output.rstrip().endswith("is not valid: 1 error, 1 warning")


@pytest.mark.parametrize(
    ("found", "words", "code"),
    [
        ([], [], Exit.OK),
        ([WARNED], [], Exit.OK),
        ([WARNED], ["--strict"], Exit.SITE_INVALID),
        ([WARNED, FAILED], [], Exit.SITE_INVALID),
    ],
)
@pytest.mark.parametrize("output", ["text", "json"])
def test_exit_codes(run, found, words, code, output) -> None:  # type: ignore[no-untyped-def]
    assert run(report(*found), *words, "--output", output).exit_code == code


def test_json(run) -> None:  # type: ignore[no-untyped-def]
    said = json.loads(run(report(FAILED, WARNED), "--output", "json").output)
    assert said["valid"] is False
    assert said["hosts"]["node1"]["disk"] == "warning"
    assert said["counts"]["images"] == {"good": 28, "asked": 30, "total": 30}
    assert [(each["rule"], each["host"], each["line"]) for each in said["findings"]] == [
        ("interface-missing", "a-host-with-a-rather-long-name.example.org", 3),
        ("disk-small", "node1", None),
    ]


def test_a_site_that_cannot_be_used_at_all(run) -> None:  # type: ignore[no-untyped-def]
    result = run(SiteInvalid("The inventory has no hosts to look at."))
    assert isinstance(result.exception, SiteInvalid)


def test_what_was_found_in_the_site_config_is_not_lost(
    site_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (site_dir / "defaults.yml").write_text("broken: [1, 2\n")
    arguments = ["-s", str(site_dir), "validate", "--hosts"]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == Exit.SITE_INVALID
    assert "defaults.yml:" in result.output and ": error: " in result.output
    assert "The hosts were not looked at" in result.output
    said = json.loads(CliRunner().invoke(cli, [*arguments, "--output", "json"]).output)
    assert said["hosts"] is None and said["findings"]


def test_ansible_that_does_not_start_is_an_error_of_its_own(run) -> None:  # type: ignore[no-untyped-def]
    assert isinstance(run(RunFailed("no")).exception, RunFailed)


def test_nothing_to_tell() -> None:
    assert hosttable.as_json(None) == {"hosts": None, "counts": {}}
