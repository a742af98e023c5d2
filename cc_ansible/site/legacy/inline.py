"""Variables on the lines of an INI inventory: ``host name=value`` and ``[group:vars]``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cc_ansible.site import yamlfile
from cc_ansible.site.inventory import Parsed
from cc_ansible.site.legacy import variables
from cc_ansible.site.legacy.blocks import Edit
from cc_ansible.site.legacy.context import Context
from cc_ansible.site.legacy.variable import Variable
from cc_ansible.site.yamlfile import Tagged

_ON_HOST = re.compile(
    r"(?<=\s)(?P<name>[A-Za-z_]\w*)=(?P<value>\"(?:[^\"\\]|\\.)*\"|'[^']*'|\{\{.*?\}\}|[^\s#]*)"
)
_IN_VARS = re.compile(r"\s*(?P<name>[A-Za-z_]\w*)\s*=\s*(?P<value>.*?)\s*$")


@dataclass
class Lines:
    """Rewrites lines; ``moved`` collects what cannot stand in such a file any more, as YAML
    below ``host_vars/HOST`` and ``group_vars/GROUP``; ``called`` gives the name of a group."""

    context: Context
    parsed: Parsed
    place: str
    called: Callable[[str], str]
    moved: dict[str, dict[str, str]] = field(default_factory=dict)

    def rewrite(self, group: str, kind: str, line: str) -> str | None:
        """A line of a section for the new inventory; None when nothing is left of it."""
        if not line.strip() or line.lstrip().startswith(("#", ";")):
            return line
        if kind == "vars":
            found = _IN_VARS.fullmatch(line)
            return line if found is None else self._in_vars(group, found, line)
        host = line.split()[0]
        return _ON_HOST.sub(lambda found: self._on_host(host, found), line).rstrip()

    def _in_vars(self, group: str, found: re.Match[str], line: str) -> str | None:
        name = found["name"]
        said = self.parsed.group_vars.get(group, {})
        edit = self._edit(name, said.get(name, found["value"]), said)
        if edit is None:
            return line
        if _belongs_elsewhere(edit):
            self.moved.setdefault(f"group_vars/{self.called(group)}", {})[name] = edit.text
            return None
        if not edit.says:
            return None
        return "\n".join(f"{key}={value}" for key, value in edit.says.items())

    def _on_host(self, pattern: str, found: re.Match[str]) -> str:
        name = found["name"]
        owners = [host for host, said in self.parsed.host_vars.items() if name in said]
        hosts = [host for host in owners if host == pattern] or owners
        said = self.parsed.host_vars.get(hosts[0], {}) if hosts else {}
        value = said.get(name, found["value"])
        edit = self._edit(name, value, said)
        if edit is None:
            return found[0]
        if _belongs_elsewhere(edit):
            for host in hosts:
                self.moved.setdefault(f"host_vars/{host}", {})[name] = edit.text
            return ""
        return " ".join(f"{key}={value}" for key, value in edit.says.items())

    def _edit(self, name: str, value: Any, beside: Mapping[str, Any]) -> Edit | None:
        text = yamlfile.dump({name: value})
        variable = Variable(name, value, text, self.place, beside, shared=False)
        return variables.decide(self.context, variable)


def _belongs_elsewhere(edit: Edit) -> bool:
    """Whether a file of its own is needed: for vault text, or for what stays as a comment."""
    vaulted = any(isinstance(value, Tagged) for value in edit.says.values())
    return vaulted or bool(edit.text and not edit.says)
