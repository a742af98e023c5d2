"""Which passwords a site has, and making them with Kolla-Ansible's own generator."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cc_ansible import memory
from cc_ansible.errors import CcError
from cc_ansible.site import yamlfile
from cc_ansible.site.secrets import changes, content
from cc_ansible.site.secrets.changes import Changes
from cc_ansible.site.secrets.store import Changed, Store

SSH_KEY_SUFFIX = "_ssh_key"
OPTIONAL = frozenset({"docker_registry_password"})
"""Kolla-Ansible's generator leaves these blank: another system gives them out."""
_NO_KEY = {"private_key": None, "public_key": None}


def kolla_passwords() -> Path:
    """Kolla-Ansible's list of passwords of the installed release, all blank."""
    return Path(sys.prefix, "share/kolla-ansible/etc_examples/kolla/passwords.yml")


def known(project: Path) -> dict[str, Any]:
    """Every password of the installed release and the project, and what the lists say of each."""
    keys: dict[str, Any] = {}
    for file in (kolla_passwords(), project / "kolla" / "passwords.yml"):
        if file.exists():
            keys |= yamlfile.load_mapping(file).value
    return keys


def generate(project: Path, keep: Mapping[str, Any] | None = None) -> str:
    """YAML text of a full set of passwords: Kolla's keys and the project's own.

    :param keep: values to use instead of generated ones.
    """
    keys = known(project) | dict(keep or {})
    return yamlfile.dump(keys | generated(blank(keys)))


def complete(store: Store, project: Path) -> list[str]:
    """Add what is missing or blank in the store; the names of what was added.

    :raises SiteInvalid: when the store cannot be read or written.
    """
    while True:
        seen = store.read()
        lacking = missing(seen.values, known(project))
        if not lacking:
            return []
        values = generated(blank(lacking))
        try:
            store.write(changes.apply(seen.text, Changes(lacking | values)), seen)
        except Changed:
            continue  # fill only what is still blank
        return list(lacking)


def missing(passwords: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The entries of ``wanted`` that are absent or blank, and what they start from."""
    return {
        key: value
        for key, value in wanted.items()
        if key not in passwords or (key not in OPTIONAL and is_blank(key, passwords[key]))
    }


def blank(passwords: Mapping[str, Any]) -> dict[str, Any]:
    """The entries that have no value yet."""
    return {key: value for key, value in passwords.items() if is_blank(key, value)}


def is_blank(key: str, value: Any) -> bool:
    """Whether a value still has to be made."""
    return value is None or value == "" or (_is_ssh_key(key) and value == _NO_KEY)


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
    for pair in (filled[key] for key in filled if _is_ssh_key(key)):
        pair["private_key"] = _for_ssh(pair["private_key"])
    return {key: value for key, value in filled.items() if value is not None}


def fill(text: str) -> tuple[str, list[str]]:
    """The YAML text with its blank values generated, and their names; comments and order stay.

    :raises SiteInvalid: when it is not a mapping of passwords.
    """
    values = generated(blank(content.document(text).value))
    return changes.apply(text, Changes(values)), list(values)


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


def _for_ssh(private_key: str) -> str:
    """A key in the form that every SSH library reads; Paramiko, for one, reads no PKCS #8."""
    from cryptography.hazmat.primitives import serialization as s

    key = s.load_pem_private_key(private_key.encode(), None)
    form = s.PrivateFormat.OpenSSH
    return key.private_bytes(s.Encoding.PEM, form, s.NoEncryption()).decode()
