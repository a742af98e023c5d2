"""Configuration file overrides: the project's and the site's ``node_custom_config`` in one tree.

INI-like files merge option by option, YAML files like variables, any other file of the site
replaces the project's. Kolla-Ansible lays the result over its own templates.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from cc_ansible.errors import SiteInvalid
from cc_ansible.site import inifile, layers, yamlfile
from cc_ansible.site.load import Site

PROJECT_CONFIG = "kolla/node_custom_config"
_INI = (".ini", ".conf", ".cnf")
_YAML = (".yml", ".yaml")
_REPOSITORY = (".git", ".gitignore", ".gitkeep", "README.md")


def assemble(site: Site, target: Path) -> None:
    """Write the merged tree of overrides into ``target``.

    :raises SiteInvalid: for a malformed file, with its line.
    """
    merge_trees([site.project / PROJECT_CONFIG, site.custom_config_dir], target)


def merge_trees(trees: list[Path], target: Path) -> None:
    """Merge directories of configuration files, weakest first; absent ones are skipped."""
    target.mkdir(parents=True, exist_ok=True)
    found: dict[Path, list[Path]] = {}
    for tree in trees:
        for directory in _directories(tree):
            (target / directory).mkdir(parents=True, exist_ok=True)
        for file in files_of(tree):
            found.setdefault(file.relative_to(tree), []).append(file)
    for name, files in found.items():
        content = merged(files)
        if content is None:
            (target / name).write_bytes(read(files[-1]))
        else:
            (target / name).write_text(content, encoding="utf-8")
        # An override may be a script, or hold a secret.
        (target / name).chmod(files[-1].stat().st_mode & 0o700 | 0o600)


def merged(files: list[Path]) -> str | None:
    """The merged text of one file's versions, weakest first; None when the last one stands as is.

    :raises SiteInvalid: for a malformed file, also when there is nothing to merge it with.
    """
    suffix = files[-1].suffix
    if suffix in _INI:
        return _merged_ini(files)
    if suffix in _YAML:
        return _merged_yaml(files)
    return None


def _merged_ini(files: list[Path]) -> str | None:
    texts = [yamlfile.read_text(file) for file in files]
    if files[-1].suffix == ".conf" and not all(map(inifile.looks_like_ini, texts)):
        return None
    parsed = [inifile.parse(text, file) for text, file in zip(texts, files, strict=True)]
    if len(parsed) == 1:
        return None
    result, *stronger = parsed
    for each in stronger:
        result = inifile.merge(result, each)
    return result.text()


def _merged_yaml(files: list[Path]) -> str | None:
    values = []
    for file in files:
        text = yamlfile.read_text(file)
        try:
            document = yamlfile.parse(text, file)
        except SiteInvalid:
            # Jinja outside of quotes is no YAML yet; Kolla-Ansible templates it first.
            if "{{" in text or "{%" in text or "{#" in text:
                return None
            raise
        values.append(document.value)
    if len(values) == 1 and layers.clean(values[0]) == values[0]:
        return None
    result = values[0]
    for value in values[1:]:
        result = result if value is None else layers.merge(result, value)
    return yamlfile.dump(layers.clean(result))


def read(file: Path) -> bytes:
    """The content of a file.

    :raises SiteInvalid: when it cannot be read.
    """
    try:
        return file.read_bytes()
    except OSError as error:
        raise SiteInvalid(
            f"Cannot read {file}: {error.strerror}.", fix="Check its permissions."
        ) from error


def _directories(tree: Path) -> Iterator[Path]:
    for parent, names, _ in os.walk(tree, followlinks=True):
        names[:] = sorted(name for name in names if name not in _REPOSITORY)
        yield from (Path(parent, name).relative_to(tree) for name in names)


def files_of(tree: Path) -> Iterator[Path]:
    """The files of a tree of overrides, without those that are there for git only."""
    for parent, names, files in os.walk(tree, followlinks=True):
        names[:] = sorted(name for name in names if name not in _REPOSITORY)
        yield from (Path(parent, name) for name in sorted(files) if name not in _REPOSITORY)
