"""Where things are written in inventory files; Ansible's parser does not tell.

Ansible decides what a file means. This only finds the lines again, for messages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cc_ansible.errors import Origin, SiteInvalid
from cc_ansible.site import inventory, yamlfile
from cc_ansible.site.yamlfile import Document, KeyPath

_SECTION = re.compile(r"\s*\[(?P<group>[^:\]]+)(?::(?P<kind>\w+))?\]")
_ASSIGNMENT = re.compile(
    r"(?:^|(?<=\s))(?P<key>[A-Za-z_]\w*)\s*=\s*(?P<value>\"[^\"]*\"|'[^']*'|\S*)"
)
_RANGE = re.compile(r"\\\[[^\]]*\\\]")


@dataclass(frozen=True)
class Given:
    """A variable of a group or host as an inventory file gives it; templates are not evaluated."""

    scope: str
    key: str
    value: str
    origin: Origin
    in_section: bool = False


@dataclass
class Places:
    """Lines of groups (``[name]`` before ``[name:children]``), hosts and their variables.

    ``hosts`` and ``children`` map (group, name) to where that group lists the name. ``repeats``
    are further lines of the same host in the same group, each with the first; ``given`` holds
    every variable as often as it is given.
    """

    groups: dict[str, Origin] = field(default_factory=dict)
    hosts: dict[tuple[str, str], Origin] = field(default_factory=dict)
    children: dict[tuple[str, str], Origin] = field(default_factory=dict)
    variables: dict[tuple[str, str], Origin] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)
    sections: dict[str, Origin] = field(default_factory=dict)
    repeats: list[tuple[str, str, Origin, Origin]] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)

    def group(self, name: str) -> Origin | None:
        """Where a group is defined."""
        return self.groups.get(name) or self._first()

    def host(self, name: str) -> Origin | None:
        """Where a host is listed first."""
        exact = (origin for (_, each), origin in self.hosts.items() if each == name)
        ranges = (origin for (_, each), origin in self.hosts.items() if _matches(each, name))
        return next(exact, None) or next(ranges, None) or self._first()

    def _first(self) -> Origin | None:
        return Origin(self.files[0]) if self.files else None

    def document(self, scope: str, values: Mapping[str, Any]) -> Document:
        """Variables that the inventory gives to a group or host, with their places."""
        default = self.groups.get(scope) or self.host(scope) or Origin(Path("inventory"))
        origins: dict[KeyPath, Origin] = {(): default}
        for key in values:
            origins[(key,)] = self._variable(scope, key) or default
        return Document(default.file, dict(values), origins)

    def _variable(self, scope: str, key: str) -> Origin | None:
        for (pattern, name), origin in self.variables.items():
            if name == key and (pattern == scope or _matches(pattern, scope)):
                return origin
        return None


def find(files: Sequence[Path]) -> Places:
    """The places of everything in some inventory files; files of other kinds are left out."""
    found = Places()
    for file in inventory.plain_files(files):
        found.files.append(file)
        try:
            text = yamlfile.read_text(file)
            if inventory.is_yaml(file, text):
                _yaml(yamlfile.parse(text, file), found)
            else:
                _ini(file, text, found)
        except SiteInvalid:
            continue  # Ansible's parser reports it
    return found


def _ini(file: Path, text: str, found: Places) -> None:
    group, kind = "ungrouped", None
    for number, line in enumerate(text.splitlines(), start=1):
        bare = line.strip()
        if not bare or bare.startswith(("#", ";")):
            continue
        column = len(line) - len(line.lstrip()) + 1
        origin = Origin(file, number, column)
        if section := _SECTION.match(line):
            group, kind = section["group"], section["kind"]
            found.sections.setdefault(group, origin)
            if kind != "vars" and (kind is None or group not in found.groups):
                found.groups.setdefault(group, origin)
        elif kind == "children":
            found.children.setdefault((group, bare.split()[0]), origin)
        elif kind == "vars":
            _section_variable(line, group, file, number, found)
        else:
            name = bare.split()[0]
            first = found.hosts.setdefault((group, name), origin)
            if first is not origin:
                found.repeats.append((group, name, origin, first))
            for match in _ASSIGNMENT.finditer(line.partition(" #")[0]):
                place = Origin(file, number, match.start("key") + 1)
                found.variables.setdefault((name, match["key"]), place)
                value = match["value"].strip("\"'")
                found.given.append(Given(name, match["key"], value, place))


def _section_variable(line: str, group: str, file: Path, number: int, found: Places) -> None:
    """A line of ``[group:vars]``: all after the ``=`` is the value."""
    key, equals, value = line.partition("=")
    if equals:
        origin = Origin(file, number, len(line) - len(line.lstrip()) + 1)
        found.variables.setdefault((group, key.strip()), origin)
        found.given.append(Given(group, key.strip(), value.strip(), origin, in_section=True))


def _yaml(document: Document, found: Places) -> None:
    for path, origin in document.origins.items():
        match path:
            case (*_, "children", str(name)):
                parent = path[-3] if len(path) > 2 else "all"
                found.children.setdefault((str(parent), name), origin)
                found.groups.setdefault(name, origin)
            case (*_, str(group), "hosts", str(host)):
                found.hosts.setdefault((group, host), origin)
            case (*_, str(group), "vars", str(key)):
                _yaml_variable(document, path, group, key, found)
            case (*_, "hosts", str(host), str(key)):
                _yaml_variable(document, path, host, key, found)
            case (str(group),):
                found.groups.setdefault(group, origin)


def _yaml_variable(document: Document, path: KeyPath, scope: str, key: str, found: Places) -> None:
    origin = document.origins[path]
    found.variables.setdefault((scope, key), origin)
    value = document.value
    for step in path:
        value = value[step] if isinstance(value, dict) and step in value else None
    if isinstance(value, str | int):
        found.given.append(Given(scope, key, str(value), origin))


def _matches(pattern: str, name: str) -> bool:
    """Whether a host pattern with ranges, such as ``node[01:10]``, covers a name."""
    if "[" not in pattern:
        return False
    return re.fullmatch(_RANGE.sub(".+", re.escape(pattern)), name) is not None
