"""Steps of a plan: what is made, changed or removed, and how that is told to people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

MARK = "[cc-ansible]"
"""Ends the description of every object that we made; nothing without it is ever removed."""

ADOPTED = "[cc-ansible: adopted]"
"""Ends the description of what was there already and now is as the site says; it always stays."""

LONGEST = 120


class Refused(ValueError):
    """What the site says cannot be done, in a sentence for the admin."""


@dataclass(frozen=True)
class Step:
    """One object that differs. ``args`` is what the module that does it needs."""

    kind: str
    name: str
    do: str
    """``make``, ``change`` or ``remove``; Jinja would take other words for methods of a dict."""
    label: str
    args: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Plan:
    """The steps in their order, what cannot be done, and what is only worth knowing."""

    steps: list[Step] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    prune: bool = False

    def make(self, kind: str, name: str, args: Mapping[str, Any], about: str = "") -> None:
        """Make an object; ``about`` tells its main properties."""
        label = f"{kind} {name}: new{', ' if about else ''}{about}"
        self.steps.append(Step(kind, name, "make", label, args))

    def change(
        self, kind: str, name: str, changes: Mapping[str, tuple[Any, Any]], args: Mapping[str, Any]
    ) -> None:
        """Change an object, unless nothing differs."""
        if changes:
            self.steps.append(Step(kind, name, "change", f"{kind} {name}: {told(changes)}", args))

    def remove(self, kind: str, name: str, args: Mapping[str, Any], why: str = "") -> None:
        """Remove an object that is ours, or only say that it could be removed."""
        why = why or "the site names it no longer"
        if self.prune:
            self.steps.append(Step(kind, name, "remove", f"{kind} {name}: removed, {why}", args))
        else:
            self.notes.append(f"{kind} {name}: {why}; --prune removes it")

    def refuse(self, kind: str, name: str, why: str) -> None:
        """Say that an object cannot become what the site wants."""
        self.refused.append(f"{kind} {name}: {why}")

    def plain(self) -> dict[str, Any]:
        """The plan for Ansible: ``todo`` maps kind and action to steps."""
        todo: dict[str, dict[str, list[dict[str, Any]]]] = {}
        for step in self.steps:
            todo.setdefault(step.kind.replace(" ", "_"), {}).setdefault(step.do, []).append(
                asdict(step)
            )
        return {
            "todo": todo,
            "labels": [step.label for step in self.steps],
            "refused": self.refused,
            "notes": self.notes,
        }


def differences(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Attributes whose wanted value is not the one found: name -> (found, wanted)."""
    return {
        key: (found.get(key), value) for key, value in wanted.items() if found.get(key) != value
    }


def told(changes: Mapping[str, tuple[Any, Any]]) -> str:
    """Changes in words: ``mtu 1500 -> 9000, is_shared false -> true``."""
    return ", ".join(f"{key} {shown(old)} -> {shown(new)}" for key, (old, new) in changes.items())


def shown(value: Any) -> str:
    """A value in a few characters."""
    if value is None or value == "" or value == [] or value == {}:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        text = " ".join(f"{key}={shown(inner)}" for key, inner in value.items())
    elif isinstance(value, list | tuple):
        text = " ".join(shown(item) for item in value)
    else:
        text = str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def is_marked(description: Any) -> bool:
    """Whether a description says that we made the object."""
    return str(description or "").endswith(MARK)


def description(said: Any, found: Mapping[str, Any] | None) -> str:
    """The description an object shall have: the site's own words, else those it has already.

    Its end says whose work the object is: what was there without our mark never becomes ours.
    """
    has = (found or {}).get("description")
    mark = MARK if found is None or is_marked(has) else ADOPTED
    return f"{_words(has if said is None else said)} {mark}".strip()


def _words(description: Any) -> str:
    text = str(description or "").strip()
    return text.removesuffix(MARK).removesuffix(ADOPTED).strip()


def by_name(objects: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Objects by their name; of several with one name the first."""
    result: dict[str, Mapping[str, Any]] = {}
    for each in objects:
        result.setdefault(str(each["name"]), each)
    return result


def twice(objects: Iterable[Mapping[str, Any]]) -> set[str]:
    """Names that more than one object has."""
    return {name for name, many in Counter(str(one["name"]) for one in objects).items() if many > 1}


def truth(value: Any, default: bool = False) -> bool:
    """A flag as Ansible writes it."""
    if value is None or value == "":
        return default
    if isinstance(value, str):
        return value.strip().lower() in ("yes", "on", "1", "true", "y", "t")
    return bool(value)
