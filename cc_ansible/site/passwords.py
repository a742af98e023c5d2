"""Making and editing passwords.yml: blank values are filled by Kolla-Ansible's own generator."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cc_ansible import memory
from cc_ansible.errors import CcError, SiteInvalid, UsageError
from cc_ansible.site import vault, yamlfile
from cc_ansible.site.load import Site

SSH_KEY_SUFFIX = "_ssh_key"
_NO_KEY = {"private_key": None, "public_key": None}


def kolla_passwords() -> Path:
    """Kolla-Ansible's list of passwords of the installed release, all blank."""
    return Path(sys.prefix, "share/kolla-ansible/etc_examples/kolla/passwords.yml")


def generate(project: Path, keep: Mapping[str, Any] | None = None) -> str:
    """YAML text of a full set of passwords: Kolla's keys and the project's own.

    :param keep: values to use instead of generated ones.
    """
    keys: dict[str, Any] = {}
    for file in (kolla_passwords(), project / "kolla" / "passwords.yml"):
        if file.exists():
            keys |= yamlfile.load_mapping(file).value
    keys |= keep or {}
    return yamlfile.dump(keys | generated(blank(keys)))


def blank(passwords: Mapping[str, Any]) -> dict[str, Any]:
    """The entries that have no value yet."""
    return {
        key: value
        for key, value in passwords.items()
        if value is None or (_is_ssh_key(key) and value == _NO_KEY)
    }


def generated(blanks: Mapping[str, Any]) -> dict[str, Any]:
    """Values for blank entries; those that Kolla wants blank stay out.

    Kolla's generator decides by name what a key needs; key pairs it does not know are added.
    """
    if not blanks:
        return {}
    with memory.directory("secret") as directory:
        file = directory / "passwords.yml"
        ours = {key: _NO_KEY if _is_ssh_key(key) else None for key in blanks}
        file.write_text(yamlfile.dump(ours))
        _genpwd(file)
        filled: dict[str, Any] = yamlfile.load_mapping(file).value
    for key in blank(filled):
        if _is_ssh_key(key):
            filled[key] = _key_pair()
    return {key: value for key, value in filled.items() if value is not None}


def fill(text: str, file: Path) -> str:
    """The YAML text with its blank values generated; comments and order stay.

    :raises SiteInvalid: when it is not a mapping of passwords.
    """
    blanks = blank(yamlfile.require_mapping(yamlfile.parse(text, file)).value)
    values = generated(blanks)
    if not values:
        return text
    import io

    from ruamel.yaml import YAML
    from ruamel.yaml.scalarstring import walk_tree

    editor = YAML()
    editor.preserve_quotes = True
    editor.width = 2**31 - 1
    data = editor.load(text)
    walk_tree(values)  # multi-line values as blocks
    data.update(values)
    stream = io.StringIO()
    editor.dump(data, stream)
    return stream.getvalue()


def edit(site: Site, retry: Callable[[SiteInvalid], bool], editor: str | None = None) -> bool:
    """Edit the site's passwords in ``$EDITOR``; whether something was written.

    :param retry: asked whether to edit again when the text is not valid; no means give up.
    :raises SiteInvalid: when the text is not valid and ``retry`` gives up. Nothing is written.
    """
    file = site.passwords_file
    before = vault.view(site, file)
    command = shlex.split(editor or os.environ.get("EDITOR") or "vi")
    with memory.directory("secret") as directory:
        draft = directory / file.name
        draft.touch(mode=0o600)
        draft.write_text(before, encoding="utf-8")
        while True:
            _run_editor(command, draft)
            try:
                after = yamlfile.read_text(draft)
                if after == before:
                    return False
                after = fill(after, file)
                break
            except SiteInvalid as error:
                if not retry(error):
                    raise
    # Even a file that was plaintext is encrypted from now on.
    vault.replace(file, vault.encrypt(site, after))
    return True


def _run_editor(command: list[str], draft: Path) -> None:
    try:
        result = subprocess.run([*command, str(draft)], check=False)
    except OSError as error:
        raise UsageError(
            f"The editor {command[0]} cannot be started.",
            detail=str(error.strerror),
            fix="Set EDITOR to an installed editor.",
        ) from error
    if result.returncode != 0:
        raise UsageError(
            f"The editor {command[0]} failed with exit code {result.returncode}.",
            detail="Nothing was written.",
            fix="Run the command again.",
        )


def _genpwd(file: Path) -> None:
    command = [sys.executable, "-m", "kolla_ansible.cmd.genpwd", "-p", str(file)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise CcError(
            "Kolla-Ansible's password generator failed.",
            detail=(result.stderr or result.stdout).strip(),
            fix="Check the virtualenv: `python -m kolla_ansible.cmd.genpwd --help` must work.",
        )


def _is_ssh_key(key: str) -> bool:
    return key.endswith(SSH_KEY_SUFFIX)


def _key_pair() -> dict[str, str]:
    from kolla_ansible.cmd.genpwd import generate_RSA

    private, public = generate_RSA()
    return {"private_key": private, "public_key": public}
