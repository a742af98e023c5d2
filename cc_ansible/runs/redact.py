"""Keeps secrets out of everything that is shown or stored."""

from __future__ import annotations

import base64
import json
import re
import urllib.parse
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

MASK = "********"
MIN_LENGTH = 6
"""Shorter values are left alone: they would blot out ordinary words."""
MIN_LINE = 16
"""A line of a secret of many lines (a private key) is a secret from this length on."""


class Redactor:
    """Replaces every occurrence of secret values, also in their usual encodings.

    Plain, JSON-escaped, URL-quoted and base64 (at any alignment, so also inside ``user:secret``).
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._values: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self.add(values)

    def add(self, values: Iterable[str]) -> None:
        """Learn more secret values."""
        new = {value for value in values if value.strip("*")}
        if new <= self._values:
            return
        self._values |= new
        self._pattern = compile_forms({form for value in self._values for form in forms(value)})

    def text(self, text: str) -> str:
        """Return ``text`` with every secret replaced by ``********``."""
        return self._pattern.sub(MASK, text) if self._pattern else text

    def __call__(self, value: Any) -> Any:
        """Return a copy of a nested structure with every string in it, keys too, redacted."""
        if self._pattern is None:
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self(key): self(inner) for key, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [self(inner) for inner in value]
        return value


def forms(value: str) -> Iterator[str]:
    """Yield the spellings under which a secret turns up, all at least MIN_LENGTH long."""
    for part in parts(value):
        yield from filter(lambda form: len(form) >= MIN_LENGTH, spellings(part))


def parts(value: str) -> Iterator[str]:
    """Yield the value without surrounding space and, if it has many lines, each long line."""
    if len(value) < MIN_LENGTH:
        return
    yield value
    stripped = value.strip()
    if len(stripped) < MIN_LENGTH:
        return
    yield stripped
    lines = [line.strip() for line in stripped.splitlines()]
    if len(lines) > 1:
        yield from (line for line in lines if len(line) >= MIN_LINE and "-----" not in line)


def spellings(value: str) -> Iterator[str]:
    """Yield one value in each encoding."""
    yield value
    for ascii_only in (True, False):
        once = json.dumps(value, ensure_ascii=ascii_only)[1:-1]
        yield once
        yield json.dumps(once, ensure_ascii=ascii_only)[1:-1]
    raw = value.encode("utf-8", "surrogatepass")
    for quoted in (urllib.parse.quote(raw, safe=""), urllib.parse.quote(raw)):
        yield quoted
        yield re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), quoted)
    yield urllib.parse.quote_plus(raw)
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(raw).decode()
        for shift in range(3):
            # Only the characters that depend on nothing but the value itself.
            first = (shift * 8 + 5) // 6
            last = (shift + len(raw)) * 8 // 6
            yield encode(b"\0" * shift + raw).decode()[first:last]


def compile_forms(found: set[str]) -> re.Pattern[str] | None:
    """Return one pattern that matches any of these, the longest one first.

    Grouped by the first two characters: a flat alternation of thousands would be tried one by one
    at each position of the text.
    """
    if not found:
        return None
    tree: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for form in sorted(found, key=lambda form: (-len(form), form)):
        tree[form[0]][form[1]].append(form[2:])
    firsts = []
    for first, seconds in tree.items():
        inner = (
            f"{re.escape(second)}(?:{'|'.join(map(re.escape, rests))})"
            for second, rests in seconds.items()
        )
        firsts.append(f"{re.escape(first)}(?:{'|'.join(inner)})")
    return re.compile("|".join(firsts))
