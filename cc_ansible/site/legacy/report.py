"""What became of every part of the old site config, for the terminal, as Markdown and as data."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class Kind(enum.StrEnum):
    """What became of an item, in the order in which somebody wants to read it."""

    DECISION = "decision"
    EFFECT = "effect"
    TRANSLATED = "translated"
    DROPPED = "dropped"
    KEPT = "kept"


TITLES = {
    Kind.DECISION: "Needs a decision",
    Kind.EFFECT: "Takes effect now (older CHI-in-a-Box ignored it)",
    Kind.TRANSLATED: "Translated",
    Kind.DROPPED: "Dropped",
    Kind.KEPT: "Kept",
}


@dataclass(frozen=True)
class Item:
    """One part of the old site and what became of it.

    ``place`` is the old file, with a line where there is one; ``new`` is what stands for it in
    the new site, "" for nothing. No field ever holds a secret.
    """

    kind: Kind
    place: str
    name: str
    why: str = ""
    new: str = ""


@dataclass
class Report:
    """The account of one import."""

    old: Path
    new: Path
    scenario: str = ""
    items: list[Item] = field(default_factory=list)

    def add(self, kind: Kind, place: str, name: str, why: str = "", new: str = "") -> None:
        """Note what became of an item; a repeated note counts once."""
        item = Item(kind, place, name, why, new)
        if item not in self.items:
            self.items.append(item)

    def decide(self, place: str, name: str, why: str, new: str = "") -> None:
        """Note that somebody must decide."""
        self.add(Kind.DECISION, place, name, why, new)

    def translated(self, place: str, name: str, new: str, why: str = "") -> None:
        """Note what says the same today."""
        self.add(Kind.TRANSLATED, place, name, why, new)

    def dropped(self, place: str, name: str, why: str) -> None:
        """Note what is left out, and why."""
        self.add(Kind.DROPPED, place, name, why)

    def kept(self, place: str, name: str, why: str = "") -> None:
        """Note what stays as it is."""
        self.add(Kind.KEPT, place, name, why)

    def of(self, kind: Kind) -> list[Item]:
        """The items of one kind, in the order they were found."""
        return [item for item in self.items if item.kind is kind]

    def counts(self) -> dict[str, int]:
        """How many items there are of each kind."""
        return {kind.value: len(self.of(kind)) for kind in Kind}

    def as_dict(self) -> dict[str, Any]:
        """The report as data; decisions come first."""
        lists = {
            kind.value: [
                {"place": item.place, "name": item.name, "why": item.why, "new": item.new}
                for item in self.of(kind)
            ]
            for kind in Kind
        }
        head = {"old": str(self.old), "new": str(self.new), "scenario": self.scenario}
        return {**head, "counts": self.counts(), **lists}

    def text(self) -> str:
        """The report for a terminal."""
        return "\n".join(self._lines("{title}:", "  {names}{arrow}", "      {why}")) + "\n"

    def markdown(self) -> str:
        """The report as it is kept in the new site."""
        head = [
            "# What the import made of the older site config",
            "",
            f"From `{self.old}`, for scenario **{self.scenario}**. The old directory was not "
            "changed. Strike out what is settled; delete this file when nothing is left.",
            "",
        ]
        body = self._lines("## {title}\n", "- **{names}**{arrow}", "  {why}")
        return "\n".join([*head, *body]) + "\n"

    def _lines(self, title: str, first: str, more: str) -> Iterator[str]:
        for kind in Kind:
            items = self.of(kind)
            if items:
                yield title.format(title=f"{TITLES[kind]} ({len(items)})")
                for (place, why, new), names in _together(items).items():
                    arrow = f" -> {new}" if new else ""
                    where = f" ({place})" if place else ""
                    yield first.format(names=", ".join(names), arrow=f"{arrow}{where}")
                    yield from (more.format(why=line) for line in why.splitlines())
                yield ""


def _together(items: list[Item]) -> dict[tuple[str, str, str], list[str]]:
    """Names about which the same is said of the same file share a line."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for item in items:
        file, _, line = item.place.partition(":")
        name = f"{item.name} (line {line})" if line and item.kind is Kind.DECISION else item.name
        found.setdefault((file, item.why, item.new), []).append(name)
    return found
