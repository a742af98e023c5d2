"""The lines of a template, told apart from the Jinja statements in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cc_ansible.errors import Origin, SiteInvalid

_OPENERS = frozenset({"if", "for", "macro", "call", "filter", "block", "with", "autoescape"})


@dataclass(frozen=True)
class Line:
    """``text`` as written; ``bare`` without Jinja statements and comments (expressions stay).

    ``inside`` tells whether it stands in a Jinja block or opens one; ``statement`` whether it
    holds nothing else than statements.
    """

    text: str
    bare: str
    inside: bool
    statement: bool


def read(text: str, file: Path) -> list[Line]:
    """The lines of a text that is a template, or none.

    :raises SiteInvalid: when Jinja cannot parse it.
    """
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    if not any(mark in text for mark in ("{{", "{%", "{#")):
        return [Line(line, line, False, False) for line in lines]
    return list(_classified(lines, text, file))


def _classified(lines: list[str], text: str, file: Path) -> Iterator[Line]:
    bare: dict[int, str] = defaultdict(str)
    change: dict[int, int] = defaultdict(int)
    touched: set[int] = set()
    for number, part, is_statement, step in _pieces(text, file):
        change[number] += step
        for offset, piece in enumerate(part.split("\n")):
            if is_statement:
                touched.add(number + offset)
            else:
                bare[number + offset] += piece
    depth = 0
    for number, line in enumerate(lines, start=1):
        rest = bare[number] if number in touched else line
        inside = depth > 0 or change[number] > 0
        yield Line(line, rest, inside, number in touched and not rest.strip())
        depth += change[number]


def _pieces(text: str, file: Path) -> Iterator[tuple[int, str, bool, int]]:
    """Line, text, whether it is part of a statement, and how it changes the block depth."""
    statement = named = False
    for number, kind, value in _tokens(text, file):
        step = 0
        if kind in ("raw_begin", "raw_end"):
            yield number, value, True, 1 if kind == "raw_begin" else -1
            continue
        if kind in ("block_begin", "comment_begin"):
            statement, named = True, kind == "comment_begin"
        elif kind == "name" and statement and not named:
            step, named = _step(value), True
        yield number, value, statement, step
        if kind in ("block_end", "comment_end"):
            statement = False


def _tokens(text: str, file: Path) -> list[tuple[int, str, str]]:
    import jinja2

    try:
        environment = jinja2.Environment(
            extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"], autoescape=True
        )
        environment.parse(text)
        return list(environment.lex(text))
    except jinja2.TemplateSyntaxError as error:
        raise SiteInvalid(
            f"{file.name} is not a valid template.",
            detail=str(error.message),
            fix="Close every `{{`, `{%` and `{#`, and end every block.",
            origin=Origin(file, error.lineno),
        ) from error


def _step(name: str) -> int:
    if name.removeprefix("end") in _OPENERS:
        return -1 if name.startswith("end") else 1
    return 0
