"""Rules about the files of a site config: there, readable, and where somebody looks for them."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterator
from pathlib import Path

from cc_ansible.errors import Origin, SiteInvalid
from cc_ansible.site import customconfig, dotenv, inventory, yamlfile
from cc_ansible.site.findings import UNREADABLE, Finding, error, from_error, warning
from cc_ansible.site.load import site_files
from cc_ansible.site.names import nearest
from cc_ansible.site.subject import Subject

UNREAD_FILE = warning("unread-file", "Somebody reads every file of the site config")
TEXT_FORM = warning("text-form", "Texts end lines as Unix does and have no byte order mark")
NOT_A_PLAY = error("not-a-play", "post_deploy.yml is a list of plays")

FILES = (
    "defaults.yml", "globals.yml", "passwords.yml", "post_deploy.yml", "vault_password", ".env",
)  # fmt: skip
DIRECTORIES = (
    "certificates", "globals.d", "hardware", "images", "inventory", "node_custom_config",
    "inventory/group_vars", "inventory/host_vars",
)  # fmt: skip
SKIP_TAGS = "kolla-skip-tags"
_OWN = (".git", ".gitignore", "README.md", "LICENSE", "Makefile", SKIP_TAGS)
_VARIABLES = re.compile(r"^[A-Za-z_]\w*:", re.MULTILINE)
IMPORTS = ("import_playbook", "ansible.builtin.import_playbook")


def structure(subject: Subject) -> Iterator[Finding]:
    """Links to nowhere, directories in place of files, and files in place of directories."""
    root = subject.survey.path
    told = {finding.origin.file for finding in subject.survey.findings if finding.origin}
    for file in _walk(root):
        if file.is_symlink() and not file.exists() and file not in told:
            text = f"{file.name} is a link to {file.readlink()}, which does not exist."
            yield UNREADABLE.broken(text, Origin(file), fix="Correct the link, or remove it.")
            told.add(file)
    for name in FILES:
        if (root / name).is_dir() and root / name not in told:
            text = f"{name} is a directory, where a file is expected."
            yield UNREADABLE.broken(text, Origin(root / name), fix="Move it away.")
    for name in DIRECTORIES:
        if (root / name).is_file() and name != "inventory":
            text = f"{name} is a file, where a directory is expected."
            yield UNREADABLE.broken(text, Origin(root / name), fix="Move it away.")


def unread(subject: Subject) -> Iterator[Finding]:
    """Files that are nearly called like one that is read."""
    root = subject.survey.path
    known = [*FILES, *(name for name in DIRECTORIES if "/" not in name)]
    for entry in sorted(root.iterdir()) if root.is_dir() else ():
        name = entry.name
        if name in known or name in _OWN or name.endswith(("~", ".bak", ".orig", ".example")):
            continue
        close = nearest(name, known, 0.8)
        if close and _is_like(entry, root / close):
            yield UNREAD_FILE.broken(
                f"Nothing reads {name}.", Origin(entry), fix=f"Did you mean `{close}`?"
            )
    for file in sorted((root / "globals.d").glob("*")):
        if file.is_file() and file.suffix != ".yml" and not file.name.startswith((".", "README")):
            yield UNREAD_FILE.broken(
                f"Nothing reads globals.d/{file.name}.",
                Origin(file),
                fix=f"Rename it to {file.stem}.yml.",
            )
    skip = root / SKIP_TAGS
    lines = (yamlfile.legible(skip) or "").splitlines() if skip.is_file() else []
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield UNREAD_FILE.broken(
                f"Nothing reads {SKIP_TAGS}, so {line.split()[0]} is not skipped.",
                Origin(skip, number, 1),
                fix="Give `--skip-tags` on the command line, and remove the file.",
            )
            return


def environment(subject: Subject) -> Iterator[Finding]:
    """Lines of ``.env`` that are no NAME=value."""
    file = subject.survey.path / ".env"
    if file.is_file():
        try:
            dotenv.read(file)
        except SiteInvalid as problem:
            yield from_error(problem)


def post_deploy(subject: Subject) -> Iterator[Finding]:
    """A playbook that Ansible would refuse."""
    file = subject.survey.path / "post_deploy.yml"
    text = yamlfile.legible(file) if file.is_file() else None
    if text is None or yamlfile.is_encrypted(file):
        return
    document, problems = yamlfile.examine(text, file)
    yield from map(from_error, problems)
    if problems or document.value is None:
        return
    if not isinstance(document.value, list):
        what = "a list of plays"
        fix = "Start each play with `- hosts: GROUP`."
        text = f"post_deploy.yml must be {what}."
        yield NOT_A_PLAY.broken(text, document.origin(), fix=fix)
        return
    for index, play in enumerate(document.value):
        yield from _play(document, index, play)


def text_form(subject: Subject) -> Iterator[Finding]:
    """Texts that were saved by an editor for another system."""
    survey = subject.survey
    told = {finding.origin.file for finding in survey.findings if finding.origin}
    files = [*site_files(survey.path), *inventory.plain_files(survey.inventory_files)]
    files += [source.document.file for source in survey.sources if source.of_site]
    files += customconfig.files_of(survey.path / "node_custom_config")
    for file in dict.fromkeys(files):
        data = file.read_bytes() if file.is_file() and os.access(file, os.R_OK) else b""
        if data.startswith(b"\xef\xbb\xbf") and file not in told:
            fix = "Save it as UTF-8 without BOM."
            text = f"{file.name} starts with a byte order mark."
            yield TEXT_FORM.broken(text, Origin(file, 1, 1), fix=fix)
        if b"\r\n" in data:
            line = data[: data.index(b"\r\n")].count(b"\n") + 1
            fix = f"Convert it: `sed -i 's/\\r$//' {file.name}`."
            text = f"{file.name} ends lines as Windows does."
            yield TEXT_FORM.broken(text, Origin(file, line), fix=fix)


def _play(document: yamlfile.Document, index: int, play: object) -> Iterator[Finding]:
    if not isinstance(play, dict):
        fix = "Write `- hosts: GROUP`, and `tasks:` below it."
        yield NOT_A_PLAY.broken(
            f"Item {index + 1} of post_deploy.yml is no play.", document.origin(index), fix=fix
        )
        return
    if any(name in play for name in IMPORTS):
        return
    if "hosts" not in play:
        fix = "Add `hosts: GROUP`; tasks go below `tasks:`."
        yield NOT_A_PLAY.broken(
            f"Play {index + 1} of post_deploy.yml has no hosts.", document.origin(index), fix=fix
        )
    for key in play:
        if key not in _USUAL and key not in _keywords():
            close = nearest(str(key), _keywords())
            yield NOT_A_PLAY.broken(
                f"Play {index + 1} of post_deploy.yml has an unknown key `{key}`.",
                document.origin(index, key),
                fix=f"Did you mean `{close}`?" if close else "Tasks go below `tasks:`.",
            )


# Which other keys there are, Ansible tells, but it takes its time.
_USUAL = (
    "name", "hosts", "become", "connection", "gather_facts", "handlers", "post_tasks",
    "pre_tasks", "roles", "serial", "tags", "tasks", "vars",
)  # fmt: skip


@functools.cache
def _keywords() -> list[str]:
    from ansible.playbook.play import Play

    return [*Play.fattributes, "user"]


def _is_like(entry: Path, meant: Path) -> bool:
    """Whether something of a wrong name is of the kind that the right one would be."""
    if meant.name in DIRECTORIES:
        return entry.is_dir()
    if meant.suffix != ".yml" or not entry.is_file():
        return entry.is_file()
    text = yamlfile.legible(entry) or ""
    return yamlfile.is_encrypted(entry) or _VARIABLES.search(text) is not None


def _walk(root: Path) -> Iterator[Path]:
    for parent, names, files in os.walk(root):
        names[:] = sorted(name for name in names if name != ".git")
        yield from (Path(parent, name) for name in sorted([*names, *files]))
