"""The samples of the configuration and the policy can be made."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SERVICE = Path(__file__).parents[3]
BIN = Path(sys.executable).parent


@pytest.mark.parametrize(
    ("tool", "options", "said"),
    [
        (
            "oslo-config-generator",
            "config-generator.conf",
            ["[api]", "#max_limit = 1000", "[keystone_authtoken]", "[database]", "[worker]"],
        ),
        (
            "oslopolicy-sample-generator",
            "policy-generator.conf",
            ["# POST  /v1/hardware", '#"hardware:create": "rule:admin or rule:enroller"'],
        ),
    ],
)
def test_sample(tmp_path: Path, tool: str, options: str, said: list[str]) -> None:
    made = tmp_path / "sample"
    subprocess.run(
        [BIN / tool, "--config-file", SERVICE / "etc" / options, "--output-file", made],
        check=True,
        capture_output=True,
    )
    text = made.read_text()
    for part in said:
        assert part in text
    # Nothing of the machine on which they are made.
    assert str(Path.home()) not in text


def test_the_policy_that_is_in_force() -> None:
    argv = [str(BIN / "oslopolicy-policy-generator"), "--namespace", "doni"]
    found = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    assert '"hardware:export": "rule:project_scoped"' in found
