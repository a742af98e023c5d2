"""Names of hardware for the shell: quickly, so without checking anything."""

from __future__ import annotations

import re
from pathlib import Path

from cc_ansible.site.hardware import DIRECTORY

# Items are entries of a list; their interfaces too, which are deeper or on one line with others.
_NAME = re.compile(r"^(?P<indent>\s*)- name:\s*[\"']?(?P<name>[A-Za-z0-9.-]+)[\"']?\s*(?:#.*)?$")


def names(site: Path, begun: str = "") -> list[str]:
    """The names of items that begin so."""
    found: set[str] = set()
    for file in sorted((site / DIRECTORY).rglob("*.y*ml")):
        found.update(_in_file(file))
    return sorted(name for name in found if name.startswith(begun))


def _in_file(file: Path) -> list[str]:
    try:
        lines = file.read_text(errors="replace").splitlines()
    except OSError:
        return []
    matches = [match for line in lines if (match := _NAME.match(line))]
    least = min((len(match["indent"]) for match in matches), default=0)
    return [match["name"] for match in matches if len(match["indent"]) == least]
