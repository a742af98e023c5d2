"""What the pinned Kolla-Ansible and our own roles know: variables, groups, passwords, users.

Names are found by scanning the installed files, which takes hundredths of a second; values
are parsed only for the variables somebody asks for.
"""

from __future__ import annotations

import functools
import importlib.util
import re
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cc_ansible.errors import Origin
from cc_ansible.kolla import release
from cc_ansible.kolla.remembered import remembered
from cc_ansible.paths import PROJECT
from cc_ansible.site import inventory, yamlfile
from cc_ansible.site.removed import Names, Removed

_DEFINITION = re.compile(r"^([A-Za-z_]\w*):", re.MULTILINE)
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
# Conditions are Jinja without braces; they follow these words or stand in the list below them.
_CONDITION = re.compile(
    r"^[ \t]*(?:- )?(?:when|until|that|failed_when|changed_when|loop|environment):.*$"
    r"|^[ \t]+- [^\"'{\n]*$",
    re.MULTILINE,
)
_WORD = re.compile(r"(?<![.\w])[A-Za-z_]\w*")
# Names that a template or task gives itself.
_LOCAL = re.compile(
    r"\{%-?\s*(?:set|for)\s+(\w+)|(?:register|loop_var|index_var):\s*[\"']?(\w+)|macro\s+\w+\(([^)]*)\)"
)
_CONFIG = re.compile(
    r"node_custom_config\s*\}\}/(?P<path>(?:[^\"'\s{}]|\{\{[^{}]*\}\})+)(?=[\"'\s])"
)
_FIRST = re.compile(r"^(?:\[\w+\]|[\w.\-]+ *=)", re.MULTILINE)
_SERVICES = re.compile(r"^\w+_services:\n(?:(?:[ #].*)?\n)+", re.MULTILINE)
_SERVICE = re.compile(r"^  ([a-z][\w-]*):", re.MULTILINE)
_HANDED = re.compile(r"^\s+(\w+): .*\{\{(.*)\}\}", re.MULTILINE)
_ANSIBLE_NAME = re.compile(r"\bname: (ansible_\w+)|'(ansible_\w+)'")
_NOTES = "releasenotes"
_SCANNED = (".yml", ".j2", ".yaml", ".json", ".conf")
# Ansible's own variables that no plugin documents (from its list of special variables).
_SPECIAL = {"ansible_group_priority", "ansible_connection", "ansible_python_interpreter"}


@dataclass(frozen=True)
class Definition:
    """Where a variable gets its default; ``role`` is None for those of all hosts."""

    name: str
    file: Path
    line: int
    role: str | None

    @property
    def origin(self) -> Origin:
        """The place of the definition."""
        return Origin(self.file, self.line, 1)

    def value(self) -> Any:
        """The default as written, templates not evaluated."""
        return _parsed(self.file).get(self.name)


@functools.cache
def variables() -> Mapping[str, tuple[Definition, ...]]:
    """Every variable with a default and its definitions, weakest first."""
    found: dict[str, list[Definition]] = {}
    for role, file in _variable_files():
        text = file.read_text(encoding="utf-8")
        for match in _DEFINITION.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            entry = Definition(match[1], file, line, role)
            found.setdefault(match[1], []).append(entry)
    return {name: tuple(entries) for name, entries in found.items()}


def mentioned(names: Iterable[str]) -> set[str]:
    """Those of ``names`` that templates and tasks use, whether or not they have a default."""
    wanted = set(names)
    found: set[str] = set()
    for _, text in _texts() if wanted else ():
        here = {name for name in wanted - found if name in text}
        if here:
            spans = "\n".join([*_JINJA.findall(text), *_CONDITION.findall(text)])
            local = set(_WORD.findall(" ".join(map(" ".join, _LOCAL.findall(text)))))
            found |= {name for name in here - local if _whole(name).search(spans)}
    return found


def roles_using(name: str) -> list[str]:
    """The roles whose files use a variable, directly or through variables made of it."""
    readers = _readers()
    names, frontier, roles = {name}, [name], set[str]()
    while frontier:
        made, used_by = readers.get(frontier.pop(), ((), ()))
        roles.update(used_by)
        frontier += set(made) - names
        names.update(made)
    roles.update(f"openstack.kolla.{role}" for role, own in _collection().items() if name in own)
    return sorted(roles)


@functools.cache
def groups() -> frozenset[str]:
    """Inventory groups of Kolla-Ansible and ours."""
    names: set[str] = set()
    for file in (release.MULTINODE, *sorted((PROJECT / "kolla/inventory").glob("*"))):
        names |= inventory.ini_groups(file.read_text(encoding="utf-8"))
    return frozenset(names)


@functools.cache
def passwords() -> Mapping[str, Any]:
    """Keys of passwords.yml and what the sample says about each: None to be generated."""
    keys: dict[str, Any] = {}
    for file in (release.PASSWORDS_SAMPLE, PROJECT / "kolla" / "passwords.yml"):
        keys |= _parsed(file) if file.exists() else {}
    return keys


@functools.cache
def config_paths() -> frozenset[str]:
    """Paths below node_custom_config that roles read, with Jinja in them as written."""
    return frozenset(found["path"] for _, text in _texts() for found in _CONFIG.finditer(text))


@functools.cache
def sectioned() -> frozenset[str]:
    """Names of configuration files, such as nova.conf, that start with a section."""
    templates = ((file.stem, _FIRST.search(text)) for file, text in _texts() if ".j2" in file.name)
    return frozenset(name for name, first in templates if first and first[0].startswith("["))


@functools.cache
def services() -> frozenset[str]:
    """Names of containers, such as nova-api."""
    names: set[str] = set()
    for file, text in _texts():
        if file.parent.name == "defaults":
            for block in _SERVICES.finditer(text):
                names |= set(_SERVICE.findall(block[0]))
    return frozenset(names)


@functools.cache
def elements() -> frozenset[str]:
    """Elements that disk images may be made of, but for those of a site."""
    directories = (PROJECT / "images" / "elements", *element_directories())
    return frozenset(path.name for each in directories for path in each.iterdir() if path.is_dir())


@functools.cache
def element_directories() -> tuple[Path, Path]:
    """Elements of diskimage-builder, and those of the builder of deploy ramdisks."""
    found = importlib.util.find_spec("diskimage_builder")
    assert found and found.origin
    data = Path(sysconfig.get_path("data"))
    agent = data / "share" / "ironic-python-agent-builder" / "dib"
    return Path(found.origin).parent / "elements", agent


@functools.cache
def removed(kind: str) -> Mapping[str, Removed]:
    """Names of a kind (variables, groups, passwords) that older releases knew."""
    exist = {
        "variables": frozenset(variables()),
        "groups": groups(),
        "passwords": frozenset(passwords()),
    }
    return Names(kind, exist[kind])


@functools.cache
def undefaulted() -> frozenset[str]:
    """Variables whose default is in none of the files here.

    Those by which Ansible is told how to reach a host and what to run there, and those of the
    collection that prepares hosts.
    """
    return _of_ansible() | {name for names in _collection().values() for name in names}


def _collection() -> Mapping[str, list[str]]:
    """The roles of the collection openstack.kolla, and the variables of each."""
    return _parsed(PROJECT / "kolla" / "collection.yml")


def _of_ansible() -> frozenset[str]:
    spec = importlib.util.find_spec("ansible")
    places = list(spec.submodule_search_locations or ()) if spec else []
    names = set(_SPECIAL)
    for base in map(Path, places):
        files = [base / "config" / "base.yml", base / "constants.py"]
        for kind in ("connection", "become", "shell", "doc_fragments"):
            files += (base / "plugins" / kind).glob("*.py")
        for file in files:
            found = _ANSIBLE_NAME.findall(file.read_text(encoding="utf-8"))
            names |= {documented or quoted for documented, quoted in found}
    return frozenset(names)


def _variable_files() -> Iterator[tuple[str | None, Path]]:
    """Files of defaults with the role they belong to, weakest first."""
    trees = (release.ANSIBLE_TREE / "roles", PROJECT / "roles")
    for kind in ("defaults", "vars"):
        for tree in trees:
            for file in sorted(tree.glob(f"*/{kind}/*.yml")):
                yield file.parents[1].name, file
        if kind == "defaults":
            for file in sorted((release.ANSIBLE_TREE / "group_vars" / "all").glob("*.yml")):
                yield None, file
            yield None, PROJECT / "kolla" / "defaults.yml"


@functools.cache
def _texts() -> tuple[tuple[Path, str], ...]:
    """Every file of Kolla-Ansible's and our playbooks and roles, with its text."""
    trees = (release.ANSIBLE_TREE, PROJECT / "roles", PROJECT / "playbooks")
    files = (file for tree in trees for file in sorted(tree.rglob("*")))
    chosen = (file for file in files if _is_text(file) and _NOTES not in file.parts)
    return tuple((file, file.read_text(encoding="utf-8", errors="replace")) for file in chosen)


def _is_text(file: Path) -> bool:
    in_templates = "templates" in file.parts and file.suffix == ""
    return file.suffix in _SCANNED or (in_templates and file.is_file())


@functools.cache
def _parsed(file: Path) -> Mapping[str, Any]:
    value: Mapping[str, Any] = yamlfile.load_mapping(file).value
    return value


@functools.cache
def _whole(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![.\w]){re.escape(name)}\b")


def _role_of(file: Path) -> str | None:
    parts = file.parts
    return parts[parts.index("roles") + 1] if "roles" in parts else None


@functools.cache
def _readers() -> Mapping[str, tuple[list[str], list[str]]]:
    """For every word of every file: the variables whose default uses it, and the roles."""
    found: Mapping[str, tuple[list[str], list[str]]] = remembered("readers", _read)
    return found


def _read() -> dict[str, tuple[list[str], list[str]]]:
    made: dict[str, set[str]] = {}
    roles: dict[str, set[str]] = {}
    for file, text in _texts():
        role = _role_of(file)
        words = set(_WORD.findall(text))
        if role:
            for word in words:
                roles.setdefault(word, set()).add(role)
        for name, template in _made_in(file, text):
            for word in set(_WORD.findall(template)):
                made.setdefault(word, set()).add(name)
    # Names of variables have an underscore; without the other words this is half as much.
    names = {word for word in (*made, *roles) if "_" in word}
    return {word: (sorted(made.get(word, ())), sorted(roles.get(word, ()))) for word in names}


def _made_in(file: Path, text: str) -> Iterator[tuple[str, str]]:
    """Variables that a file makes out of others, with the text that does."""
    if file.parent.name in ("defaults", "vars", "all"):
        starts = [*_DEFINITION.finditer(text)]
        ends = [*(match.start() for match in starts[1:]), len(text)]
        for match, end in zip(starts, ends, strict=False):
            yield match[1], text[match.end() : end]
    elif _role_of(file) is None:
        # A playbook hands variables of its own making to the roles it calls.
        yield from _HANDED.findall(text)
