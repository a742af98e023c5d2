"""What a timer runs: windows move on with time, and metrics say when they last did."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from cc_ansible.errors import CcError
from cc_ansible.hardware import credentials, sight, windows, work
from cc_ansible.hardware.work import Result
from cc_ansible.site import vault

if TYPE_CHECKING:
    from cc_ansible.site.load import Site

PREFIX = "cc_ansible_hardware_roll"


def roll(site: Site, metrics: Path | None, output: str) -> Result:
    """Bring windows up to date, and end maintenance that is over.

    Without anything to do no lock is taken and no journal kept. Metrics are written however it
    ends; those of a failure keep the time of the last success.

    :raises Locked: another run works on the site.
    :raises CcError: the site cannot be asked.
    """
    began = time.time()
    result: Result | None = None
    try:
        result = _roll(site, output)
        return result
    finally:
        if metrics is not None:
            write(metrics, result, began)


def _roll(site: Site, output: str) -> Result:
    seen = sight.of(site, login=credentials.rolling)
    now = windows.this_minute()
    plan = seen.plan(now, only_windows=True)
    if not plan.work:
        return Result(plan)
    return work.carry_out(seen, plan, now, ["roll"], output=output, only_windows=True)


def write(file: Path, result: Result | None, began: float) -> None:
    """Write the metrics, whole or not at all.

    :raises CcError: they cannot be written.
    """
    good = result is not None and not result.failed and not result.plan.problems
    success = began if good else _last_success(file)
    moved = sum(len(each.plan.windows) for each in result.done if not each.error) if result else 0
    bad = len(result.failed) + len(result.plan.problems) if result else 0
    values = [
        ("last_success_timestamp_seconds", "When windows were last brought up to date.", success),
        ("last_run_timestamp_seconds", "When that was last tried.", began),
        ("success", "Whether the last try succeeded.", int(good)),
        ("duration_seconds", "How long it took.", time.time() - began),
        ("items", "Items that are declared and enrolled.", len(result.plan.items) if result else 0),
        ("items_failed", "Items that could not be brought up to date.", bad),
        ("windows_changed", "Blackouts that were added, moved or dropped.", moved),
    ]
    lines = []
    for name, about, value in values:
        lines += [f"# HELP {PREFIX}_{name} {about}", f"# TYPE {PREFIX}_{name} gauge"]
        lines.append(f"{PREFIX}_{name} {value:.15g}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # The collector runs as another user.
        vault.replace(file, "\n".join(lines) + "\n", mode=0o644)
    except OSError as problem:
        raise CcError(
            f"The metrics cannot be written to {file}.", detail=problem.strerror or str(problem)
        ) from None


def _last_success(file: Path) -> float:
    """That of the metrics that are there; 0 for never."""
    name = f"{PREFIX}_last_success_timestamp_seconds"
    try:
        for line in file.read_text().splitlines():
            if line.startswith(f"{name} "):
                return float(line.split()[1])
    except (OSError, ValueError, IndexError):
        pass
    return 0.0
