"""What was found in the installed files once, kept beside them as long as they stay the same.

Only facts of the release are kept, nothing of a site.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cc_ansible import paths
from cc_ansible.kolla import release

WATCHED = ("roles", "playbooks", "kolla", "cc_ansible/kolla")


def remembered(name: str, find: Callable[[], Any]) -> Any:
    """What ``find`` returns, as plain data; from an earlier call where nothing has changed."""
    file = Path(sys.prefix) / "share" / "cc-ansible" / f"{name}-{_key()}.json"
    with contextlib.suppress(OSError, ValueError):
        return json.loads(file.read_bytes())
    value = find()
    with contextlib.suppress(OSError):
        _write(file, name, json.dumps(value))
    return value


def _key() -> str:
    """Stands for the installed Kolla-Ansible and for our own content as it is now."""
    parts: list[object] = [release.versions()["kolla-ansible"]]
    for top in WATCHED:
        for directory, names, files in os.walk(paths.PROJECT / top):
            names[:] = sorted(set(names) - {"__pycache__"})
            stats = [(file, Path(directory, file).stat()) for file in sorted(files)]
            parts += [(directory, file, stat.st_mtime_ns, stat.st_size) for file, stat in stats]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _write(file: Path, name: str, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    for old in file.parent.glob(f"{name}-*.json"):
        old.unlink(missing_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=file.parent, delete=False) as stream:
        stream.write(text)
    Path(stream.name).chmod(0o644)
    Path(stream.name).replace(file)
