"""Benchmarks on the deployed lab: `make bench`. Ratios are taken side by side in one run.

Nothing here is asserted: machines are noisy. The deploys take minutes.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from cc_ansible.kolla import workspace
from cc_ansible.lab import spec
from cc_ansible.paths import PROJECT, VENV_BIN
from cc_ansible.site import load
from tests.bench import doni, doni_list, hardware, validation

CC_ANSIBLE = str(PROJECT / "cc-ansible")


def timed(argv: list[str], env: dict[str, str] | None = None) -> float:
    """Wall-clock seconds of a command that must succeed."""
    start = time.monotonic()
    subprocess.run(argv, check=True, capture_output=True, env=env)
    return time.monotonic() - start


def best(of: int, run: Callable[[], float]) -> float:
    return min(run() for _ in range(of))


def row(name: str, ours: float, plain: float | None = None, than: str = "") -> None:
    ratio = f"  {ours / plain:5.2f} x {than} ({plain:.2f} s)" if plain else ""
    print(f"{name:<28} {ours:8.2f} s{ratio}", flush=True)


def command_line() -> None:
    ours = best(5, lambda: timed([CC_ANSIBLE, "--help"]))
    plain = best(3, lambda: timed([str(VENV_BIN / "kolla-ansible"), "--help"]))
    row("--help", ours, plain, "kolla-ansible --help")


def unchanged_build(site: Path) -> None:
    ours = statistics.median(timed([CC_ANSIBLE, "-s", str(site), "build"]) for _ in range(3))
    row("unchanged build", ours)


def unchanged_deploy(site: Path, tags: list[str]) -> None:
    """Ours against Kolla-Ansible with Ansible's default settings on the same inventory."""
    words = ["--tags", ",".join(tags)] if tags else []
    ours = timed([CC_ANSIBLE, "-s", str(site), "deploy", *words])
    with (
        workspace.assemble(load.load(site), {}) as space,
        tempfile.TemporaryDirectory() as scratch,
    ):
        config = Path(scratch, "ansible.cfg")
        config.write_text("[defaults]\ninterpreter_python = auto_silent\n")
        env = {**space.environment(), "ANSIBLE_CONFIG": str(config)}
        argv = [str(VENV_BIN / "kolla-ansible"), "deploy", "-i", str(space.inventory)]
        argv += ["--configdir", str(space.config)]
        argv += [*space.vault_arguments(), *words]
        plain = timed(argv, {**os.environ, **env})
    row(f"unchanged deploy {' '.join(tags)}", ours, plain, "kolla-ansible deploy")


def main() -> None:
    validation.main()
    doni_list.main()
    doni.main()
    hardware.main()
    lab = spec.load()
    if lab is None:
        sys.exit("no lab: run 'cc-ansible lab up' first")
    command_line()
    unchanged_build(lab.site)
    unchanged_deploy(lab.site, ["keystone"])
    if "--whole" in sys.argv:
        unchanged_deploy(lab.site, [])


if __name__ == "__main__":
    main()
