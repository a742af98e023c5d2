"""Private directories in memory: for what must never reach a disk, or must not outlive us."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cc_ansible.errors import UsageError

MEMORY = Path("/dev/shm")  # noqa: S108 - memory, not disk, is the point
PREFIX = "cc-ansible-"


@contextlib.contextmanager
def directory(purpose: str, *, disk: bool = False) -> Iterator[Path]:
    """A directory of mode 0700, gone afterwards; a killed process's are removed here too.

    With ``disk`` a machine without memory-backed directories may use its temporary directory.

    Raises:
        UsageError: there is no directory in memory.
    """
    base = MEMORY
    if not (MEMORY.is_dir() and os.access(MEMORY, os.W_OK)):
        if not disk:
            raise UsageError(
                f"There is no writable {MEMORY}, so plaintext would touch a disk.",
                fix=f"Mount a tmpfs on {MEMORY}.",
            )
        base = Path(tempfile.gettempdir())
    _sweep(base)
    path = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-{purpose}-", dir=base))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _sweep(base: Path) -> None:
    """Remove our directories whose process is gone."""
    for leftover in base.glob(f"{PREFIX}*"):
        owner = re.match(rf"{PREFIX}(\d+)-", leftover.name)
        if owner and not Path("/proc", owner[1]).exists():
            shutil.rmtree(leftover, ignore_errors=True)
