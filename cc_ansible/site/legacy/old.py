"""Read an old site config, everything that is wrong with it at once. Nothing is written."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from cc_ansible.errors import Origin, SiteInvalid
from cc_ansible.site import inifile, inventory, layers, yamlfile
from cc_ansible.site.inventory import Parsed
from cc_ansible.site.legacy import environ, keys
from cc_ansible.site.legacy.keys import Keys
from cc_ansible.site.yamlfile import Document

T = TypeVar("T")
NOTHING = Parsed([], [], {}, {}, {})


@dataclass
class Old:
    """An old site as it lies there.

    ``texts`` holds files of variables by their path below the site, decrypted; ``encrypted`` are
    those of them that were vault text; ``settings`` are the variables of all hosts.
    """

    path: Path
    keys: Keys
    texts: dict[str, str] = field(default_factory=dict, repr=False)
    encrypted: set[str] = field(default_factory=set)
    documents: dict[str, Document] = field(default_factory=dict, repr=False)
    settings: dict[str, Any] = field(default_factory=dict, repr=False)
    passwords: dict[str, Any] = field(default_factory=dict, repr=False)
    environment: environ.Environment = field(default_factory=environ.Environment)
    inventory_files: list[Path] = field(default_factory=list)
    inventory: Parsed = NOTHING

    @property
    def vars_root(self) -> str:
        """Where group_vars and host_vars are, below the site."""
        return "" if (self.path / "inventory").is_file() else "inventory/"


class Unreadable(SiteInvalid):
    """An old site that cannot be imported, with every problem."""

    def __init__(self, path: Path, problems: list[SiteInvalid]) -> None:
        self.problems = problems
        lines = [_line(path, problem) for problem in problems]
        count = f"{len(problems)} problem{'' if len(problems) == 1 else 's'}"
        super().__init__(
            f"{path} cannot be imported: {count}.",
            detail="\n".join(lines),
            fix="Correct a copy of the old site and import that.",
        )


def read(path: Path, env: Mapping[str, str]) -> Old:
    """Read everything of an old site that an import needs.

    :raises Unreadable: when any part of it cannot be read.
    """
    problems: list[SiteInvalid] = []

    def attempt(reader: Callable[[], T]) -> T | None:
        try:
            return reader()
        except SiteInvalid as problem:
            problems.append(problem)
            return None

    environment = attempt(lambda: environ.read(path / ".env")) or environ.Environment()
    found = attempt(lambda: keys.find(path, env, environment.values))
    old = Old(path, found or Keys(None, b"", True, "nowhere"), environment=environment)
    for name in _variable_files(path):
        attempt(functools.partial(_read_variables, old, name))
    old.settings = {key: value.value for key, value in layers.merge_layers(_shared(old)).items()}
    # Without a vault password its own problem is enough.
    if found is not None or not (path / "passwords.yml").exists():
        old.passwords = attempt(lambda: _passwords(old)) or {}
    old.inventory_files = attempt(lambda: _inventory_files(path)) or []
    if old.inventory_files:
        plain = [file for file in old.inventory_files if not is_program(file)]
        old.inventory = _untagged(attempt(lambda: inventory.parse(plain)) or NOTHING)
    for file in _other_files(path):
        attempt(functools.partial(_require_readable, old, file))
    if problems:
        raise Unreadable(path, problems)
    return old


def is_program(file: Path) -> bool:
    """Whether Ansible would run an inventory file to ask it."""
    try:
        return os.access(file, os.X_OK) and file.read_bytes().startswith(b"#!")
    except OSError:
        return False


def _variable_files(path: Path) -> Iterator[str]:
    if not (path / "defaults.yml").is_file():
        yield "defaults.yml"  # reading it says what is wrong
    candidates = [path / "globals.yml", path / "defaults.yml"]
    candidates += sorted((path / "globals.d").glob("*")) if (path / "globals.d").is_dir() else []
    root = path if (path / "inventory").is_file() else path / "inventory"
    for directory in (root / "group_vars", root / "host_vars"):
        candidates += sorted(directory.rglob("*"))
    for file in candidates:
        name = str(file.relative_to(path))
        if file.is_file() and is_variables(name):
            yield name


def is_variables(name: str) -> bool:
    """Whether Ansible takes a file below the site for one of variables."""
    file = Path(name)
    if file.name.startswith((".", "README")) or file.name.endswith(("~", ".md", ".bak")):
        return False
    # The name of a host may have dots.
    named = file.parent.name in ("host_vars", "group_vars")
    return named or file.suffix in ("", ".yml", ".yaml", ".json")


def _read_variables(old: Old, name: str) -> None:
    file = old.path / name
    text = yamlfile.read_text(file)
    if keys.is_encrypted(text):
        text = old.keys.decrypt(text, file)
        old.encrypted.add(name)
    old.documents[name] = yamlfile.require_mapping(yamlfile.parse(text, file))
    old.texts[name] = text


def _shared(old: Old) -> list[Document]:
    """The layers that counted: the old wrapper overwrote globals.yml."""
    names = [name for name in old.documents if name.startswith("globals.d/")]
    return [old.documents[name] for name in ("defaults.yml", *names) if name in old.documents]


def _passwords(old: Old) -> dict[str, Any]:
    file = old.path / "passwords.yml"
    if not file.is_file():
        raise SiteInvalid(
            f"{old.path.name} has no passwords.yml.",
            fix="Restore it from the site's repository or backup.",
            origin=Origin(file),
        )
    text = yamlfile.read_text(file)
    if keys.is_encrypted(text):
        text = old.keys.decrypt(text, file)
    document = yamlfile.require_mapping(yamlfile.parse(text, file))
    return {key: _plain(old, value, file) for key, value in document.value.items()}


def _plain(old: Old, value: Any, file: Path) -> Any:
    if isinstance(value, yamlfile.Tagged):
        return old.keys.decrypt(value.value, file) if value.tag == "!vault" else value.value
    if isinstance(value, dict):
        return {key: _plain(old, item, file) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(old, item, file) for item in value]
    return value


def _untagged(parsed: Parsed) -> Parsed:
    """The inventory with variables as plain data; Ansible's parser tags them."""
    return replace(
        parsed,
        group_vars={name: _bare(said) for name, said in parsed.group_vars.items()},
        host_vars={name: _bare(said) for name, said in parsed.host_vars.items()},
    )


def _bare(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _bare(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_bare(item) for item in value]
    kinds = (kind for kind in (bool, int, float, str) if isinstance(value, kind))
    kind = next(kinds, None)
    return value if kind is None else kind(value)


def _inventory_files(path: Path) -> list[Path]:
    return list(inventory.plain_files(inventory.sources(path / "inventory")))


def _other_files(path: Path) -> Iterator[Path]:
    for directory in ("node_custom_config", "certificates", "hardware", "images"):
        yield from (file for file in sorted((path / directory).rglob("*")) if file.is_file())


def _require_readable(old: Old, file: Path) -> None:
    """Find out early what would stop the import halfway."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise SiteInvalid(
            f"Cannot read {file.name}: {error.strerror}.",
            fix="Check its permissions.",
            origin=Origin(file),
        ) from error
    if keys.is_encrypted(content):
        content = old.keys.decrypt(content.decode(), file).encode()
    if file.suffix in (".conf", ".ini", ".cnf"):
        text = content.decode(errors="replace")
        if inifile.looks_like_ini(text):
            inifile.parse(text, file)


def _line(path: Path, problem: SiteInvalid) -> str:
    where = ""
    if problem.origin:
        file = problem.origin.file
        shown = file.relative_to(path) if file.is_relative_to(path) else file
        where = ":".join(str(part) for part in (shown, problem.origin.line) if part) + ": "
    fix = f" {problem.fix}" if problem.fix else ""
    return f"{where}{problem.summary}{fix}"
