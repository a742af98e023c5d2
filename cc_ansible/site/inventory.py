"""The site's inventory as text: its groups without Ansible, its hosts with Ansible's parser."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cc_ansible.errors import Origin, SiteInvalid
from cc_ansible.site import inventorytrouble, yamlfile, yamlsalvage
from cc_ansible.site.load import Site

SECTION = re.compile(r"\s*\[(?P<group>[^:\]]+)(?::(?P<kind>\w+))?\]\s*(?:[#;].*)?")
_YAML_KEY = re.compile(r"[\w.\-]+:\s*(?:#.*)?")
MOST_PROBLEMS = 20
_YAML_SUFFIXES = (".yml", ".yaml", ".json")
# The names that Ansible skips when it reads an inventory directory.
_IGNORED = re.compile(
    r"^\.|^(?:host_vars|group_vars|vars_plugins)$"
    r"|(?:\.pyc|\.pyo|\.swp|\.bak|~|\.rpm|\.md|\.txt|\.rst|\.orig|\.cfg|\.retry)$"
)


@dataclass(frozen=True)
class Parsed:
    """What Ansible made of inventory sources.

    ``groups`` are in the order in which Ansible lays their variables over each other, weakest
    first. ``group_vars`` and ``host_vars`` hold only what the inventory files say themselves
    (``[group:vars]``, ``host key=value``), not the directories of these names.
    """

    hosts: list[str]
    groups: list[str]
    group_vars: Mapping[str, Mapping[str, Any]]
    host_vars: Mapping[str, Mapping[str, Any]]
    groups_of: Mapping[str, list[str]]
    children_of: Mapping[str, list[str]] = field(default_factory=dict)
    hosts_of: Mapping[str, list[str]] = field(default_factory=dict)


def sources(inventory: Path) -> list[Path]:
    """The files of an inventory directory in the order Ansible reads them, directories as they are.

    :raises SiteInvalid: when there is none.
    """
    if inventory.is_file():
        return [inventory]
    entries = sorted(inventory.iterdir()) if inventory.is_dir() else []
    found = [entry for entry in entries if not _IGNORED.search(entry.name)]
    if not found:
        raise SiteInvalid(
            "The site's inventory holds no file.",
            fix=f"Create {inventory / 'hosts'} with the groups control, network and compute.",
            origin=Origin(inventory),
        )
    return found


def vars_root(site: Site) -> Path:
    """The directory in which the site keeps ``group_vars`` and ``host_vars``."""
    return site.inventory_dir.parent if site.inventory_dir.is_file() else site.inventory_dir


def kolla_multinode() -> Path:
    """Kolla-Ansible's sample inventory: every group of the installed release."""
    return Path(sys.prefix, "share/kolla-ansible/ansible/inventory/multinode")


def group_names(site: Site) -> set[str]:
    """The groups that the site's own inventory defines.

    A group is defined by ``[name]`` or ``[name:children]``, or by a YAML group with content; one
    that is only mentioned as a child is not. A dynamic inventory is run to ask it.
    """
    return defined_groups(sources(site.inventory_dir))


def defined_groups(inventory_paths: Iterable[Path]) -> set[str]:
    """The groups that some inventory sources define, as :func:`group_names` counts them.

    :raises SiteInvalid: when one cannot be read.
    """
    names: set[str] = set()
    for file in plain_files(inventory_paths):
        names |= _groups_of(file)
    return names - {"all", "ungrouped"}


def kolla_groups(multinode: Path, defined: set[str]) -> str:
    """An inventory in Kolla's shape without hosts, leaving the ``defined`` groups to the site.

    Those stay as empty sections, because Ansible wants every child group declared in the file.
    """
    lines: list[str] = []
    keep = False
    for line in yamlfile.read_text(multinode).splitlines():
        if section := SECTION.fullmatch(line):
            group, children = section["group"], section["kind"] == "children"
            keep = children and group not in defined
            lines.append(f"[{group}:children]" if keep else f"[{group}]")
        elif keep and (name := line.partition("#")[0].strip()):
            lines.append(name)
    return "\n".join(lines) + "\n"


def children(text: str) -> dict[str, list[str]]:
    """The groups of an inventory in INI form, each with the groups below it."""
    found: dict[str, list[str]] = {}
    below: list[str] = []
    for line in text.splitlines():
        if section := SECTION.fullmatch(line):
            named = found.setdefault(section["group"], [])
            below = named if section["kind"] == "children" else []
        elif name := line.partition("#")[0].strip():
            below.append(name)
    return found


def all_hosts(inventory_paths: Iterable[Path]) -> list[str]:
    """Every host of some inventory sources, in inventory order.

    :raises SiteInvalid: when Ansible cannot read one of them.
    """
    return parse(inventory_paths).hosts


def parse(
    inventory_paths: Iterable[Path],
    before: Mapping[str, Sequence[str]] | None = None,
    problems: list[SiteInvalid] | None = None,
) -> Parsed:
    """Read inventory sources with Ansible's own parser.

    :param before: groups that are there already, each with the groups below it.
    :param problems: takes what cannot be read; what is left of the files is read all the same.
    :raises SiteInvalid: when it cannot read one, with the line where Ansible names it.
    """
    from ansible.inventory import manager as ansible_manager
    from ansible.parsing.dataloader import DataLoader

    manager = ansible_manager.InventoryManager(loader=DataLoader(), sources=None, parse=False)
    with _quiet(ansible_manager.display):
        _declare(manager, before or {})
        for path in plain_files(inventory_paths):
            for wrong in _parse_file(manager, path):
                if problems is None:
                    raise wrong
                problems.append(wrong)
        manager.reconcile_inventory()
    return Parsed(
        hosts=list(manager.hosts),
        groups=_by_strength(manager.groups.values()),
        group_vars={name: group.vars for name, group in manager.groups.items()},
        host_vars={name: host.vars for name, host in manager.hosts.items()},
        groups_of={
            name: [group.name for group in host.get_groups()]
            for name, host in manager.hosts.items()
        },
        children_of={
            name: [child.name for child in group.child_groups]
            for name, group in manager.groups.items()
        },
        hosts_of={
            name: [host.name for host in group.get_hosts()]
            for name, group in manager.groups.items()
        },
    )


def _parse_file(manager: Any, path: Path) -> Iterator[SiteInvalid]:
    """Read one file; what is wrong in a line of it is told and left out."""
    from ansible.inventory import manager as ansible_manager

    if wrong_yaml := _yaml_problems(path):
        yield from wrong_yaml
        return
    with tempfile.TemporaryDirectory(prefix="cc-inventory-") as scratch:
        attempt = path
        if wrong_text := _text_problems(path):
            yield from wrong_text
            attempt = Path(scratch, path.name)
            attempt.write_text(yamlsalvage.without_conflicts(_plain_text(path)), encoding="utf-8")
        for _ in range(MOST_PROBLEMS):
            with _recorded_failures(ansible_manager) as failures:
                if manager.parse_source(str(attempt)):
                    return
            wrong = _unreadable(path, attempt, failures)
            yield wrong
            text = yamlfile.legible(attempt) or ""
            line = wrong.origin.line if wrong.origin else None
            if line is None or os.access(path, os.X_OK) or is_yaml(path, text):
                return
            attempt = Path(scratch, path.name)
            attempt.write_text(inventorytrouble.without(text, line), encoding="utf-8")


def _plain_text(path: Path) -> str:
    """What a file says; nothing when it is a program or cannot be read."""
    return "" if os.access(path, os.X_OK) else yamlfile.legible(path) or ""


def _text_problems(path: Path) -> list[SiteInvalid]:
    """What is wrong with a file in any format."""
    text = _plain_text(path)
    if text == "":
        return []
    try:
        yamlfile.read_text(path)
    except SiteInvalid as wrong:
        return [wrong]
    clash = yamlsalvage.conflict(text, path)
    return [clash] if clash else []


def _yaml_problems(path: Path) -> list[SiteInvalid]:
    """What is wrong with an inventory file before Ansible looks at it."""
    text = _plain_text(path)
    if yamlfile.is_encrypted(path):
        return [
            SiteInvalid(
                f"{path.name} is encrypted as a whole; nobody can tell which hosts there are.",
                fix=f"Run `cc-ansible decrypt_file {path}`, and keep secrets in passwords.yml.",
                origin=Origin(path, 1, 1),
            )
        ]
    return yamlfile.examine(text, path)[1] if is_yaml(path, text) else []


def _declare(manager: Any, groups: Mapping[str, Sequence[str]]) -> None:
    from ansible import constants

    # Kolla's group names hold dashes; Ansible would warn about each.
    changes, constants.TRANSFORM_INVALID_GROUP_CHARS = (
        constants.TRANSFORM_INVALID_GROUP_CHARS,
        "ignore",
    )
    try:
        for name in {*groups, *(child for below in groups.values() for child in below)}:
            manager._inventory.add_group(name)
        for name, below in groups.items():
            for child in below:
                manager._inventory.add_child(name, child)
    finally:
        constants.TRANSFORM_INVALID_GROUP_CHARS = changes


def vars_files(directory: Path, name: str) -> list[Path]:
    """The files of variables that Ansible reads for a group or host in ``directory``."""
    candidates = (directory / f"{name}{suffix}" for suffix in ("", ".yml", ".yaml", ".json"))
    chosen = next((path for path in candidates if path.exists()), None)
    if chosen is None:
        return []
    if chosen.is_file():
        return [chosen]
    inside = (path for path in sorted(chosen.rglob("*")) if path.is_file())
    return [path for path in inside if path.suffix in ("", ".yml", ".yaml", ".json")]


def _by_strength(groups: Iterable[Any]) -> list[str]:
    ordered = sorted(groups, key=lambda group: (group.depth, group.priority, group.name))
    return [group.name for group in ordered]


def plain_files(entries: Iterable[Path]) -> Iterator[Path]:
    """The files among ``entries`` and in the directories among them."""
    for entry in entries:
        if entry.is_dir():
            inside = sorted(entry.iterdir())
            yield from plain_files(path for path in inside if not _IGNORED.search(path.name))
        else:
            yield entry


def _groups_of(file: Path) -> set[str]:
    if os.access(file, os.X_OK):
        return set(parse([file]).groups)
    text = yamlfile.read_text(file)
    if not is_yaml(file, text):
        return ini_groups(text)
    document = yamlfile.require_mapping(yamlfile.parse(text, file))
    if "plugin" in document.value:
        return set(parse([file]).groups)
    return set(document.value) | set(_yaml_groups(document.value))


def is_yaml(file: Path, text: str) -> bool:
    """Whether an inventory file is YAML, judged by its suffix or its first line."""
    if file.suffix in _YAML_SUFFIXES:
        return True
    lines = (line.rstrip() for line in text.splitlines())
    first = next((line for line in lines if line and not line.startswith("#")), "")
    return first == "---" or _YAML_KEY.fullmatch(first) is not None


def ini_groups(text: str) -> set[str]:
    """The groups that an inventory in INI form defines."""
    sections = (SECTION.fullmatch(line) for line in text.splitlines())
    return {found["group"] for found in sections if found and found["kind"] in (None, "children")}


def _yaml_groups(groups: Mapping[str, Any]) -> Iterator[str]:
    for name, body in groups.items():
        if isinstance(body, Mapping) and body:
            yield name
            if isinstance(children := body.get("children"), Mapping):
                yield from _yaml_groups(children)


@contextmanager
def _quiet(display: Any) -> Iterator[None]:
    """Keep Ansible from printing what it thinks of a file; the checks look at that."""
    names = [name for name in ("warning", "deprecated", "_deprecated") if hasattr(display, name)]
    for name in names:
        vars(display)[name] = lambda *_, **__: None
    try:
        yield
    finally:
        for name in names:
            del vars(display)[name]


@contextmanager
def _recorded_failures(manager_module: Any) -> Iterator[list[BaseException]]:
    """Collect what Ansible would print as warnings: why no parser took an inventory file."""
    from ansible import constants

    display, names = manager_module.display, constants.TRANSFORM_INVALID_GROUP_CHARS
    failures: list[BaseException] = []

    class Recorder:
        def __getattr__(self, name: str) -> Any:
            return getattr(display, name)

        def warning(self, *args: Any, **kwargs: Any) -> None:
            pass

        def error_as_warning(self, msg: str | None, exception: BaseException) -> None:
            failures.append(exception)

    manager_module.display = Recorder()
    # Kolla's group names hold dashes; Ansible would warn about each run of ours.
    constants.TRANSFORM_INVALID_GROUP_CHARS = "ignore"
    try:
        yield failures
    finally:
        manager_module.display = display
        constants.TRANSFORM_INVALID_GROUP_CHARS = names


def _unreadable(path: Path, attempt: Path, failures: Sequence[BaseException]) -> SiteInvalid:
    """Every parser failed; report the one that the file was written for.

    ``attempt`` is what was parsed for ``path``: itself, or a copy without some lines.
    """
    failure = _relevant(attempt, failures)
    message = str(getattr(failure, "message", failure or "No parser takes it.")).strip()
    message = message.removeprefix("Failed to parse inventory: ")
    what, fix = inventorytrouble.describe(message)
    if (yamlfile.legible(attempt) or "").startswith("\ufeff"):
        what, fix = "the file starts with a byte order mark", "Save the file as UTF-8 without BOM."
    return SiteInvalid(
        f"Ansible cannot read the inventory file {path.name}{f': {what}' if what else ''}.",
        detail=message,
        fix=fix or f"Correct the file; check it with `ansible-inventory -i {path} --list`.",
        origin=replace(_place_of(failure, message, attempt), file=path),
    )


def _relevant(path: Path, failures: Sequence[BaseException]) -> BaseException | None:
    if not failures or os.access(path, os.X_OK):
        return next(iter(failures), None)
    if not is_yaml(path, yamlfile.read_text(path)):
        return failures[-1]
    texts = [str(getattr(failure, "message", failure)) for failure in failures]
    yaml_only = [
        failure
        for failure, text in zip(failures, texts, strict=True)
        if not text.startswith("Failed to parse inventory") and "no root 'plugin'" not in text
    ]
    return (yaml_only or list(failures))[0]


def _place_of(failure: BaseException | None, message: str, path: Path) -> Origin:
    """The line Ansible names, or the one that makes it say so."""
    obj = getattr(failure, "obj", None)
    number = getattr(obj, "line_num", None)
    if isinstance(number, int):
        return Origin(path, number, getattr(obj, "col_num", None))
    if os.access(path, os.X_OK):
        return Origin(path)
    text = yamlfile.read_text(path)
    return inventorytrouble.line_of(path, text, message, ini=not is_yaml(path, text))
