"""INI-like configuration files, merged line by line so that comments and Jinja survive.

Kolla-Ansible templates these files later and merges their sections itself, so a merge here only
has to drop what a stronger file sets again and put the stronger lines in their section.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from cc_ansible.errors import Origin, SiteInvalid
from cc_ansible.site import jinjalines
from cc_ansible.site.jinjalines import Line

_HEADER = re.compile(r"\[(?P<name>.+)\]")
_PLAIN_OPTION = re.compile(r"[\w.\-/]+\s*=")
_OPTION = re.compile(r"(?P<key>[^=:\[<#;][^=:]*?)\s*[=:]")

Key = tuple[str, str]


@dataclass(frozen=True)
class Item:
    """Some consecutive lines: an option with its continuation, a header, or anything else.

    ``section`` is "" before the first header; ``conditional`` means inside a Jinja block.
    """

    lines: tuple[str, ...]
    section: str
    key: str | None = None
    header: bool = False
    conditional: bool = False


@dataclass(frozen=True)
class IniFile:
    """The items of one file, in order."""

    items: tuple[Item, ...]

    def options(self) -> dict[Key, list[str]]:
        """Values by section and option, repeated options in order (for reading, not writing)."""
        result: dict[Key, list[str]] = {}
        for item in self.items:
            if item.key is not None:
                first, *more = item.lines
                value = re.split("[=:]", first, maxsplit=1)[1].strip()
                text = "\n".join([value, *(line.strip() for line in more)])
                result.setdefault((item.section, item.key), []).append(text)
        return result

    def text(self) -> str:
        return "".join(f"{line}\n" for item in self.items for line in item.lines)


def looks_like_ini(text: str) -> bool:
    """Whether the first line that says something is a section or ``option = value``.

    Files named .conf may well be in another format: Apache's, Fluentd's, dnsmasq's.
    """
    try:
        lines = jinjalines.read(text, Path("-"))
    except SiteInvalid:
        # Which line is wrong is for parse() to say.
        lines = [Line(line, line, False, False) for line in text.splitlines()]
    for line in lines:
        bare = line.bare.strip()
        if bare and not _is_comment(bare) and not line.statement:
            return bool(_HEADER.fullmatch(bare) or _PLAIN_OPTION.match(bare))
    return False


def parse(text: str, file: Path) -> IniFile:
    """Read an INI-like file.

    :raises SiteInvalid: with the line that is neither section nor option nor continuation.
    """
    items: list[Item] = []
    section = ""
    for number, line in enumerate(jinjalines.read(text, file), start=1):
        last = items[-1] if items else None
        if line.text[:1] in (" ", "\t") and line.bare.strip() and last and last.key:
            items[-1] = replace(last, lines=(*last.lines, line.text))
            continue
        item = _item(line, section)
        if item is None:
            raise _malformed(line, Origin(file, number))
        section = item.section
        items.append(item)
    return IniFile(tuple(items))


def _item(line: Line, section: str) -> Item | None:
    """The item that a line starts; None when it is not in the format."""
    bare = line.bare.strip()
    plain = Item((line.text,), section, conditional=line.inside)
    if line.statement or not bare or _is_comment(bare):
        return plain
    if line.text[0] in " \t" and not line.inside:
        return None
    if header := _HEADER.fullmatch(bare):
        return replace(plain, section=header["name"], header=True)
    if option := _OPTION.match(bare):
        # `{% if a %}option = 1{% endif %}` depends on the statement in front of it.
        bound = line.inside or not line.text.lstrip().startswith(option["key"])
        return replace(plain, key=option["key"], conditional=bound)
    return plain if bare.startswith("{{") and bare.endswith("}}") else None


def _is_comment(bare: str) -> bool:
    return bare.startswith(("#", ";"))


def merge(weaker: IniFile, stronger: IniFile) -> IniFile:
    """``weaker`` with the options of ``stronger`` instead of its own.

    An option that ``stronger`` sets, once or repeatedly, replaces all of its occurrences. One
    that it sets only inside a Jinja block comes after the weaker one, which stays as fallback.
    """
    replaced = {
        (item.section, item.key) for item in stronger.items if item.key and not item.conditional
    }
    kept = [item for item in weaker.items if (item.section, item.key) not in replaced]
    if any(item.conditional for item in (*kept, *stronger.items)):
        return _append(kept, list(stronger.items))
    return _interleave(kept, list(stronger.items))


def _interleave(weaker: list[Item], stronger: list[Item]) -> IniFile:
    """Both without Jinja blocks: the stronger lines at the end of their section."""
    items: list[Item] = []
    sections = list(dict.fromkeys(item.section for item in (*weaker, *stronger)))
    for section in sections:
        below = [item for item in weaker if item.section == section]
        above = [item for item in stronger if item.section == section]
        while below and above and below[-1].lines == ("",):
            below.pop()
        has_header = any(item.header for item in below)
        items += below
        headers = 0
        for item in above:
            headers += item.header
            if not item.header or (not has_header and headers == 1):
                items.append(item)
    return _without_repeated_headers(items)


def _without_repeated_headers(items: list[Item]) -> IniFile:
    seen: set[str] = set()
    result = []
    for item in items:
        if not (item.header and item.section in seen):
            result.append(item)
        if item.header:
            seen.add(item.section)
    return IniFile(tuple(result))


def _append(weaker: list[Item], stronger: list[Item]) -> IniFile:
    """With Jinja blocks nothing may move across their borders: the stronger file follows whole.

    Only what stands before the first section stays in front of the weaker sections.
    """
    below, above = _head_length(weaker), _head_length(stronger)
    head = weaker[:below] + stronger[:above]
    return IniFile(tuple(head + weaker[below:] + stronger[above:]))


def _head_length(items: list[Item]) -> int:
    """How many items stand before the first header or the Jinja block around it."""
    first = next((index for index, item in enumerate(items) if item.header), len(items))
    if first == len(items) or not items[first].conditional:
        return first
    while first > 0 and items[first - 1].conditional:
        first -= 1
    return first


def _malformed(line: Line, origin: Origin) -> SiteInvalid:
    what = "a line has no `=`"
    if line.text[0] in " \t":
        what = "a further line of a value follows no option"
    elif line.text.startswith("["):
        what = "a section has no closing bracket"
    return SiteInvalid(
        f"In {origin.file.name} {what}.",
        detail="Every line is `[section]`, `option = value`, a comment, or an indented further "
        "line of the value above.",
        fix="Correct the line, or remove its indent.",
        origin=origin,
    )
