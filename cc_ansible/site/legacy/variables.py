"""Decide what becomes of each variable of a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cc_ansible.site import yamlfile
from cc_ansible.site.legacy import blocks, effects, hidden, special, wrapper
from cc_ansible.site.legacy.blocks import DROP, Edit
from cc_ansible.site.legacy.context import Context
from cc_ansible.site.legacy.report import Kind
from cc_ansible.site.legacy.translate import renamed, translate
from cc_ansible.site.legacy.variable import Variable
from cc_ansible.site.names import nearest
from cc_ansible.site.removed import Removed
from cc_ansible.site.values import is_template, truth


def rewrite(
    context: Context, text: str, file: Path, place: str, *, shared: bool, encrypted: bool = False
) -> str:
    """The text of a file of variables for the new site.

    :param place: how the report calls the file.
    :param encrypted: whether the whole file is vault text, so that secrets may stay in it.
    :raises SiteInvalid: when it is not a mapping of variables.
    """
    document = yamlfile.require_mapping(yamlfile.parse(text, file))
    found = blocks.find(text, file)
    edits: dict[str, Edit] = {}
    for name, value in document.value.items():
        line = document.origin(name).line
        lines = blocks.text_of(text, found[name]) if name in found else yamlfile.dump({name: value})
        at = f"{place}:{line}" if line else place
        variable = Variable(name, value, lines, at, document.value, shared, encrypted)
        edit = decide(context, variable)
        if edit is not None:
            edits[name] = edit
    result, whole = blocks.apply(text, file, edits)
    if not whole:
        context.report.decide(place, file.name, "Its comments could not be kept; read it again.")
    return result


def decide(context: Context, variable: Variable) -> Edit | None:
    """What stands in place of a variable; None when it stays as it is."""
    name = variable.name
    if (rule := special.rule(context, variable)) is not None:
        edit = rule(context, variable)
        return None if edit is special.AS_IT_IS else edit
    if name in context.run_facts:
        return _drop(context, variable, "cc-ansible sets it for every run.")
    if name in context.own:
        return _kept(context, variable, "The site's own; listed in site_variables.")
    if gone := context.gone(name):
        return _removed(context, variable, gone)
    if context.knows(name):
        if variable.shared and _says_nothing_new(context, variable):
            return _drop(context, variable, f"It is so in scenario {context.scenario}.")
        return _kept(context, variable)
    if treatment := wrapper.treatment(name):
        if treatment.drop:
            return _drop(context, variable, treatment.reason)
        why = f"{treatment.reason} Nothing in this release reads it; it stays as a comment."
        return _ask(context, variable, why)
    close = nearest(name, context.names)
    hint = f" Did you mean {close}?" if close else ""
    return _ask(context, variable, f"Nothing reads it; it stays as a comment.{hint}")


def _kept(context: Context, variable: Variable, why: str = "") -> Edit | None:
    """A variable that stays, without plain secrets and with the names of today in templates."""
    if not variable.shared:
        effects.note(context, variable)
    if edit := hidden.hide(context, variable):
        return edit
    if names := context.renames(variable.text):
        text = renamed(variable.text, names)
        if text != variable.text:
            says = yamlfile.parse(text, Path(variable.name)).value
            for old, new in names.items():
                context.report.translated(variable.place, f"{old} in {variable.name}", new)
            return Edit(text, says)
    context.report.kept(variable.place, variable.name, why)
    return None


def _removed(context: Context, variable: Variable, gone: Removed) -> Edit:
    why = gone.why
    new = translate(gone, variable.value, variable.beside)
    if new:
        context.report.translated(variable.place, variable.name, ", ".join(new), gone.reason)
        return blocks.said(new)
    if new is None and gone.successor and not _is_off(variable.value):
        return _ask(context, variable, f"{why} See {gone.successor}.")
    return _drop(context, variable, why)


def _says_nothing_new(context: Context, variable: Variable) -> bool:
    """Whether a flag only repeats what holds for the scenario anyway."""
    name = variable.name
    if not name.startswith("enable_") or is_template(variable.value):
        return False
    default = truth(context.default(name))
    return default is not None and default == truth(variable.value)


def _is_off(value: Any) -> bool:
    return value is None or value == "" or truth(value) is False


def _drop(context: Context, variable: Variable, why: str) -> Edit:
    context.report.dropped(variable.place, variable.name, why)
    return DROP


def _ask(context: Context, variable: Variable, why: str) -> Edit:
    """Keep the lines as a comment; a secret in them goes to the passwords first."""
    context.report.add(Kind.DECISION, variable.place, variable.name, why)
    return hidden.comment(context, variable)
