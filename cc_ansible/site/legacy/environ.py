"""The old ``.env`` as data. A shell ran it; here nothing is run."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from cc_ansible.errors import SiteInvalid
from cc_ansible.site import yamlfile

_LINE = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_]\w*)=(?P<value>.*)", re.ASCII)
_NAME = re.compile(r"\$(?:\{(\w+)\}|(\w+))", re.ASCII)
_COMMENT = re.compile(r"\s+#.*$")
_SHELL = re.compile(r"[`;&|<>()]|\$\(")


@dataclass(frozen=True)
class Environment:
    """``values`` in their order; ``expanded`` are names whose value named another of the file;
    ``refused`` are the numbers of lines that only a shell understands, and what they set."""

    values: dict[str, str] = field(default_factory=dict, repr=False)
    expanded: tuple[str, ...] = ()
    refused: tuple[tuple[int, str], ...] = ()


def read(file: Path) -> Environment:
    """What an old ``.env`` sets.

    :raises SiteInvalid: when it cannot be read.
    """
    if not file.exists():
        return Environment()
    return parse(yamlfile.read_text(file).splitlines())


def parse(lines: Iterable[str]) -> Environment:
    """What the lines set, as far as it is data."""
    values: dict[str, str] = {}
    expanded: list[str] = []
    refused: list[tuple[int, str]] = []
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        found = _LINE.fullmatch(text)
        value = None if found is None else _value(found["value"], values)
        if found is None or value is None:
            refused.append((number, found["name"] if found else ""))
            continue
        values[found["name"]] = value
        if value != _value(found["value"], {}):
            expanded.append(found["name"])
    return Environment(values, tuple(expanded), tuple(refused))


def written(values: dict[str, str]) -> str:
    """Lines of a ``.env`` of today.

    :raises SiteInvalid: for a value that no quotes can hold.
    """
    return "".join(f"{name}={_quoted(name, value)}\n" for name, value in values.items())


def _value(raw: str, known: dict[str, str]) -> str | None:
    """The value that a shell would give; None when it would have to do something for it."""
    raw = raw.strip()
    if raw.startswith("'"):
        found = re.fullmatch(r"'([^']*)'(?:\s+#.*)?", raw)
        return found[1] if found else None
    if raw.startswith('"'):
        found = re.fullmatch(r'"((?:[^"\\]|\\.)*)"(?:\s+#.*)?', raw)
        if not found or re.search(r"(?<!\\)(?:`|\$\()", found[1]):
            return None
        return _expanded(found[1], known, quoted=True)
    raw = _COMMENT.sub("", raw)
    if re.search(r"[\s'\"]", raw) or _SHELL.search(raw):
        return None
    return _expanded(raw, known, quoted=False)


def _expanded(text: str, known: dict[str, str], *, quoted: bool) -> str | None:
    """Names that the file itself set before are no work for a shell."""
    parts: list[str] = []
    place = 0
    for found in _NAME.finditer(text):
        if found.start() and text[found.start() - 1] == "\\":
            continue
        value = known.get(found[1] or found[2])
        if value is None:
            return None
        parts += [text[place : found.start()], value]
        place = found.end()
    whole = "".join([*parts, text[place:]])
    return re.sub(r'\\(["\\$`])' if quoted else r"\\(.)", r"\1", whole)


def _quoted(name: str, value: str) -> str:
    if re.fullmatch(r"[\w./:@%+,=-]*", value, re.ASCII):
        return value
    if "'" not in value and "\n" not in value:
        return f"'{value}'"
    if "\n" not in value:
        escaped = re.sub(r'(["\\$`])', r"\\\1", value)
        return f'"{escaped}"'
    raise SiteInvalid(f"{name} in .env has several lines.", fix="Set it outside of the site.")
