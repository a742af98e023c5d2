"""From merged values to typed models: what pydantic finds wrong becomes findings with a place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from cc_ansible.errors import Origin
from cc_ansible.site.findings import CATALOGUE, Finding, error
from cc_ansible.site.names import nearest
from cc_ansible.site.values import Unknown, is_template

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

M = TypeVar("M", bound="BaseModel")
Place = Callable[..., Origin | None]
"""Origin of a path of keys and indexes below an item."""

MISSING_KEY = error("missing-key", "Entries have the keys they need")
UNKNOWN_KEY = error("unknown-key", "Entries have no keys that nothing reads")
INVALID_VALUE = error("invalid-value", "Values have the type and form their key asks for")


@dataclass(frozen=True)
class Typed(Generic[M]):
    """A valid entry and where its parts are written."""

    model: M
    at: Place


def entry(
    model: type[M], value: Any, at: Place, what: str, render: Callable[[Any], Any]
) -> tuple[Typed[M] | None, list[Finding]]:
    """One entry as ``model``, and what is wrong with it; templates nobody can evaluate are skipped.

    :param what: how messages call the entry, such as ``network public``.
    :param render: evaluates templates; raises Unknown.
    """
    import pydantic

    plain = _rendered(value, render)
    problems: list[ErrorDetails] = []
    try:
        return Typed(model.model_validate(plain), at), []
    except pydantic.ValidationError as failure:
        problems = failure.errors(include_url=False)
    real = [problem for problem in problems if not is_template(problem["input"])]
    if not real:
        for problem in problems:
            plain = _without(plain, _path(plain, problem["loc"]))
        try:
            return Typed(model.model_validate(plain), at), []
        except pydantic.ValidationError:
            return None, []
    return None, [_finding(model, problem, plain, at, what) for problem in real]


def entries(
    model: type[M],
    values: Any,
    at: Place,
    noun: str,
    render: Callable[[Any], Any],
) -> tuple[list[Typed[M]], list[Finding]]:
    """A list of entries; a bad one does not hide the others."""
    if not isinstance(values, list):
        if is_template(values) or values is None:
            return [], []
        text = f"{noun} must be a list, not {type(values).__name__}."
        return [], [INVALID_VALUE.broken(text, at(), fix="Start each entry with `- name: ...`.")]
    typed: list[Typed[M]] = []
    findings: list[Finding] = []
    for index, value in enumerate(values):
        name = value.get("name", index + 1) if isinstance(value, dict) else index + 1

        def place(*path: str | int, index: int = index) -> Origin | None:
            return at(index, *path)

        one, wrong = entry(model, value, place, f"{noun} {name}", render)
        typed += [one] if one else []
        findings += wrong
    return typed, findings


def _rendered(value: Any, render: Callable[[Any], Any]) -> Any:
    """Evaluate leaf by leaf, so that one template nobody knows does not spoil its neighbours."""
    if isinstance(value, dict):
        return {key: _rendered(item, render) for key, item in value.items()}
    if isinstance(value, list):
        return [_rendered(item, render) for item in value]
    try:
        return render(value)
    except Unknown:
        return value if isinstance(value, str) else "{{ vaulted }}"


def _finding(
    model: type[BaseModel], problem: ErrorDetails, value: Any, at: Place, what: str
) -> Finding:
    path = _path(value, problem["loc"])
    key = ".".join(map(str, path))
    kind = problem["type"]
    if kind == "missing":
        return MISSING_KEY.broken(f"{what} needs `{key}`.", at(*path[:-1]), fix=f"Add `{key}:`.")
    if kind == "extra_forbidden":
        known = _fields(model, path[:-1])
        close = nearest(str(path[-1]), known)
        return UNKNOWN_KEY.broken(
            f"{what} has an unknown key `{key}`.",
            at(*path),
            detail=f"Known: {', '.join(known)}." if known else "",
            fix=f"Did you mean `{close}`?" if close else "Correct the key, or remove it.",
        )
    context = problem.get("ctx", {})
    rule = CATALOGUE.get(kind.replace("_", "-"), INVALID_VALUE)
    message = problem["msg"].removeprefix("Value error, ")
    return rule.broken(
        f"{what}: `{key}` {_lower(message)}." if key else f"{what}: {_lower(message)}.",
        at(*path),
        detail=_shown(path, problem["input"]),
        fix=str(context.get("fix", "Correct the value.")),
    )


def _shown(path: tuple[str | int, ...], given: Any) -> str:
    """What was written, unless it may be a secret."""
    from cc_ansible.site.names import is_secret

    if isinstance(given, dict | list) or any(is_secret(str(step)) for step in path):
        return ""
    return f"It says {given!r}."


def _path(value: Any, location: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Pydantic's location without the steps that are no keys of the data (union members)."""
    path: list[str | int] = []
    here = value
    for index, step in enumerate(location):
        is_item = isinstance(here, list) and isinstance(step, int) and step < len(here)
        if is_item or (isinstance(here, dict) and step in here):
            path.append(step)
            here = here[step]
        elif index == len(location) - 1 and isinstance(here, dict):
            path.append(step)
    return tuple(path)


def _without(value: Any, path: tuple[str | int, ...]) -> Any:
    if not path or not isinstance(value, dict | list):
        return value
    if isinstance(value, list):
        return [
            _without(item, path[1:]) if index == path[0] else item
            for index, item in enumerate(value)
        ]
    if len(path) == 1:
        return {key: item for key, item in value.items() if key != path[0]}
    return {
        key: _without(item, path[1:]) if key == path[0] else item for key, item in value.items()
    }


def _fields(model: type[BaseModel], path: tuple[str | int, ...]) -> list[str]:
    """The keys a model knows at a path, from its JSON Schema."""
    schema = model.model_json_schema()
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
    return message[:1].lower() + message[1:].rstrip(".")
