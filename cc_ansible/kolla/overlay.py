"""The ansible/ tree of a run: Kolla-Ansible's own files, ours beside them, edits on top.

Everything is a link, except the few files that an edit changes and the directories that
hold them. One tree means one context: our playbooks see Kolla's group_vars, filters,
modules and roles, and Kolla's plays see ours.
"""

from __future__ import annotations

from pathlib import Path

from cc_ansible.errors import UsageError
from cc_ansible.kolla import release
from cc_ansible.kolla.edits import EDITS, OVERLAY
from cc_ansible.paths import PROJECT

# Kolla playbooks that ours wrap: ours takes the name, Kolla's is found under kolla-<name>.
WRAPPED = ("site.yml", "post-deploy.yml")


NO_POST_DEPLOY = """\
---
- name: This site has no post_deploy.yml
  hosts: localhost
  gather_facts: false
  tasks: []
"""


def assemble(target: Path, site_post_deploy: Path | None = None) -> Path:
    """Fill ``target`` with the tree; returns it."""
    _link_tree(release.ANSIBLE_TREE, target, skip=WRAPPED)
    for name in WRAPPED:
        (target / place_of(name)).symlink_to(release.ANSIBLE_TREE / name)
    for playbook in sorted((PROJECT / "playbooks").glob("*.yml")):
        (target / playbook.name).symlink_to(playbook)
    _unfold(target / "roles")
    for role in sorted((PROJECT / "roles").glob("*/")):
        (target / "roles" / role.name).symlink_to(role)
    _add_plugins(target / "library", OVERLAY / "library", PROJECT / "plugins" / "modules")
    _add_plugins(target / "filter_plugins", PROJECT / "plugins" / "filter")
    _link_post_deploy(target / "site-post-deploy.yml", site_post_deploy)
    for edit in EDITS:
        _replace(target, place_of(edit.path), edit.applied(release.ANSIBLE_TREE))
    return target


def _add_plugins(target: Path, *sources: Path) -> None:
    """Put plugins of ours beside Kolla-Ansible's."""
    _unfold(target)
    for source in sources:
        for plugin in sorted(source.glob("*.py")):
            (target / plugin.name).symlink_to(plugin)


def place_of(path: str) -> str:
    """Where a file of Kolla-Ansible's is in the tree."""
    return f"kolla-{path}" if path in WRAPPED else path


def add_playbook(tree: Path, playbook: Path) -> Path:
    """Put a playbook of the user's beside Kolla's, so that group_vars and roles are found.

    Raises:
        UsageError: there is no such file.
    """
    if not playbook.is_file():
        raise UsageError(f"playbook {playbook} does not exist")
    place = tree / f"user-{len(list(tree.glob('user-*')))}-{playbook.name}"
    place.symlink_to(playbook.resolve())
    return place


def _link_tree(source: Path, target: Path, skip: tuple[str, ...] = ()) -> None:
    target.mkdir(parents=True)
    for entry in source.iterdir():
        if entry.name not in skip:
            (target / entry.name).symlink_to(entry)


def _unfold(link: Path) -> None:
    """Turn a link to a directory into a directory of links."""
    if link.is_symlink():
        source = link.resolve()
        link.unlink()
        _link_tree(source, link)


def _replace(tree: Path, path: str, content: str) -> None:
    """Give one file below ``tree`` new content without touching what the links point to."""
    place = tree
    for part in Path(path).parent.parts:
        place = place / part
        _unfold(place)
    if not (tree / path).parent.resolve().is_relative_to(tree.resolve()):
        raise RuntimeError(f"{path} would be written outside of the run's own tree")
    (tree / path).unlink()
    (tree / path).write_text(content)


def _link_post_deploy(place: Path, playbook: Path | None) -> None:
    """The site's own post_deploy.yml, or a playbook that does nothing."""
    if playbook is not None and playbook.is_file():
        place.symlink_to(playbook)
    else:
        place.write_text(NO_POST_DEPLOY)
