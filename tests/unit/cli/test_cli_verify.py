"""How `verify` shows what it found, and what it asks for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from cc_ansible.cli.app import App
from cc_ansible.cli.verify import verify
from cc_ansible.errors import Exit, UsageError
from cc_ansible.verify import run
from cc_ansible.verify.result import Level, Status
from cc_ansible.verify.result import Result as Checked
from cc_ansible.verify.run import Verification

FAILED = Checked(
    "containers on node1", Level.QUICK, Status.FAILED, "heat_engine is stopped", 0.0,
    cause="Somebody stopped it.", fix="Start it.", log=("Caught SIGTERM",),
    runbook="docs/verify.md#containers",
)  # fmt: skip
PASSED = Checked("Galera", Level.QUICK, Status.PASSED, "3 members, synced", 1.2)
SKIPPED = Checked("stack", Level.STANDARD, Status.SKIPPED, "the site has no Heat")


class Asked:
    """What the command asked for."""

    def __init__(self) -> None:
        self.results: list[Checked] = [FAILED, PASSED, SKIPPED]
        self.words: tuple[Any, ...] = ()

    def __call__(self, site: Any, subject: Any, level: Level, *rest: Any) -> Verification:
        self.words = (level, *rest[1:])
        return Verification(level, self.results, 9.4)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    made = Asked()
    monkeypatch.setattr(run, "verify", made)
    return made


@pytest.fixture
def command(site_dir: Path, asked: Asked):  # type: ignore[no-untyped-def]
    def ran(*words: str) -> Result:
        return CliRunner().invoke(verify, list(words), obj=App(str(site_dir)))

    return ran


def test_a_row_for_each_check_then_each_failure_with_its_cause(command) -> None:  # type: ignore[no-untyped-def]
    result = command()
    lines = result.output.splitlines()
    rows = [line.split() for line in lines if line.strip()[:1] in "✓✗\N{EN DASH}" and line.strip()]
    assert rows[0] == ["✗", "containers", "on", "node1", "heat_engine", "is", "stopped"]
    assert rows[1] == ["✓", "Galera", "1.2", "s", "3", "members,", "synced"]
    assert rows[2][:2] == ["\N{EN DASH}", "stack"]
    at = lines.index("✗ containers on node1: heat_engine is stopped")
    assert lines[at + 1 : at + 5] == [
        "    Somebody stopped it.",
        "    | Caught SIGTERM",
        "    fix: Start it.",
        "    see docs/verify.md#containers",
    ]
    assert lines[-1] == "quick: 1 passed, 1 failed, 1 skipped (9 s)"


@pytest.mark.parametrize("output", ["text", "json", "junit"])
@pytest.mark.parametrize(
    ("results", "code"),
    [([PASSED, SKIPPED], Exit.OK), ([PASSED, FAILED], Exit.VERIFY_FAILED), ([], Exit.OK)],
)
def test_exit_codes(  # type: ignore[no-untyped-def]
    results: list[Checked], code: int, output: str, command, asked: Asked
) -> None:
    asked.results = results
    assert command("--output", output).exit_code == code


def test_json(command) -> None:  # type: ignore[no-untyped-def]
    said = json.loads(command("--output", "json").output)
    assert (said["level"], said["passed"], said["seconds"]) == ("quick", False, 9.4)
    assert said["results"][0] == {
        "name": "containers on node1",
        "level": "quick",
        "status": "failed",
        "detail": "heat_engine is stopped",
        "seconds": 0.0,
        "cause": "Somebody stopped it.",
        "fix": "Start it.",
        "log": ["Caught SIGTERM"],
        "runbook": "docs/verify.md#containers",
    }


def test_junit_on_standard_output_and_in_a_file(command, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    printed = command("--output", "junit").output
    assert ElementTree.fromstring(printed.encode()).get("failures") == "1"
    file = tmp_path / "verify.xml"
    assert "1 failed" in command("--junit", str(file)).output
    assert file.read_text() == printed


def test_a_check_that_does_not_exist_is_a_mistake(command, asked: Asked) -> None:  # type: ignore[no-untyped-def]
    asked.results = []
    error = command("--only", "galerra").exception
    assert isinstance(error, UsageError)
    assert "galerra" in error.summary


def test_level_and_globs_are_passed_on(command, asked: Asked) -> None:  # type: ignore[no-untyped-def]
    command("--level", "standard", "--only", "logs*", "--only", "Galera")
    assert asked.words == (Level.STANDARD, ("logs*", "Galera"), None)


def options(command, asked: Asked, *words: str) -> Any:  # type: ignore[no-untyped-def]
    """The options of the experiment that level full would do."""
    from cc_ansible.verify import experiment

    kept: list[Any] = []

    def do(cloud: object, chosen: object, tell: object) -> list[Checked]:
        kept.append(chosen)
        return [PASSED]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(experiment, "run", do)
        result = command("--level", "full", *words)
        assert result.exit_code == Exit.VERIFY_FAILED, result.output
        assert asked.words[2].do(None, print) == [PASSED]
    return kept[0]


def test_the_experiment_is_done_as_the_command_line_says(command, asked: Asked) -> None:  # type: ignore[no-untyped-def]
    words = ["--image", "CC-Debian13", "--node-type", "compute_skylake", "--node", "c01"]
    words += ["--minutes", "45", "--network", "", "--repeat", "3", "--keep"]
    found = options(command, asked, *words)
    assert (found.image, found.node_type, found.items) == (
        "CC-Debian13",
        "compute_skylake",
        ("c01",),
    )
    assert (found.limit, found.repetitions, found.keep) == (2700.0, 3, True)
    assert (found.external_network, found.flavor, found.fake) == ("", "baremetal", None)


def test_a_real_site_must_say_which_image(command) -> None:  # type: ignore[no-untyped-def]
    error = command("--level", "full").exception
    assert isinstance(error, UsageError)
    assert "--image" in error.fix


def test_the_lab_enrols_a_machine_unless_one_is_named(  # type: ignore[no-untyped-def]
    command, asked: Asked, site_dir: Path
) -> None:
    with (site_dir / "defaults.yml").open("a") as file:
        file.write("chi_scenario: lab\n")
    found = options(command, asked)
    assert found.fake is not None and found.image
    assert options(command, asked, "--node-type", "x").fake is None
