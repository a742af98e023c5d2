"""``cc-ansible import`` on the command line, and what is left when it is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import old_sites
import pytest
import yaml
from imports import Write

from cc_ansible.cli.main import main
from cc_ansible.kolla import known
from cc_ansible.paths import PROJECT
from cc_ansible.site.legacy import write


def test_it_makes_a_site_and_shows_decisions_first(
    old: Write, new: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    report = tmp_path / "report.md"
    code = main(["import", str(old("odd")), str(new), "--report", str(report)])
    shown = capsys.readouterr()
    assert (code, shown.err) == (0, "")
    titles = [line for line in shown.out.splitlines() if line.endswith("):") and line[0] != " "]
    assert [title.partition(" (")[0] for title in titles] == [
        "Needs a decision",
        "Takes effect now",
        "Translated",
        "Dropped",
        "Kept",
    ]
    assert "decisions open" in shown.out
    assert f"cc-ansible -s {new} validate" in shown.out
    assert report.read_text() == (new / "IMPORT.md").read_text()


def test_a_dry_run_only_reports(old: Write, new: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", str(old("minimal")), str(new), "--dry-run", "--output", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["written"], told["scenario"], told["new"]) == (False, "independent", str(new))
    assert told["counts"]["decision"] == len(told["decision"])
    assert {"place", "name", "why", "new"} == set(told["kept"][0])
    assert list(new.parent.iterdir()) == [new.parent / "sites"]


def test_the_site_option_names_the_new_site(old: Write, new: Path) -> None:
    assert main(["-s", str(new), "import", str(old("minimal")), "--scenario", "lab"]) == 0
    assert yaml.safe_load((new / "defaults.yml").read_text())["chi_scenario"] == "lab"


def test_places_that_will_not_do(old: Write, new: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = old("minimal")
    new.mkdir()
    assert main(["import", str(source), str(new)]) == 2
    assert main(["import", str(source), str(source / "new")]) == 2
    assert main(["import", str(source / "defaults.yml"), str(new)]) == 2
    report = str(source / "report.md")
    assert main(["import", str(source), str(new.parent / "x"), "--report", report]) == 2
    said = capsys.readouterr().err
    assert "exists already" in said
    assert "inside of the old site" in said
    assert "is no directory" in said
    assert list(new.iterdir()) == []


BROKEN = {
    "defaults.yml": "a: 1\na: 2\n",
    "globals.d/10.yml": "- a list\n",
    "inventory/hosts": "[control\nx\n",
    "inventory/host_vars/tiny-ctl": "x: {{ y }}\n",
    "vault_password": "the wrong one\n",
}


def test_everything_that_is_wrong_is_said_at_once(
    old: Write, new: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", str(old("minimal", BROKEN)), str(new), "--output", "json"]) == 3
    shown = capsys.readouterr()
    files = {Path(each["file"]).name for each in json.loads(shown.out)["problems"]}
    assert files == {"defaults.yml", "10.yml", "hosts", "tiny-ctl", "passwords.yml"}
    for place in ("defaults.yml:2", "globals.d/10.yml", "inventory/hosts", "passwords.yml"):
        assert f"  {place}" in shown.err
    assert "5 problems" in shown.err
    assert not new.exists()


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"vault_password": None}, "there is no vault password"),
        ({"passwords.yml": None}, "has no passwords.yml"),
        ({"defaults.yml": None}, "defaults.yml"),
        ({".env": "CC_ANSIBLE_VAULT_PASSWORD=/none\n"}, "/none does not exist"),
        ({"vault_password": "x\n"}, "passwords.yml cannot be decrypted"),
        ({"passwords.yml": "- a\n"}, "must be a mapping"),
        ({"node_custom_config/nova.conf": "[a]\nb\n"}, "no `=`"),
    ],
)
def test_each_problem_has_its_message(
    old: Write,
    new: Path,
    files: dict[str, str | None],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["import", str(old("minimal", files)), str(new)]) == 3
    assert said in capsys.readouterr().err
    assert list(new.parent.iterdir()) == [new.parent / "sites"]


def test_a_site_without_inventory(
    old: Write, new: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = old("minimal")
    for file in sorted((source / "inventory").rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    (source / "inventory").rmdir()
    assert main(["import", str(source), str(new)]) == 3
    assert "inventory" in capsys.readouterr().err


def complete_passwords() -> str:
    """Every password of the release, so that none has to be made."""
    pair = {"private_key": f"{old_sites.CANARY}-pair", "public_key": "x"}
    made = {
        name: pair if name.endswith("_ssh_key") else f"{old_sites.CANARY}-{name}"
        for name in known.passwords()
    }
    return yaml.safe_dump(made)


def test_killed_it_leaves_no_half_site(old: Write, new: Path, tmp_path: Path) -> None:
    source = old("minimal", {"passwords.yml": complete_passwords()})
    tools = tmp_path / "tools"
    tools.mkdir()
    reached = tmp_path / "reached"
    (tools / "git").write_text(f"#!/bin/sh\ntouch {reached}\nexec sleep 60\n")
    (tools / "git").chmod(0o755)
    command = [sys.executable, "-m", "cc_ansible", "import", str(source), str(new)]
    path = f"{tools}:{os.environ['PATH']}"
    process = subprocess.Popen(
        command, cwd=PROJECT, env={**os.environ, "PATH": path}, start_new_session=True
    )
    try:
        deadline = time.monotonic() + 60
        while not reached.exists():
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.05)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert not new.exists()
    [leftover] = new.parent.glob(f"{write.MARK}*")
    for file in leftover.rglob("*"):
        assert not file.is_file() or old_sites.CANARY.encode() not in file.read_bytes()
    assert not list(Path("/dev/shm").glob(f"cc-ansible-{process.pid}-*"))
    assert main(["import", str(source), str(new)]) == 0
    assert not list(new.parent.glob(f"{write.MARK}*"))
    assert (new / "IMPORT.md").exists()


@pytest.mark.parametrize("step", ["_write_files", "_write_secrets"])
def test_an_interruption_leaves_nothing(
    old: Write, new: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(write, step, interrupt)
    assert main(["import", str(old("minimal")), str(new)]) == 130
    assert list(new.parent.iterdir()) == [new.parent / "sites"]
