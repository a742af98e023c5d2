"""What is wrong with an inventory file that Ansible cannot read: where, and what helps.

Ansible says what it disliked, but not always on which line.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from cc_ansible.errors import Origin
from cc_ansible.site import yamlfile
from cc_ansible.site.names import nearest

KINDS = ("children", "vars")
_FIXES = (
    (
        r"unknown type: (?P<word>\S+)",
        "a section is neither [group], [group:children] nor [group:vars]",
        "",
    ),
    (r"not enough values to unpack", "a section has no closing bracket", "Write it as [group]."),
    (r"Invalid section entry", "a section name has spaces or other signs", "Write it as [group]."),
    (
        r"Expected key=value host variable assignment, got: (?P<word>.+)",
        "after a host come only key=value",
        "One host per line; no spaces around `=`; values with spaces in quotes; # before comments.",
    ),
    (
        r"Expected group name, got",
        "[group:children] lists names of groups only",
        "Give variables in a [group:vars] section.",
    ),
    (r"Expected key=value, got", "[group:vars] lists key=value lines only", "Write name=value."),
    (r"No closing quotation", "a quote is not closed", "Close the quote on this line."),
    (r"ending in ':'", "a host name ends with a colon", "Remove the colon; INI is not YAML."),
    (r"to itself|recursive dependency", "a group is below itself", "Remove it from its children."),
    (r"range|invalid literal", "a range of hosts is malformed", "Write node[01:10]."),
)
_GOT = re.compile(r"got: (.+)")
_LOOP = re.compile(r"Adding group '(?P<child>.+?)' as child to '(?P<parent>.+?)'")
_ENTRY = re.compile(r'Invalid "(?P<key>\w+)" entry for "(?P<group>[^"]+)" group')


def describe(message: str) -> tuple[str, str]:
    """What Ansible's message means, and what helps; its own words where we have none."""
    for pattern, what, fix in _FIXES:
        if found := re.search(pattern, message):
            word = found.groupdict().get("word", "")
            close = nearest(word, KINDS)
            return what, fix or (f"Did you mean `{close}`?" if close else "Correct the section.")
    return "", ""


def line_of(path: Path, text: str, message: str, *, ini: bool) -> Origin:
    """The line of a file that makes Ansible say ``message``; the file where that is not found."""
    if text.startswith("\ufeff"):
        return Origin(path, 1, 1)
    if ini:
        return _ini_line(path, text, message)
    if entry := _ENTRY.search(message):
        for place, origin in yamlfile.examine(text, path)[0].origins.items():
            if place[-2:] == (entry["group"], entry["key"]):
                return origin
    return Origin(path)


def _ini_line(path: Path, text: str, message: str) -> Origin:
    """The first line with which the parser says so: it stops at the first it dislikes."""
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        if line.lstrip().startswith("[") and "]" not in line:
            return Origin(path, number, 1)
    if loop := _LOOP.search(message):
        return _child_line(path, lines, loop["parent"], loop["child"])
    if "to itself" in message:
        return _child_line(path, lines, None, None)
    first, last = 1, len(lines)
    while first < last:
        middle = (first + last) // 2
        if _says(lines[:middle], message):
            last = middle
        else:
            first = middle + 1
    if not _says(lines[:first], message):
        return Origin(path)
    bare = lines[first - 1]
    disliked = _GOT.search(message)
    column = bare.find(f" {disliked[1]}") + 1 if disliked else 0
    return Origin(path, first, (column or len(bare) - len(bare.lstrip())) + 1)


def without(text: str, line: int) -> str:
    """The text with a line left empty; with the section below it when it starts one."""
    lines = text.splitlines()
    end = line
    if lines[line - 1].lstrip().startswith("["):
        while end < len(lines) and not lines[end].lstrip().startswith("["):
            end += 1
    return "\n".join([*lines[: line - 1], *([""] * (end - line + 1)), *lines[end:]]) + "\n"


def _child_line(path: Path, lines: list[str], parent: str | None, child: str | None) -> Origin:
    """The line of ``child`` below ``parent``; without them, of a group below itself."""
    group = ""
    for number, line in enumerate(lines, start=1):
        if section := re.match(r"\s*\[([^:\]]+)", line):
            group = section[1]
            continue
        name = line.partition("#")[0].strip()
        if name and (name == group if child is None else (group, name) == (parent, child)):
            return Origin(path, number, len(line) - len(line.lstrip()) + 1)
    return Origin(path)


def _says(lines: list[str], message: str) -> bool:
    """Whether Ansible's INI parser, given only these lines, fails with ``message``."""
    from ansible import constants
    from ansible.inventory.data import InventoryData
    from ansible.plugins.inventory import ini

    plugin: Any = ini.InventoryModule()
    plugin.inventory = InventoryData()
    names, constants.TRANSFORM_INVALID_GROUP_CHARS = (
        constants.TRANSFORM_INVALID_GROUP_CHARS,
        "silently",
    )
    try:
        from ansible._internal._datatag._tags import Origin as Tag

        plugin._origin = Tag(path="/inventory", line_num=0)
        plugin._parse(lines)
    except Exception as error:
        return str(getattr(error, "message", error)).strip() == message
    finally:
        constants.TRANSFORM_INVALID_GROUP_CHARS = names
    return False
