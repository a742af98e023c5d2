"""Plain secrets among the variables: they go, encrypted, to where secrets belong."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from cc_ansible.site import names, yamledit, yamlfile
from cc_ansible.site.leaves import leaves
from cc_ansible.site.legacy import blocks
from cc_ansible.site.legacy.blocks import DROP, Edit
from cc_ansible.site.legacy.context import Context
from cc_ansible.site.legacy.variable import Variable
from cc_ansible.site.values import is_template
from cc_ansible.site.yamlfile import KeyPath, Tagged

PLACE = "passwords.yml"
READABLE = "It was readable by everybody who can read the file."


def is_literal(name: str, value: Any) -> bool:
    """Whether a secret stands there in plain text."""
    if not names.ends_secret(name) or isinstance(value, bool | Tagged) or value in (None, ""):
        return False
    return isinstance(value, str | int) and not is_template(value)


def hide(context: Context, variable: Variable) -> Edit | None:
    """What stands in place of a variable with plain secrets; None when it holds none."""
    name = variable.name
    if variable.encrypted:
        return None
    if is_literal(name, variable.value):
        if variable.shared:
            context.passwords[name] = variable.value
            _note(context, variable, name, f"{PLACE}, encrypted")
            return DROP
        _note(context, variable, name, "encrypted in place")
        return _vaulted(context, name, str(variable.value))
    places = dict(_literals(variable.value))
    if not places:
        return None
    return _without(context, variable, places)


def comment(context: Context, variable: Variable) -> Edit:
    """The variable as a comment without plain secrets; those are kept with the passwords."""
    if variable.encrypted:
        return blocks.commented(variable.text)
    if is_literal(variable.name, variable.value):
        context.passwords.setdefault(variable.name, variable.value)
        _note(context, variable, variable.name, f"{PLACE}, encrypted")
        return blocks.commented(f"{variable.name}: # its value is in {PLACE}")
    text = variable.text
    if places := dict(_literals(variable.value)):
        text = _without(context, variable, places).text
    return blocks.commented(text)


def hide_all(context: Context, text: str, file: Path, place: str) -> str:
    """A YAML text of any shape with its plain secrets encrypted where they stand."""
    value = yamlfile.parse(text, file).value
    places = [path for path, _ in _literals(value)]
    if not places:
        return text
    for path in places:
        here = value
        for step in path[:-1]:
            here = here[step]
        here[path[-1]] = Tagged("!vault", context.keys.encrypt(str(here[path[-1]])))
        label = ".".join(map(str, path))
        context.report.translated(place, label, "encrypted in place", READABLE)
    return yamlfile.dump(value)


def encrypted_again(context: Context, text: str, file: Path, place: str) -> str:
    """A text with its vault text encrypted for the new site; what cannot be is named."""
    text = context.keys.again(text, file)
    for name, value in yamlfile.require_mapping(yamlfile.parse(text, file)).value.items():
        if not all(map(context.keys.opens, _vault_texts(value))):
            why = "It could not be encrypted with the new vault password; do so by hand."
            context.report.decide(place, name, why)
    return text


def _vault_texts(value: Any) -> Iterator[str]:
    for _, leaf in leaves(value):
        if isinstance(leaf, Tagged) and leaf.tag == "!vault":
            yield str(leaf.value)


def edited(variable: Variable, change: Callable[[Any], None]) -> str:
    """The lines of a variable after a change to its value; comments stay where that is possible.

    :param change: alters the value in place.
    """
    from ruamel.yaml.error import YAMLError

    try:
        return yamledit.edited(
            variable.text,
            lambda data: change(data[variable.name]),
            list_indent=list_indent(variable.text),
        )
    except YAMLError:
        # It refers to another variable of the file (*name).
        value = copy.deepcopy(variable.value)
        change(value)
        return yamlfile.dump({variable.name: _plain(value)})


def _plain(value: Any) -> Any:
    """Without the styles that the editor of comments gives to texts."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, str) else value


def list_indent(text: str) -> int:
    """How far the items of the first list in the lines of a variable are indented."""
    found = re.search(r"^[^\n]*:[^\n]*\n(?:[ \t]*(?:#[^\n]*)?\n)*(?P<indent> *)- ", text)
    return len(found["indent"]) if found else 0


def _without(context: Context, variable: Variable, places: Mapping[KeyPath, Any]) -> Edit:
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString

    references: dict[KeyPath, str] = {}
    for path, value in places.items():
        name = _reference(variable.name, variable.value, path)
        if not variable.shared:
            name = f"{name}_{_slug(variable.place.split(':')[0].rpartition('/')[2])}"
        context.passwords[name] = value
        references[path] = f"{{{{ {name} }}}}"
        label = ".".join(_labels(variable.name, variable.value, path))
        _note(context, variable, label, f"{PLACE}: {name}")

    def change(value: Any) -> None:
        for path, reference in references.items():
            here = value
            for step in path[:-1]:
                here = here[step]
            here[path[-1]] = DoubleQuotedScalarString(reference)

    text = edited(variable, change)
    return Edit(text, yamlfile.parse(text, Path(variable.name)).value)


def _vaulted(context: Context, name: str, secret: str) -> Edit:
    text = f"{name}: {context.keys.inline(secret)}\n"
    return Edit(text, yamlfile.parse(text, Path(name)).value)


def _literals(value: Any) -> Iterator[tuple[KeyPath, Any]]:
    for path, leaf in leaves(value):
        if path and isinstance(path[-1], str) and is_literal(path[-1], leaf):
            yield path, leaf


def _reference(name: str, value: Any, path: KeyPath) -> str:
    """A name for a secret that had none: of the variable and the way to it, items by name."""
    return "_".join(_slug(label) for label in _labels(name, value, path))


def _labels(name: str, value: Any, path: KeyPath) -> Iterator[str]:
    """The way to a part of a variable, with names of items in place of their numbers."""
    yield name
    for step in path:
        value = value[step]
        yield str(value.get("name", step) if isinstance(value, dict) else step)


def _slug(text: str) -> str:
    return re.sub(r"\W+", "_", text.lower()).strip("_")


def _note(context: Context, variable: Variable, name: str, new: str) -> None:
    context.report.translated(variable.place, name, new, READABLE)
