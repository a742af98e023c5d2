"""Everything else in an old site: certificates, hooks, leftovers, files of unknown purpose."""

from __future__ import annotations

import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cc_ansible.site import customconfig, yamlfile
from cc_ansible.site.legacy import keys, overrides, own, special
from cc_ansible.site.legacy.context import Context, words
from cc_ansible.site.legacy.old import Old
from cc_ansible.site.legacy.translate import renamed

if TYPE_CHECKING:
    from cc_ansible.site.legacy.draft import Draft

SKIP_TAGS = "kolla-skip-tags"
HOOK = "post_deploy.yml"
IMPORTED_HOOK = "post_deploy.imported.yml"
TREES = ("certificates", "hardware", "images")
READ = (
    *("defaults.yml", "globals.yml", "globals.d", "passwords.yml", "inventory", ".env"),
    *("node_custom_config", "group_vars", "host_vars", SKIP_TAGS, *special.POST_DEPLOY, *TREES),
)
LEFTOVERS = {
    ".lock": "The old wrapper's lock. Make sure that no run of it goes on.",
    "vault_password": "",
    "admin-openrc.sh": "It holds the admin's password; post-deploy writes it anew.",
    "*openrc*": "It holds a password; post-deploy writes it anew.",
    "clouds.yaml": "It holds a password; post-deploy writes it anew.",
    ".git": "The new site is a git repository of its own; the old one keeps its history.",
    ".gitignore": "The new site has one of its own.",
    ".gitkeep": "",
    "*.retry": "A leftover of a failed run.",
    "*.sw?": "A leftover of an editor.",
    "*~": "A leftover of an editor.",
    "IMPORT.md": "It is about another import.",
    "minimal.defaults.yml": "An example of the old wrapper.",
    "example.defaults.yml": "An example of the old wrapper.",
    "dev.defaults.yml": "An example of the old wrapper.",
    "dev-in-a-box.yml": "An example of the old wrapper.",
}


def take(context: Context, draft: Draft, old: Old) -> None:
    """Decide about every other entry of the old site.

    :raises SiteInvalid: when a file cannot be read.
    """
    for tree in TREES:
        _tree(context, draft, old, tree)
    _hook(context, draft, old)
    _skip_tags(context, old)
    mentioned = words("\n".join([*old.texts.values(), *own.texts(old)]))
    for entry in sorted(old.path.iterdir()):
        if entry.name not in READ:
            _other(context, draft, old, entry, mentioned)


def _tree(context: Context, draft: Draft, old: Old, tree: str) -> None:
    for file in sorted((old.path / tree).rglob("*")):
        name = str(file.relative_to(old.path))
        if not file.is_file() or file.name == ".gitkeep":
            continue
        content = _again(context, customconfig.read(file), file)
        _add(draft, name, content)
        secret = overrides.holds_private_key(content)
        why = "It holds a private key; git ignores it." if secret else ""
        context.report.kept(name, file.name, why)


def _hook(context: Context, draft: Draft, old: Old) -> None:
    for name in special.POST_DEPLOY:
        file = old.path / name
        if not file.is_file():
            continue
        text = yamlfile.read_text(file)
        tasks = list(_tasks(yamlfile.parse(text, file).value))
        if not tasks:
            context.report.dropped(name, name, "It does nothing.")
            continue
        draft.text(IMPORTED_HOOK, renamed(text, context.renames(text)))
        why = (
            f"It was never run, and post-deploy would run it now: {', '.join(tasks)}.\n"
            f"Read {IMPORTED_HOOK} and call it {HOOK} if it is meant."
        )
        context.report.decide(name, name, why, IMPORTED_HOOK)


def _tasks(plays: Any) -> list[str]:
    """What a playbook would do, in words."""
    found: list[str] = []
    for play in plays if isinstance(plays, list) else ():
        if not isinstance(play, dict):
            continue
        for key in ("import_playbook", "ansible.builtin.import_playbook"):
            found += [f"playbook {play[key]}"] if key in play else []
        for role in play.get("roles") or ():
            found.append(f"role {role.get('role', '?') if isinstance(role, dict) else role}")
        for key in ("pre_tasks", "tasks", "post_tasks"):
            for task in play.get(key) or ():
                found.append(str(task.get("name", "a task")) if isinstance(task, dict) else "?")
    return found


def _skip_tags(context: Context, old: Old) -> None:
    file = old.path / SKIP_TAGS
    if not file.is_file():
        return
    lines = (line.partition("#")[0].strip() for line in yamlfile.read_text(file).splitlines())
    tags = [line for line in lines if line]
    if not tags:
        context.report.dropped(SKIP_TAGS, SKIP_TAGS, "It names no tag.")
    for tag in tags:
        why = "It was skipped in runs started from the site; give --skip-tags, or switch it off."
        context.report.decide(SKIP_TAGS, tag, why, f"enable_{tag.replace('-', '_')}: false")


def _other(context: Context, draft: Draft, old: Old, entry: Path, mentioned: set[str]) -> None:
    report = context.report
    for pattern, why in LEFTOVERS.items():
        if fnmatch.fnmatchcase(entry.name, pattern):
            if why:
                report.dropped(entry.name, entry.name, why)
            return
    files = (
        [entry]
        if entry.is_file()
        else [file for file in sorted(entry.rglob("*")) if file.is_file()]
    )
    if not _is_used(entry, mentioned) and not _is_text_about(entry):
        why = "It is no part of a site config, and nothing in it is named by variables; not copied."
        report.decide(entry.name, entry.name, why)
        return
    for file in files:
        content = _again(context, customconfig.read(file), file)
        name = str(file.relative_to(old.path))
        if overrides.holds_private_key(content) and not keys.is_encrypted(content):
            content = context.keys.encrypt(content.decode()).encode()
            report.translated(name, file.name, "encrypted", "It holds a private key.")
        _add(draft, name, content)
    report.kept(entry.name, entry.name)


def _is_used(entry: Path, mentioned: set[str]) -> bool:
    return bool(words(entry.name)) and words(entry.name) <= mentioned


def _is_text_about(entry: Path) -> bool:
    return entry.is_file() and entry.suffix.lower() in (".md", ".rst", ".txt")


def _add(draft: Draft, name: str, content: bytes) -> None:
    draft.files[name] = content
    if overrides.holds_private_key(content):
        draft.private.add(name)
        draft.ignored.add(name)


def _again(context: Context, content: bytes, file: Path) -> bytes:
    """A file with the vault text it consists of encrypted for the new site."""
    if keys.is_encrypted(content):
        return context.keys.encrypt(context.keys.decrypt(content.decode(), file)).encode()
    return content
