"""Imports point one way, as docs/ARCHITECTURE.md draws them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import cc_ansible

PACKAGE = Path(cc_ansible.__file__).parent
GROUND = {"errors", "paths", "memory"}
MAY_IMPORT = {
    "errors": set(),
    "paths": set(),
    "memory": {"errors"},
    "site": GROUND,
    "runs": {*GROUND, "site"},
    "engine": {*GROUND, "runs"},
    "kolla": {*GROUND, "site", "runs", "engine"},
    "online": {*GROUND, "site", "runs", "kolla"},
    "hardware": {*GROUND, "site", "runs", "kolla"},
    "login": {*GROUND, "runs"},
    "verify": {*GROUND, "site", "runs", "kolla", "online", "hardware", "login"},
    "report": {*GROUND, "site", "runs", "kolla", "online", "hardware", "verify"},
    "appliances": {*GROUND, "site", "runs", "engine", "kolla", "login", "verify"},
    "lab": {*GROUND, "site", "runs", "engine", "kolla", "hardware", "appliances", "verify"},
    "cli": {
        *GROUND,
        "site",
        "runs",
        "engine",
        "kolla",
        "online",
        "hardware",
        "appliances",
        "lab",
        "verify",
        "report",
    },
}


def imported_rooms(file: Path) -> Iterator[str]:
    """Rooms of ours that a module imports, at its top or inside of functions."""
    for node in ast.walk(ast.parse(file.read_text())):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.module == "cc_ansible":
            names = [f"cc_ansible.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            head, _, rest = name.partition(".")
            if head == "cc_ansible" and rest and not rest.startswith("__"):
                yield rest.split(".")[0]


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_what_lies_below_it(room: str) -> None:
    files = [PACKAGE / f"{room}.py"] if (PACKAGE / f"{room}.py").exists() else []
    files += sorted((PACKAGE / room).rglob("*.py"))
    assert files
    for file in files:
        assert set(imported_rooms(file)) <= MAY_IMPORT[room] | {room}, file


def test_ansible_content_never_imports_the_package() -> None:
    project = PACKAGE.parent
    content = [*project.glob("plugins/**/*.py"), *project.glob("kolla/overlay/**/*.py")]
    assert content
    assert not [file for file in content if set(imported_rooms(file))]


def test_no_module_is_longer_than_five_hundred_lines() -> None:
    lengths = {file: len(file.read_text().splitlines()) for file in PACKAGE.rglob("*.py")}
    assert not [file for file, length in lengths.items() if length > 500]
