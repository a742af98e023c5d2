"""Rules about files of group and host variables: read by Ansible, and saying what only they may."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from cc_ansible.errors import Origin
from cc_ansible.site.findings import Finding, error, warning
from cc_ansible.site.names import nearest
from cc_ansible.site.rules.groups import BUILTIN
from cc_ansible.site.services import SHARED
from cc_ansible.site.subject import Subject
from cc_ansible.site.survey import Layer, Source
from cc_ansible.site.values import Unknown

MISNAMED_VARS = error("misnamed-vars", "Files of variables are named after a group or host")
UNUSED_VARS = warning("unused-vars", "Ansible reads every file of variables")
MISPLACED_VARS = error("misplaced-vars", "group_vars and host_vars lie in inventory/")
SHADOWED_SETTING = warning("shadowed-setting", "Nothing hides what is said about the whole site")
REPEATED_SETTING = warning("repeated-setting", "Hosts and groups say only what differs")

DIRECTORIES = ("group_vars", "host_vars")
SUFFIXES = ("", ".yml", ".yaml", ".json")
_NOTES = ("readme", "license", "changelog")
LOCAL = ("localhost",)


def files(subject: Subject) -> Iterator[Finding]:
    """Files and directories of variables that Ansible does not read."""
    survey = subject.survey
    if not survey.inventory_whole:
        return
    known = {
        "group_vars": {*BUILTIN, *survey.inventory.groups, *survey.own_groups},
        "host_vars": {*survey.inventory.hosts, *LOCAL},
    }
    yield from _misnamed_directories(survey.inventory_path)
    for directory in DIRECTORIES:
        if survey.vars_root != survey.path and any(_entries(survey.path / directory)):
            yield MISPLACED_VARS.broken(
                f"{directory}/ lies beside the inventory, where nothing reads it.",
                Origin(survey.path / directory),
                fix=f"Move it to {survey.vars_root.name}/{directory}.",
            )
        entries = list(_entries(survey.vars_root / directory))
        scopes: dict[str, list[Path]] = {}
        for entry in entries:
            scopes.setdefault(_scope(entry), []).append(entry)
        for entry in entries:
            name = _scope(entry)
            if name not in known[directory] and entry.name not in known[directory]:
                yield _unread(entry, name, directory, known[directory])
            elif other := _stronger(entry, name, scopes[name]):
                yield UNUSED_VARS.broken(
                    f"{entry.name} is not read, because {other.name} is.",
                    Origin(entry),
                    fix=f"Move its content to {other.name}.",
                )


def shadows(subject: Subject) -> Iterator[Finding]:
    """What a group or host says although all hosts must agree, or although it is said already."""
    shared = subject.survey.merged
    for source in subject.survey.sources:
        if source.layer is Layer.ALL:
            yield from _hidden(subject, source)
        if source.layer not in (Layer.GROUP, Layer.HOST) or _is_everybody(subject, source):
            continue
        for name, value in source.document.value.items():
            origin = source.document.origin(name)
            if name in SHARED:
                yield SHADOWED_SETTING.broken(
                    f"{name} says something about the whole site, but {source.scope} has its own.",
                    origin,
                    fix="Move it to defaults.yml.",
                )
            elif name in shared and _same(subject, source, value, name):
                place = shared[name].origin
                if place.file.is_relative_to(subject.survey.path):
                    yield REPEATED_SETTING.broken(
                        f"{source.scope} repeats what {place.file.name} says about {name}.",
                        origin,
                        detail=f"It is said at {place.file.name}:{place.line}.",
                        fix="Remove the line, or the two will differ one day.",
                    )


def _hidden(subject: Subject, source: Source) -> Iterator[Finding]:
    """What a file says for all hosts, and the stronger group ``all`` again."""
    for name in source.document.value:
        weaker = [other for other in subject.survey.said[name] if other.layer is Layer.SITE]
        if weaker:
            place = weaker[-1].document.origin(name)
            yield SHADOWED_SETTING.broken(
                f"{name} for all hosts hides what {place.file.name} says.",
                source.document.origin(name),
                detail=f"It is said at {place.file.name}:{place.line}, which has no effect.",
                fix="Keep one of the two.",
            )


def _misnamed_directories(inventory: Path) -> Iterator[Finding]:
    """Directories of the inventory that are nearly called group_vars or host_vars."""
    for entry in sorted(inventory.iterdir()) if inventory.is_dir() else ():
        close = nearest(entry.name, DIRECTORIES) if entry.is_dir() else None
        if close and entry.name not in DIRECTORIES:
            yield MISPLACED_VARS.broken(
                f"Nothing reads variables from {inventory.name}/{entry.name}.",
                Origin(entry),
                fix=f"Did you mean `{close}`?",
            )


def _entries(directory: Path) -> Iterator[Path]:
    for entry in sorted(directory.iterdir()) if directory.is_dir() else ():
        hidden = entry.name.startswith(".") or entry.name.endswith(("~", ".bak", ".orig", ".swp"))
        notes = entry.name.lower().startswith(_NOTES)
        if not hidden and not notes and entry.exists():
            yield entry


def _scope(entry: Path) -> str:
    return entry.stem if entry.is_file() and entry.suffix in SUFFIXES else entry.name


def _unread(entry: Path, name: str, directory: str, known: Collection[str]) -> Finding:
    noun = directory.partition("_")[0]
    close = nearest(name, known) or nearest(entry.stem, known)
    if close:
        return MISNAMED_VARS.broken(
            f"There is no {noun} {name}, so nothing reads {directory}/{entry.name}.",
            Origin(entry),
            fix=f"Did you mean `{close}`? Rename it to {close}{entry.suffix}.",
        )
    return UNUSED_VARS.broken(
        f"There is no {noun} {name}, so nothing reads {directory}/{entry.name}.",
        Origin(entry),
        fix=f"Add the {noun} to the inventory, or remove the file.",
    )


def _stronger(entry: Path, name: str, same: list[Path]) -> Path | None:
    """The file that Ansible reads instead of ``entry``: it stops at the first suffix."""
    order = {suffix: number for number, suffix in enumerate(SUFFIXES)}
    first = min(same, key=lambda other: order.get(other.name.removeprefix(name), 0))
    return first if first != entry else None


def _is_everybody(subject: Subject, source: Source) -> bool:
    """Whether a group holds every host but the one that runs cc-ansible, or nobody."""
    if source.layer is not Layer.GROUP:
        return len(set(subject.survey.inventory.hosts) - set(LOCAL)) < 2
    inside = set(subject.survey.inventory.hosts_of.get(source.scope, ()))
    return not inside or inside >= set(subject.survey.inventory.hosts) - set(LOCAL)


def _same(subject: Subject, source: Source, value: Any, name: str) -> bool:
    host = source.scope if source.layer is Layer.HOST else None
    try:
        own = subject.values.render(value, host)
        return bool(own == subject.values.get(name))
    except Unknown:
        return False
