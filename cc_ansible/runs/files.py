"""Small files that are either written whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any


def private_dir(path: Path) -> Path:
    """Create a directory only its owner may enter, with its parents, and return it."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def temporary(path: Path, data: Any) -> Path:
    """Write ``data`` as JSON into a new file beside ``path``, on disk, mode 0600."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w") as file:
        json.dump(data, file, indent=2, default=str)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    return Path(name)


def write_json(path: Path, data: Any) -> None:
    """Replace ``path`` by ``data`` as JSON; a reader sees the old or the new, never a part."""
    temporary(path, data).replace(path)
