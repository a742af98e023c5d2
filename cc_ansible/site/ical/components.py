"""The structure of an iCalendar file: components, and the lines in each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

CALENDAR = "VCALENDAR"
EVENT = "VEVENT"
TIMEZONE = "VTIMEZONE"

_NAME = re.compile(r"[A-Za-z0-9-]+(?=[;:])")


@dataclass(frozen=True)
class Problem:
    """What is wrong in a line of a file; lines count from 1."""

    line: int
    why: str


@dataclass(frozen=True)
class Line:
    """A content line, unfolded; ``name`` is in capitals, ``number`` that of its first part."""

    number: int
    name: str
    text: str

    def parts(self) -> tuple[Mapping[str, str], str]:
        """Its parameters, whose names are looked up in any case, and its value.

        :raises ValueError: it is no content line.
        """
        import icalendar.parser

        untyped: Any = icalendar.parser
        _, parameters, value = untyped.Contentline(self.text).parts()
        return parameters, str(value)


@dataclass
class Component:
    """What stands between a BEGIN and its END.

    ``line`` and ``end`` are the numbers of these two; ``lines`` are its own, without those of
    ``parts``, the components in it.
    """

    kind: str
    line: int
    end: int = 0
    lines: list[Line] = field(default_factory=list)
    parts: list[Component] = field(default_factory=list)

    def named(self, name: str) -> list[Line]:
        """Its lines of one name, in capitals."""
        return [line for line in self.lines if line.name == name]

    def of_kind(self, kind: str) -> Iterator[Component]:
        """Components of one kind right in it."""
        return (part for part in self.parts if part.kind == kind)


def read(text: str) -> tuple[list[Component], Problem | None]:
    """The calendars in a text, and the first place at which its components are not whole.

    Text that holds no calendar at all is a problem in line 1 or in its first line with content.
    """
    lines = list(_unfolded(text))
    if not lines or lines[0][1].upper() != f"BEGIN:{CALENDAR}":
        return [], Problem(lines[0][0] if lines else 1, f"its first line is not BEGIN:{CALENDAR}")
    file = Component("", 0)
    open_: list[Component] = [file]
    for number, line in lines:
        key, _, kind = line.upper().partition(":")
        if key == "BEGIN":
            component = Component(kind, number)
            open_[-1].parts.append(component)
            open_.append(component)
        elif key == "END":
            if open_.pop().kind != kind or not open_:
                return file.parts, Problem(number, f"{line} ends what was not begun")
            open_[-1].parts[-1].end = number
        elif found := _NAME.match(line):
            open_[-1].lines.append(Line(number, found[0].upper(), line))
    if len(open_) > 1:
        return file.parts, Problem(open_[-1].line, f"{open_[-1].kind} has no end")
    return file.parts, None


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Lines with content and their numbers; one that starts with a blank goes on the one before."""
    number, pending = 0, ""
    for count, line in enumerate(re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff")), start=1):
        if line[:1] in (" ", "\t") and pending:
            pending += line[1:]
            continue
        if pending.strip():
            yield number, pending.strip()
        number, pending = count, line
    if pending.strip():
        yield number, pending.strip()
