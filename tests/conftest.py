"""What holds for every test, whatever it tests."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from cc_ansible.paths import PROJECT

CC_ANSIBLE = PROJECT / "cc-ansible"
ARTIFACTS = PROJECT / "tests" / "artifacts"
Command = Callable[..., subprocess.CompletedProcess[str]]

# A shell starts its background jobs with SIGINT ignored, nohup does the same with SIGHUP, and
# children inherit that: tests that stop a command would hang on a machine whose CI starts them so.
for number, handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGTERM, signal.SIG_DFL),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)


@pytest.fixture(scope="session")
def artifacts() -> Path:
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    return ARTIFACTS


@pytest.fixture(scope="session")
def cc(artifacts: Path) -> Command:
    """Run cc-ansible as a user would; the output is kept in the artifacts and returned."""

    def run(
        *words: str, code: int | None = 0, **options: object
    ) -> subprocess.CompletedProcess[str]:
        result = subprocess.run(
            [str(CC_ANSIBLE), *words], capture_output=True, text=True, check=False, **options
        )
        with (artifacts / "commands.log").open("a") as log:
            log.write(f"$ cc-ansible {' '.join(words)}\n{result.stdout}{result.stderr}\n")
        if code is not None:
            assert result.returncode == code, f"{words}\n{result.stdout}\n{result.stderr}"
        return result

    return run
