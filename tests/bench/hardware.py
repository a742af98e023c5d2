"""How long `hardware plan` takes for many items and a year of windows, and what of it is lists.

python -m tests.bench.hardware
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from unittest import mock

import requests
import yaml

from cc_ansible.paths import PROJECT, site_state_dir
from tests.bench import validation

sys.path.extend(str(PROJECT / "tests" / "unit" / part) for part in ("", "hardware"))

from testbed import OWN, Testbed, running

NODES = 1000
DAYS = 365
CC_ANSIBLE = str(PROJECT / "cc-ansible")


def run(site: Path, *words: str) -> tuple[float, str]:
    """Seconds and output of a command that must succeed."""
    start = time.monotonic()
    argv = [CC_ANSIBLE, "-s", str(site), "hardware", *words]
    done = subprocess.run(argv, check=False, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return time.monotonic() - start, done.stdout.strip()


def lists(bed: Testbed) -> float:
    """Seconds of the list calls of a plan, as the same client makes them."""
    headers = {"X-Auth-Token": f"token-{OWN}"}
    start = time.monotonic()
    for path in ("hardware/", "availability"):
        requests.get(f"{bed.url}/v1/{path}?all_projects=true", headers=headers, timeout=60).json()
    return time.monotonic() - start


def main() -> None:
    # The double of Doni would write a line for each request.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with (
        tempfile.TemporaryDirectory() as scratch,
        mock.patch.dict(
            os.environ, {"CC_ANSIBLE_STATE_DIR": f"{scratch}/state", "NO_PROXY": "127.0.0.1"}
        ),
    ):
        site = validation.site(Path(scratch), NODES)
        defaults = site / "defaults.yml"
        more = yaml.safe_dump({"hardware_horizon_days": DAYS})
        defaults.write_text(defaults.read_text() + more)
        with running(Path(scratch)) as bed:
            bed.login(site_state_dir(site))
            took, _ = run(site, "plan")
            print(f"plan, {NODES} to create       {took:8.2f} s")
            took, _ = run(site, "apply", "--yes", "--no-wait")
            print(f"apply, {NODES} to create      {took:8.2f} s", flush=True)
            bed.calls.clear()
            for _ in range(3):
                took, said = run(site, "plan")
                of_lists = lists(bed)
                print(
                    f"plan, {NODES} as declared     {took:8.2f} s, {of_lists:.2f} s of it lists, "
                    f"{took - of_lists:.2f} s ours: {said}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
