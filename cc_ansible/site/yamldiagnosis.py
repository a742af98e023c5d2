"""What is wrong with text that is no YAML: the line that needs the edit, and the edit.

The parser stops where it can no longer go on, which is often below the mistake.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cc_ansible.errors import Origin, SiteInvalid

if TYPE_CHECKING:
    import yaml

NO_ANCHOR = "an alias (*name) has no anchor (&name) above it"
_KEY = r"(?:- +)*[\w.\-]+"
_TAB = re.compile(r" *\t")
_TEMPLATE = re.compile(r"(?:^|[:\-,\[] *)(?P<at>\{\{)")
_OPEN_QUOTE = re.compile(
    r"(?:^\s*|: +|- +|[\[{,] *)(?P<at>\"(?:[^\"\\]|\\.)*$|'(?:[^']|'')*$)", re.MULTILINE
)
_AFTER_QUOTE = re.compile(r"(?:: +|- +)(?P<at>\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*') *[^\s#,\]}:]")
_NO_SPACE = re.compile(rf"\s*(?P<at>{_KEY}):[^\s]")
_EQUALS = re.compile(rf"\s*(?P<at>{_KEY})\s*=")
_DASH = re.compile(r"\s*(?P<at>-)[^\s\-]")
_SECOND_COLON = re.compile(rf"\s*{_KEY}:\s+(?P<at>[^\s\"'].*:\s)")


@dataclass(frozen=True)
class _Trouble:
    """A mistake: its line (from 0) and column (from 0), and what helps."""

    line: int
    column: int
    what: str
    fix: str


@dataclass(frozen=True)
class _Failure:
    """What the parser said, with the lines it was reading."""

    lines: list[str]
    problem: str
    context: str
    at: tuple[int, int]
    since: tuple[int, int] | None

    def line(self, number: int) -> str:
        return self.lines[number] if 0 <= number < len(self.lines) else ""

    def before(self, number: int) -> int:
        """The last line above that says something; -1 when none does."""
        for index in range(min(number, len(self.lines)) - 1, -1, -1):
            bare = self.lines[index].strip()
            if bare and not bare.startswith("#") and bare != "---":
                return index
        return -1


def diagnose(text: str, file: Path, error: yaml.MarkedYAMLError) -> SiteInvalid:
    """The error to show for one that the YAML parser raised on ``text``."""
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return SiteInvalid(f"{file.name} is not valid YAML: {error.problem}.", origin=Origin(file))
    since = error.context_mark
    failure = _Failure(
        text.split("\n"),
        error.problem or "",
        error.context or "",
        (mark.line, mark.column),
        (since.line, since.column) if since else None,
    )
    found = next((it for each in _DETECTORS if (it := each(failure))), None) or _other(failure)
    return SiteInvalid(
        f"{file.name} is not valid YAML: {found.what}.",
        fix=found.fix,
        origin=Origin(file, found.line + 1, found.column + 1),
    )


def stray(text: str, file: Path) -> SiteInvalid:
    """The error for text that is YAML, but one value where ``key: value`` lines are wanted."""
    failure = _Failure(text.split("\n"), "", "", (0, 0), None)
    number = next((n for n, line in enumerate(failure.lines) if line[:1] not in ("", "#")), 0)
    found = _no_colon(failure, number)
    return SiteInvalid(
        f"{file.name} is not valid YAML: {found.what}.",
        fix=found.fix,
        origin=Origin(file, found.line + 1, found.column + 1),
    )


def twice(key: str, first: Origin, again: Origin) -> SiteInvalid:
    """The error for a key that a mapping has already."""
    return SiteInvalid(
        f"Key `{key}` is given twice.",
        detail=f"First on line {first.line}, again on line {again.line}; "
        "YAML would silently use the last one.",
        fix="Keep one of the two.",
        origin=again,
    )


def _search(
    failure: _Failure, pattern: re.Pattern[str], what: str, fix: str, *numbers: int
) -> _Trouble | None:
    for number in numbers:
        line = failure.line(number)
        if not line.lstrip().startswith("#") and (found := pattern.search(line)):
            return _Trouble(number, found.start("at"), what, fix)
    return None


def _tab(failure: _Failure) -> _Trouble | None:
    for number in (failure.at[0], failure.at[0] - 1):
        if found := _TAB.match(failure.line(number)):
            fix = "Indent with spaces instead of tabs."
            return _Trouble(number, found.end() - 1, "a line is indented with a tab", fix)
    return None


def _template(failure: _Failure) -> _Trouble | None:
    lines = [failure.at[0], *([failure.since[0]] if failure.since else [])]
    what, fix = "a value starts with {{ and has no quotes", 'Write it as "{{ ... }}".'
    return _search(failure, _TEMPLATE, what, fix, *lines)


def _quote(failure: _Failure) -> _Trouble | None:
    what, fix = "a quote that opens here is not closed", "Close the quote on this line."
    if "quoted scalar" in failure.context and "end of stream" in failure.problem and failure.since:
        return _Trouble(*failure.since, what, fix)
    if "escape" in failure.problem:
        fix = "Write \\\\ for a backslash, or put the value in single quotes."
        what = "a backslash in double quotes starts an unknown escape"
        return _Trouble(*failure.at, what, fix)
    above = range(failure.at[0], -1, -1)
    return _search(failure, _OPEN_QUOTE, what, fix, *above)


def _after_quote(failure: _Failure) -> _Trouble | None:
    what = "text follows the closing quote of a value"
    fix = "Put the quotes around the whole value."
    return _search(failure, _AFTER_QUOTE, what, fix, failure.at[0])


def _bracket(failure: _Failure) -> _Trouble | None:
    if failure.context.startswith("while parsing a flow") and failure.since:
        opening = failure.line(failure.since[0])[failure.since[1] :][:1]
        closing = {"[": "]", "{": "}"}.get(opening)
        if closing and failure.since[0] != failure.at[0]:
            what = f"a {opening} that opens here is not closed"
            return _Trouble(*failure.since, what, f"Add the {closing}.")
        if closing:
            fix = f"Separate the items with one comma each, and close with {closing}."
            return _Trouble(*failure.at, f"a comma or {closing} is missing", fix)
        return _Trouble(*failure.at, "an item between commas is missing", "Remove one comma.")
    rest = failure.line(failure.at[0])[failure.at[1] :]
    if rest[:1] in ("]", "}"):
        what = f"a {rest[0]} closes what was never opened"
        return _Trouble(*failure.at, what, f"Remove the {rest[0]}.")
    return None


def _colon(failure: _Failure) -> _Trouble | None:
    if failure.problem.startswith("could not find expected ':'"):
        return _no_colon(failure, failure.since[0] if failure.since else failure.at[0])
    if not failure.problem.startswith("mapping values"):
        return None
    number, column = failure.at
    line = failure.line(number)
    if ": " in line[:column].strip():
        what, fix = "a value holds a colon and has no quotes", "Put the value in quotes."
        return _search(failure, _SECOND_COLON, what, fix, number) or _Trouble(
            number, column, what, fix
        )
    above = failure.before(number)
    bare = failure.line(above).strip() if above >= 0 else ""
    if bare and not re.search(r":(?:\s|$)", bare) and not bare.startswith("- "):
        return _no_colon(failure, above)
    indent = len(line) - len(line.lstrip())
    what = "a line is indented deeper than the value above allows"
    return _Trouble(number, indent, what, "Indent it as the keys beside it.")


def _no_colon(failure: _Failure, number: int) -> _Trouble:
    what, fix = "a line is no `key: value`", "Write `key: value`, or remove the line."
    return (
        _search(failure, _NO_SPACE, "a colon needs a space after it", "Add a space.", number)
        or _search(
            failure,
            _EQUALS,
            "a line has `=` where YAML wants a colon",
            "Write `key: value`.",
            number,
        )
        or _search(failure, _DASH, "a dash needs a space after it", "Write `- item`.", number)
        or _Trouble(
            number, len(failure.line(number)) - len(failure.line(number).lstrip()), what, fix
        )
    )


def _start(failure: _Failure) -> _Trouble | None:
    if "cannot start any token" in failure.problem:
        sign = failure.line(failure.at[0])[failure.at[1] :][:1]
        return _Trouble(*failure.at, f"a value starts with {sign}", "Put the value in quotes.")
    if "undefined alias" in failure.problem:
        what = NO_ANCHOR
        return _Trouble(
            *failure.at, what, "Define the anchor, or quote a value that starts with *."
        )
    if "scanning an alias" in failure.context and failure.since:
        return _Trouble(*failure.since, "a value starts with *", "Put the value in quotes.")
    if failure.problem == "second occurrence":
        return _Trouble(*failure.at, "an anchor (&name) is defined twice", "Rename one of the two.")
    if "another document" in failure.problem:
        return _Trouble(*failure.at, "a second document starts here", "Remove this `---`.")
    return None


def _indent(failure: _Failure) -> _Trouble | None:
    line = failure.line(failure.at[0])
    starts = not line[: failure.at[1]].strip()
    if failure.problem.startswith(("did not find expected key", "did not find expected '-'")):
        fix = "Indent it as the entries beside it." if starts else "Put the value in quotes."
        what = "the indent of a line fits nothing above it" if starts else "a value ends too early"
        return _Trouble(*failure.at, what, fix)
    return None


def _other(failure: _Failure) -> _Trouble:
    fix = "Correct the syntax at this place; often a quote, bracket or indent above is off."
    return _Trouble(*failure.at, failure.problem or failure.context, fix)


_DETECTORS: tuple[Callable[[_Failure], _Trouble | None], ...] = (
    _tab,
    _template,
    _bracket,
    _quote,
    _after_quote,
    _colon,
    _start,
    _indent,
)
