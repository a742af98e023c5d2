"""The old node_custom_config: what only the site says, with secrets put away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from cc_ansible.site import customconfig, inifile, removed, yamlfile
from cc_ansible.site.inifile import IniFile, Item
from cc_ansible.site.legacy import hidden, keys
from cc_ansible.site.legacy.context import Context
from cc_ansible.site.legacy.translate import renamed

DIRECTORY = "node_custom_config"
_INI = (".ini", ".conf", ".cnf")
_PRIVATE = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_WITH_PASSWORD = re.compile(r"://[^:@/\s{}]+:[^@\s{}]+@")


@dataclass
class Overrides:
    """Files of the new node_custom_config by their path below it."""

    context: Context
    project: Path
    files: dict[str, bytes] = field(default_factory=dict)

    def take(self, tree: Path) -> None:
        """Take over a tree of files.

        :raises SiteInvalid: when one cannot be read or decrypted.
        """
        for file in sorted(tree.rglob("*")):
            if file.is_file() and not file.name.startswith(".git"):
                self._file(file, file.relative_to(tree))
        if self.files:
            why = (
                "Compared with this project's files only: the older wrapper's own are not at "
                "hand, so lines copied from it may remain. Files merge with the project's option "
                "by option now; before, a file of the site replaced the whole file."
            )
            self.context.report.decide(DIRECTORY, ", ".join(sorted(self.files)), why)

    def _file(self, file: Path, name: Path) -> None:
        report, place = self.context.report, f"{DIRECTORY}/{name}"
        if reason := _service_gone(name):
            report.dropped(place, name.name, reason)
            return
        raw = customconfig.read(file)
        encrypted = keys.is_encrypted(raw)
        if encrypted:
            raw = self.context.keys.decrypt(raw.decode(), file).encode()
        content = self._content(raw, file, name)
        if content is None:
            report.dropped(place, name.name, "The project says the same.")
            return
        if encrypted or _PRIVATE.search(content) or name.suffix == ".keyring":
            if not encrypted:
                why = "It holds a key; Ansible decrypts it when it is copied."
                report.translated(place, name.name, "encrypted", why)
            content = self.context.keys.encrypt(content.decode()).encode()
        report.kept(place, name.name)
        self.files[str(name)] = content

    def _content(self, raw: bytes, file: Path, name: Path) -> bytes | None:
        """What the file says in the new site; None when the project says the same."""
        theirs = self.project / customconfig.PROJECT_CONFIG / name
        if theirs.is_file() and theirs.read_bytes() == raw:
            return None
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            return raw
        self._ask_about(text, f"{DIRECTORY}/{name}")
        text = renamed(text, self.context.renames(text))
        if name.suffix in _INI and inifile.looks_like_ini(text):
            return self._ini(text, file, name, theirs)
        return text.encode()

    def _ini(self, text: str, file: Path, name: Path, theirs: Path) -> bytes | None:
        ours = inifile.parse(text, file)
        base = IniFile(())
        if theirs.is_file():
            base = inifile.parse(yamlfile.read_text(theirs), theirs)
        same = {key for key, said in ours.options().items() if base.options().get(key) == said}
        for section, option in sorted(same):
            why = "The project says the same."
            self.context.report.dropped(f"{DIRECTORY}/{name}", f"[{section}] {option}", why)
        items = [item for item in ours.items if (item.section, item.key) not in same]
        if not any(item.key for item in items):
            return None
        items = [self._hidden(item, name) for item in _with_content(items)]
        return IniFile(tuple(items)).text().encode()

    def _hidden(self, item: Item, name: Path) -> Item:
        """An option without a plain secret: that goes to the passwords."""
        if item.key is None or len(item.lines) != 1:
            return item
        head, mark, value = _split(item.lines[0])
        secret = hidden.is_literal(item.key, value) or _WITH_PASSWORD.search(value)
        if not secret:
            return item
        words = (*name.with_suffix("").parts, item.section, item.key)
        variable = "_".join(re.sub(r"\W+", "_", word.lower()).strip("_") for word in words if word)
        self.context.passwords[variable] = value
        place = f"{DIRECTORY}/{name}"
        label = f"[{item.section}] {item.key}"
        self.context.report.translated(place, label, f"{hidden.PLACE}: {variable}", hidden.READABLE)
        return replace(item, lines=(f"{head}{mark} {{{{ {variable} }}}}",))

    def _ask_about(self, text: str, place: str) -> None:
        """Name variables in templates that nothing defines any more."""
        spans = " ".join(re.findall(r"\{\{.*?\}\}|\{%.*?%\}", text, re.DOTALL))
        for word in sorted(set(re.findall(r"(?<![.\w'\"])[A-Za-z_]\w*", spans))):
            if self.context.knows(word) or word in self.context.own:
                continue
            gone = self.context.gone(word)
            if gone and gone.translate == "rename" and gone.successor:
                self.context.report.translated(place, word, gone.successor, gone.reason)
            elif gone:
                why = f"It is used here. {gone.why}"
                self.context.report.decide(place, word, why)


def _service_gone(name: Path) -> str | None:
    """Why a file configures nothing: its service does not exist any more."""
    first = name.parts[0].removesuffix(name.suffix if len(name.parts) == 1 else "")
    for service, fields in removed.table()[removed.SERVICES].items():
        if first == service or first.startswith(f"{service}-"):
            return f"{fields['reason']} Gone since {fields['since']}."
    if first == "ironic-inspector" and (found := removed.find(removed.GROUPS, first)):
        return found.why
    return None


def _with_content(items: list[Item]) -> Iterator[Item]:
    """Without the heads of sections that have become empty."""
    sections = {item.section for item in items if item.key or item.conditional}
    last: Item | None = None
    for item in items:
        is_gap = item.lines == ("",) and (last is None or last.lines == ("",))
        if not (is_gap or (item.header and item.section not in sections)):
            yield item
            last = item


def _split(line: str) -> tuple[str, str, str]:
    found = re.match(r"(?P<head>[^=:]*)(?P<mark>[=:])(?P<value>.*)", line)
    return (found["head"], found["mark"], found["value"].strip()) if found else (line, "", "")


def has_credentials(value: str) -> bool:
    """Whether a value is an address with a password in it."""
    return _WITH_PASSWORD.search(value) is not None


def holds_private_key(content: bytes) -> bool:
    """Whether a file holds a private key."""
    return _PRIVATE.search(content) is not None
