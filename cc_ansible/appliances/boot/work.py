"""A directory for one boot; what a killed one left is removed before the next."""

from __future__ import annotations

import contextlib
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cc_ansible.paths import state_dir
from cc_ansible.runs import owner


@contextlib.contextmanager
def directory() -> Iterator[Path]:
    """A directory of mode 0700 on disk (a root file system may be large), gone afterwards."""
    base = state_dir() / "appliances" / "boots"
    base.mkdir(parents=True, exist_ok=True, mode=0o700)
    _sweep(base)
    me = owner.here()
    path = Path(tempfile.mkdtemp(prefix=f"{me.pid}-{me.start}-", dir=base))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _sweep(base: Path) -> None:
    for leftover in base.iterdir():
        named = re.match(r"(\d+)-(\d+)-", leftover.name)
        if named and not owner.runs(int(named[1]), int(named[2])):
            shutil.rmtree(leftover, ignore_errors=True)
