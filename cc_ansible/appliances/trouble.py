"""What a failed build means, out of the last lines of diskimage-builder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cc_ansible.errors import RunFailed

if TYPE_CHECKING:
    from cc_ansible.appliances.stages import Stage

SHOWN = 12
"""Lines of its output that the error shows."""
NOISE = ("+", "Unmount ", "INFO diskimage_builder", "dib-run-parts")
"""What diskimage-builder says of itself, most of it after what went wrong."""
MEANINGS = (
    (r"No space left on device", "the disk is full", "Make room, or build with more memory free."),
    (r"Exec format error|can neither be executed natively nor via qemu",
     "programs of another architecture do not run here",
     "Build it again, or on a machine of that architecture."),
    (r"Temporary failure resolving '?([^']+?)'?$|Could not resolve '?([^' ]+)",
     "the name of the mirror {0} does not resolve", "See the network and DNS of this machine."),
    (r"Could not connect to (\S+)|Connection (?:failed|timed out|refused).*?(\S+)?$",
     "the mirror does not answer", "Try again; see the network and proxies of this machine."),
    (r"(?:Failed to fetch|Err:\d+) (\S+)", "the mirror does not give out {0}",
     "Try again: mirrors change while they are updated."),
    (r"Hash Sum mismatch|File has unexpected size", "the mirror is being updated",
     "Try again in some minutes."),
    (r"certificate verify failed|Certificate verification failed",
     "a server's certificate is not trusted", "See the CA certificates of this machine."),
    # Without a mirror there are no packages either.
    (r"Unable to locate package (\S+)|Package '?(\S+?)'? has no installation candidate",
     "there is no package {0}", "Correct it in `packages`, or in a package-installs.yaml."),
    (r"unshare: .*Operation not permitted|mount: .*permission denied",
     "this machine lets us not mount anything", "Build as root, on a machine or in a container "
     "with CAP_SYS_ADMIN."),
    (r"Killed", "something was killed, most likely because memory ran out", "Give it more memory."),
)  # fmt: skip
"""Pattern, meaning, and what to do; the first that matches counts."""


def explain(stage: Stage, hook: str, lines: Sequence[str], log: Path) -> RunFailed:
    """The error for a stage that could not be made."""
    meaning, fix = _meaning(lines)
    where = f" in {hook}" if hook else ""
    return RunFailed(
        f"appliance {stage.appliance} ({stage.arch}): stage {stage.kind} failed{where}"
        f"{f': {meaning}' if meaning else ''}.",
        detail="\n".join([*_last(lines), f"The whole output: {log}"]),
        fix=fix,
    )


def _meaning(lines: Sequence[str]) -> tuple[str, str]:
    for pattern, meaning, fix in MEANINGS:
        for line in reversed(lines):
            if found := re.search(pattern, line):
                what = next((group for group in found.groups() if group), "")
                return meaning.format(what), fix
    return "", "Read its last lines; the whole output has more."


def _last(lines: Sequence[str]) -> list[str]:
    shown = [line for line in lines if line.strip() and not line.startswith(NOISE)]
    return [line[:200] for line in shown[-SHOWN:]]
