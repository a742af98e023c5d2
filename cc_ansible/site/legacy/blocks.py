"""Change single variables of a YAML file and leave the rest of its text, comments too, alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cc_ansible.errors import SiteInvalid
from cc_ansible.site import yamlfile


@dataclass(frozen=True)
class Edit:
    """What stands in place of a variable: a text ("" for nothing), and what that text says."""

    text: str
    says: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Block:
    """The lines ``[start, end)`` of one variable; ``comment`` is where the lines that explain it
    begin."""

    comment: int
    start: int
    end: int


DROP = Edit("")
NOTE = "Needs a decision, see IMPORT.md:"


def said(values: Mapping[str, Any]) -> Edit:
    """Variables with new values; none drops what was there."""
    return Edit(yamlfile.dump(dict(values)), values) if values else DROP


def commented(text: str) -> Edit:
    """The lines of a variable as a comment that somebody is to decide about."""
    lines = [f"# {NOTE}", *(f"# {line}" if line else "#" for line in text.rstrip().split("\n"))]
    return Edit("\n".join(lines) + "\n")


def find(text: str, file: Path) -> dict[str, Block]:
    """Where each variable of a file stands; empty when lines do not tell (flow style)."""
    import yaml

    node = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(node, yaml.MappingNode) or node.flow_style:
        return {}
    lines = text.split("\n")
    starts = [key.start_mark.line for key, _ in node.value]
    if len(set(starts)) != len(starts) or any(key.start_mark.column for key, _ in node.value):
        return {}
    ends = [*starts[1:], _last(lines, node.end_mark.line)]
    found: dict[str, Block] = {}
    above = 0
    for (key, _), start, limit in zip(node.value, starts, ends, strict=True):
        end = limit
        while end > start + 1 and _is_between(lines[end - 1]):
            end -= 1
        comment = start
        while comment > above and lines[comment - 1].startswith("#"):
            comment -= 1
        found[key.value] = Block(comment, start, end)
        above = end
    return found


def text_of(text: str, block: Block) -> str:
    """The lines of a block."""
    return "\n".join(text.split("\n")[block.start : block.end]) + "\n"


def apply(text: str, file: Path, edits: Mapping[str, Edit]) -> tuple[str, bool]:
    """The text with its edits, and whether its comments could stay.

    What the result says is compared with what it should say; where text that refers to other
    places (anchors, flow style) does not survive the edits, the values are written afresh.
    """
    values = yamlfile.require_mapping(yamlfile.parse(text, file)).value
    if not edits:
        return text, True
    wanted: dict[str, Any] = {}
    for name, value in values.items():
        wanted |= dict(edits[name].says) if name in edits else {name: value}
    blocks = find(text, file)
    if blocks.keys() == values.keys():
        result = _edited(text, blocks, edits)
        try:
            said = yamlfile.require_mapping(yamlfile.parse(result, file)).value
        except SiteInvalid:
            said = None
        if said == wanted:
            return result, True
    notes = [edit.text for edit in edits.values() if not edit.says]
    return "---\n" + "".join(notes) + (yamlfile.dump(wanted) if wanted else ""), False


def _edited(text: str, blocks: Mapping[str, Block], edits: Mapping[str, Edit]) -> str:
    lines = text.split("\n")
    for name, block in reversed(list(blocks.items())):
        if name in edits:
            new = edits[name].text.rstrip("\n")
            # An explanation goes with what it explains.
            first, last = (block.start, block.end) if new else _with_gap(lines, block)
            lines[first:last] = new.split("\n") if new else []
    result = "\n".join(lines)
    return result if result.endswith("\n") else f"{result}\n"


def _with_gap(lines: list[str], block: Block) -> tuple[int, int]:
    """What to take away with a block: its comment, and one of two empty lines around it."""
    below = block.end
    is_open = block.comment == 0 or not lines[block.comment - 1].strip()
    if is_open and below < len(lines) - 1 and not lines[below].strip():
        below += 1
    return block.comment, below


def _last(lines: list[str], end: int) -> int:
    """Where the document ends."""
    for index, line in enumerate(lines):
        if index and line.startswith("...") and index >= end:
            return index
    return len(lines)


def _is_between(line: str) -> bool:
    return not line.strip() or line.startswith("#")
