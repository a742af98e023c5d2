"""From merged values to typed models: what pydantic finds wrong becomes findings with a place."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from cc_ansible.errors import Origin
from cc_ansible.site.findings import CATALOGUE, Finding, error
from cc_ansible.site.names import nearest
from cc_ansible.site.values import Unknown, is_template
from cc_ansible.site.yamlfile import Tagged

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

M = TypeVar("M", bound="BaseModel")
Place = Callable[..., Origin | None]
"""Origin of a path of keys and indexes below an item."""

MISSING_KEY = error("missing-key", "Entries have the keys they need")
UNKNOWN_KEY = error("unknown-key", "Entries have no keys that nothing reads")
INVALID_VALUE = error("invalid-value", "Values have the type and form their key asks for")

# Where a map is needed, whatever stands in its place may be the secret that belongs into it.
_NEEDS_MAP = ("model_type", "model_attributes_type", "dict_type")
_PLAINLY = {
    **dict.fromkeys(_NEEDS_MAP, "must be a map"),
    "list_type": "must be a list",
    "string_type": "must be a text",
    "float_parsing": "must be a number",
    "int_parsing": "must be a whole number",
    **dict.fromkeys(("bool_type", "bool_parsing"), "must be true or false"),
}


@dataclass(frozen=True)
class Typed(Generic[M]):
    """A valid entry and where its parts are written."""

    model: M
    at: Place


def entry(
    model: type[M],
    value: Any,
    at: Place,
    what: str,
    render: Callable[[Any], Any],
    other_names: Mapping[str, str] | None = None,
) -> tuple[Typed[M] | None, list[Finding]]:
    """One entry as ``model``, and what is wrong with it; templates nobody can evaluate are skipped.

    :param what: how messages call the entry, such as ``network public``.
    :param render: evaluates templates; raises Unknown.
    :param other_names: what people may have called a key, and its name here.
    """
    import pydantic

    plain = rendered(value, render)
    problems: list[ErrorDetails] = []
    try:
        return Typed(model.model_validate(plain), at), []
    except pydantic.ValidationError as failure:
        problems = failure.errors(include_url=False)
    real = [problem for problem in problems if not is_template(problem["input"])]
    if not real:
        for problem in reversed(problems):
            plain = _without(plain, _path(plain, problem))
        try:
            return Typed(model.model_validate(plain), at), []
        except pydantic.ValidationError:
            return None, []
    names = other_names or {}
    found = _without_echoes(model, real, plain, names)
    return None, [_finding(model, problem, plain, at, what, names) for problem in found]


def entries(
    model: type[M],
    values: Any,
    at: Place,
    noun: str,
    render: Callable[[Any], Any],
) -> tuple[list[Typed[M]], list[Finding]]:
    """A list of entries; a bad one does not hide the others."""
    if not isinstance(values, list):
        if values is None or is_template(values) or isinstance(values, Tagged):
            return [], []
        kind = {dict: "a map", str: "a text", bool: "true or false"}.get(type(values), "a number")
        text = f"Each {noun} is an item of a list; this is {kind}."
        return [], [INVALID_VALUE.broken(text, at(), fix="Start each entry with `- name: ...`.")]
    typed: list[Typed[M]] = []
    findings: list[Finding] = []
    for index, value in enumerate(values):
        name = (value.get("name") if isinstance(value, dict) else None) or index + 1

        def place(*path: str | int, index: int = index) -> Origin | None:
            return at(index, *path)

        one, wrong = entry(model, value, place, f"{noun} {name}", render)
        typed += [one] if one else []
        findings += wrong
    return typed, findings


def rendered(value: Any, render: Callable[[Any], Any]) -> Any:
    """Evaluate leaf by leaf, so that one template nobody knows does not spoil its neighbours."""
    if isinstance(value, dict):
        return {key: rendered(item, render) for key, item in value.items()}
    if isinstance(value, list):
        return [rendered(item, render) for item in value]
    try:
        return render(value)
    except Unknown:
        return value if isinstance(value, str) else "{{ vaulted }}"


def _without_echoes(
    model: type[BaseModel],
    problems: list[ErrorDetails],
    value: Any,
    other_names: Mapping[str, str],
) -> list[ErrorDetails]:
    """Leave out that a key is missing where its misspelling is found beside it."""
    misspelt: set[tuple[str | int, ...]] = set()
    for problem in problems:
        if problem["type"] == "extra_forbidden":
            path = _path(value, problem)
            meant = other_names.get(str(path[-1])) or nearest(
                str(path[-1]), _fields(model, path[:-1])
            )
            misspelt |= {(*path[:-1], meant.partition(".")[0])} if meant else set()
    return [
        problem
        for problem in problems
        if problem["type"] != "missing" or _path(value, problem) not in misspelt
    ]


def _finding(
    model: type[BaseModel],
    problem: ErrorDetails,
    value: Any,
    at: Place,
    what: str,
    other_names: Mapping[str, str],
) -> Finding:
    path = _path(value, problem)
    key = _called(value, path)
    kind = problem["type"]
    if kind == "missing":
        fix = f"Add `{path[-1]}:`."
        return MISSING_KEY.broken(f"{what} needs `{key}`.", at(*path[:-1]), fix=fix)
    if kind == "extra_forbidden":
        known = _fields(model, path[:-1])
        close = other_names.get(str(path[-1])) or nearest(str(path[-1]), known)
        return UNKNOWN_KEY.broken(
            f"{what} has an unknown key `{key}`.",
            at(*path),
            detail=f"Known: {', '.join(known)}." if known else "",
            fix=f"Did you mean `{close}`?" if close else "Correct the key, or remove it.",
        )
    context = problem.get("ctx", {})
    rule = CATALOGUE.get(kind.replace("_", "-"), INVALID_VALUE)
    said = problem["msg"].removeprefix("Value error, ").replace("Input should", "must")
    message = _PLAINLY.get(kind, said)
    return rule.broken(
        f"{what}: `{key}` {_lower(message)}." if key else f"{what}: {_lower(message)}.",
        at(*path),
        detail="" if kind in _NEEDS_MAP else _shown(path, problem["input"]),
        fix=str(
            context.get("fix")
            or _quotes(problem)
            or _nearest_choice(problem)
            or "Correct the value."
        ),
    )


def _called(value: Any, path: tuple[str | int, ...]) -> str:
    """A path as messages write it: items of lists by their names, where they have one."""
    words: list[str] = []
    here = value
    for step in path:
        try:
            here = here[step]
        except (LookupError, TypeError):
            here = None
        named = isinstance(step, int) and isinstance(here, dict) and "name" in here
        words.append(str(here["name"] if named and here else step))
    return ".".join(words)


def _quotes(problem: ErrorDetails) -> str:
    """What helps where YAML made true or false of a word."""
    wrong = problem["type"] == "string_type" and isinstance(problem["input"], bool)
    return "Put quotes around yes, no, on or off that are meant as text." if wrong else ""


def _nearest_choice(problem: ErrorDetails) -> str:
    """Which of several allowed words was meant."""
    words = re.findall(r"'([^']*)'", str(problem.get("ctx", {}).get("expected", "")))
    close = nearest(str(problem["input"]), words)
    return f"Did you mean `{close}`?" if close else ""


def _shown(path: tuple[str | int, ...], given: Any) -> str:
    """What was written, unless it may be a secret."""
    from cc_ansible.site.names import is_secret

    if isinstance(given, dict | list) or any(is_secret(str(step)) for step in path):
        return ""
    return f"It says {given!r}."


def _path(value: Any, problem: ErrorDetails) -> tuple[str | int, ...]:
    """Pydantic's location without the steps that are no keys of the data (union members)."""
    path: list[str | int] = []
    here = value
    location = problem["loc"]
    of_key = problem["type"] in ("missing", "extra_forbidden")
    for index, step in enumerate(location):
        is_item = isinstance(here, list) and isinstance(step, int) and step < len(here)
        if is_item or (isinstance(here, dict) and step in here):
            path.append(step)
            here = here[step]
        elif of_key and index == len(location) - 1 and isinstance(here, dict):
            path.append(step)
    return tuple(path)


def _without(value: Any, path: tuple[str | int, ...]) -> Any:
    if not path or not isinstance(value, dict | list):
        return value
    if isinstance(value, list):
        return [
            _without(item, path[1:]) if index == path[0] else item
            for index, item in enumerate(value)
            if index != path[0] or len(path) > 1
        ]
    if len(path) == 1:
        return {key: item for key, item in value.items() if key != path[0]}
    return {
        key: _without(item, path[1:]) if key == path[0] else item for key, item in value.items()
    }


@functools.cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema()


def _fields(model: type[BaseModel], path: tuple[str | int, ...]) -> list[str]:
    """The keys a model knows at a path, from its JSON Schema."""
    schema = _schema(model)
    definitions = schema.get("$defs", {})
    for step in path:
        below = (_step(one, step) for one in _choices(schema, definitions))
        schema = next((found for found in below if found), {})
    keys = (one.get("properties", {}) for one in _choices(schema, definitions))
    return sorted({name for properties in keys for name in properties})


def _choices(schema: dict[str, Any], definitions: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if reference := schema.get("$ref"):
        yield from _choices(definitions[reference.rpartition("/")[2]], definitions)
    elif several := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        for one in several:
            yield from _choices(one, definitions)
    else:
        yield schema


def _step(schema: dict[str, Any], step: str | int) -> dict[str, Any] | None:
    if isinstance(step, int):
        found = schema.get("items")
    else:
        found = schema.get("properties", {}).get(step) or schema.get("additionalProperties")
    return found if isinstance(found, dict) else None


def _lower(message: str) -> str:
    message = message.replace("Input should", "must", 1)
    return message[:1].lower() + message[1:].rstrip(".")
