"""Variables that the old site made up itself: which of them its own files use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cc_ansible.site import yamlfile
from cc_ansible.site.legacy import special
from cc_ansible.site.legacy.context import Context, words
from cc_ansible.site.legacy.old import Old

SECTIONS = ("node_custom_config", "playbooks", "roles", "templates", "tasks")


def candidates(old: Old, context: Context) -> set[str]:
    """Names that no default explains: perhaps templates of the release use them."""
    names = {name for _, name, _ in _variables(old)}
    return {
        name
        for name in names
        if name not in context.names and name not in context.run_facts and not context.gone(name)
    }


def find(old: Old, context: Context) -> set[str]:
    """Variables that nothing of this release reads, but other parts of the site do.

    One that only serves another one which nothing reads is not among them.
    """
    open_names = {name for name in candidates(old, context) if not context.knows(name)}
    used: set[str] = set()
    for text in texts(old):
        used |= words(text) & open_names
    said = list(_variables(old))
    frontier = {name for _, name, _ in said if name not in open_names} | used
    while frontier:
        reached: set[str] = set()
        for _, name, value in said:
            if name in frontier:
                reached |= words(_text(value)) & open_names
        frontier = reached - used
        used |= reached
    return used


def _variables(old: Old) -> Iterator[tuple[str, str, Any]]:
    """Every variable of the site that counted, with the file that sets it."""
    for place, document in old.documents.items():
        if place != "globals.yml":
            yield from ((place, name, value) for name, value in document.value.items())
    for kind in (old.inventory.group_vars, old.inventory.host_vars):
        for scope, values in kind.items():
            for name, value in values.items():
                if name not in ("inventory_file", "inventory_dir"):
                    yield scope, name, value


def texts(old: Old) -> Iterator[str]:
    """The site's own files that may use variables."""
    files = [old.path / name for name in special.POST_DEPLOY]
    for directory in SECTIONS:
        files += sorted((old.path / directory).rglob("*"))
    for file in files:
        if file.is_file():
            try:
                yield file.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):
                continue


def _text(value: Any) -> str:
    return value if isinstance(value, str) else yamlfile.dump(value)
