"""Processes a run left behind, known by the mark in their environment."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Collection
from pathlib import Path

from cc_ansible.runs.owner import start_time

MARK = "CC_ANSIBLE_RUN"
"""Environment variable that every process of a run inherits; its value is the run id."""


def find(run_ids: Collection[str]) -> dict[int, int]:
    """Return pid and start time of the processes of these runs, without ourselves."""
    wanted = {f"{MARK}={run_id}".encode() for run_id in run_ids if run_id}
    if not wanted:
        return {}
    found: dict[int, int] = {}
    ours = ancestors()
    for entry in Path("/proc").glob("[0-9]*"):
        pid = int(entry.name)
        try:
            environment = (entry / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        start = start_time(pid)
        if start is not None and pid not in ours and not wanted.isdisjoint(environment):
            found[pid] = start
    return found


def end(run_ids: Collection[str], grace: float = 5.0) -> int:
    """End every process of these runs: SIGTERM, after ``grace`` seconds SIGKILL.

    Returns how many there were. New ones that they start meanwhile are ended too.
    """
    seen: set[int] = set()
    deadline = time.monotonic() + grace
    empty = 0
    # Twice, because a process has no environment for a moment while it execs another program.
    while empty < 2:
        processes = find(run_ids)
        empty = 0 if processes else empty + 1
        late = time.monotonic() >= deadline
        for pid in processes:
            if late or pid not in seen:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL if late else signal.SIGTERM)
        seen.update(processes)
        if time.monotonic() > deadline + grace:
            break  # Stuck in the kernel (dead NFS server): nothing more can be done from here.
        time.sleep(0.05)
    return len(seen)


def ancestors() -> set[int]:
    """Return this process and those it descends from: never to be ended by us."""
    found = {os.getpid()}
    pid = os.getppid()
    while pid > 1 and pid not in found:
        found.add(pid)
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
        except OSError:
            break
        pid = int(stat.rpartition(")")[2].split()[1])
    return found
