"""What groups and hosts said in vain: the old wrapper's extra-vars were stronger."""

from __future__ import annotations

from typing import Any

from cc_ansible.site.legacy import wrapper
from cc_ansible.site.legacy.context import Context
from cc_ansible.site.legacy.report import Kind
from cc_ansible.site.legacy.variable import Variable
from cc_ansible.site.names import is_secret


def note(context: Context, variable: Variable) -> None:
    """Report a variable of a group or host that will take effect for the first time."""
    name = variable.name
    if name in context.old_passwords:
        why = "passwords.yml was stronger."
    elif name in context.settings:
        if context.settings[name] == variable.value:
            return
        said = _shown(name, context.settings[name])
        why = f"What holds for every host was stronger and said {said}."
    elif wrapper.defeated(name):
        why = "The default of older CHI-in-a-Box was stronger."
    else:
        return
    new = f"{name}: {_shown(name, variable.value)}"
    context.report.add(Kind.EFFECT, variable.place, name, why, new)


def _shown(name: str, value: Any) -> str:
    """A value in a report; nothing that may be a secret, nothing long."""
    if is_secret(name):
        return "a secret"
    if isinstance(value, dict | list) or not isinstance(value, str | int | float | bool | None):
        return "something else"
    return repr(value)
