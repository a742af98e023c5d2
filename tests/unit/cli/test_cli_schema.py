"""cc-ansible schema"""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from cc_ansible.cli.main import cli
from cc_ansible.cli.schema import NAMES


def test_schemas_are_printed_and_written(tmp_path: Path) -> None:
    run = CliRunner().invoke
    written = run(cli, ["schema", "--output-dir", str(tmp_path / "new")])
    assert written.exit_code == 0, written.output
    for name in NAMES:
        file = tmp_path / "new" / f"{name}.json"
        assert str(file) in written.output
        assert json.loads(file.read_text()) == json.loads(run(cli, ["schema", name]).output)
    assert f"$schema={tmp_path}/new/hardware.json" in written.output


def test_without_a_name_it_says_what_there_is() -> None:
    shown = CliRunner().invoke(cli, ["schema"])
    assert shown.exit_code == 0
    assert all(f"cc-ansible schema {name}" in shown.output for name in NAMES)


def test_an_unknown_schema_is_refused() -> None:
    assert CliRunner().invoke(cli, ["schema", "switches"]).exit_code == 2
