"""The results of the last verification, kept for ``status`` and ``report``."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cc_ansible.runs.files import private_dir, write_json
from cc_ansible.verify.result import Result

FILE = Path("verify/last.json")
"""Below the site's state directory: a list of results, written whole, mode 0600."""


def keep(state_dir: Path, results: Sequence[Result]) -> Path:
    """Replace the results of the last verification; returns the file."""
    file = state_dir / FILE
    private_dir(file.parent)
    write_json(file, [plain(result) for result in results])
    return file


def plain(result: Result) -> dict[str, Any]:
    """A result as plain data; a picture is in base64, and most have none."""
    found = {**asdict(result), "seconds": round(result.seconds, 3)}
    picture = found.pop("picture")
    return found | ({"picture": base64.b64encode(picture).decode()} if picture else {})
