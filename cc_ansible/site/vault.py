"""The site's secrets: read, shown and edited with Ansible's own vault, decrypted in memory only."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cc_ansible.errors import Origin, SiteInvalid
from cc_ansible.site import yamlfile
from cc_ansible.site.load import VAULT_VARIABLE, Site
from cc_ansible.site.yamlfile import Tagged

SHORTEST_SECRET = 6


def secrets(site: Site) -> list[tuple[str, Any]]:
    """The site's vault password in the form Ansible's loaders take; empty when there is none.

    :raises SiteInvalid: when the file is empty or unreadable, or its command fails.
    """
    if site.vault_password_file is None:
        return []
    return [("default", _secret(site.vault_password_file))]


def read_passwords(site: Site) -> dict[str, Any]:
    """The site's passwords, decrypted. A plaintext file is accepted.

    :raises SiteInvalid: when the vault password is missing or wrong, or the file is not YAML.
    """
    text = view(site, site.passwords_file)
    document = yamlfile.require_mapping(yamlfile.parse(text, site.passwords_file))
    plain: dict[str, Any] = _decrypted(site, document.value, document.file)
    return plain


def secret_values(site: Site) -> list[str]:
    """Every secret string worth hiding in output, longest first.

    These are the passwords and the inline ``!vault`` values of the site's variables.
    """
    found = set(_leaves(read_passwords(site)))
    for value in site.variables.values():
        for tagged in _vaulted(value.value):
            found.add(_decrypt_text(site, tagged.value, value.origin.file))
    return sorted((text for text in found if len(text) >= SHORTEST_SECRET), key=len, reverse=True)


def view(site: Site, file: Path) -> str:
    """The plaintext of a file, whether it is encrypted or not.

    :raises SiteInvalid: when it cannot be read or decrypted.
    """
    text = yamlfile.read_text(file)
    return _decrypt_text(site, text, file) if is_encrypted(text) else text


def is_encrypted(text: str) -> bool:
    """Whether a whole file is vault-encrypted."""
    return text.lstrip().startswith("$ANSIBLE_VAULT;")


def encrypt(site: Site, text: str) -> str:
    """Vault text of a plaintext, with the site's vault password.

    :raises SiteInvalid: when the site has none.
    """
    from ansible.parsing.vault import VaultLib

    secret = _needed_secret(site)
    vault_text: bytes = VaultLib([("default", secret)]).encrypt(text, secret=secret)
    return vault_text.decode()


def encrypt_file(site: Site, file: Path) -> bool:
    """Replace a plaintext file by its encryption; False when it is encrypted already."""
    text = yamlfile.read_text(file)
    if is_encrypted(text):
        return False
    replace(file, encrypt(site, text))
    return True


def decrypt_file(site: Site, file: Path) -> bool:
    """Replace an encrypted file by its plaintext, readable by its owner only.

    False when it is not encrypted.
    """
    if not is_encrypted(yamlfile.read_text(file)):
        return False
    replace(file, view(site, file), mode=0o600)
    return True


def replace(file: Path, text: str, mode: int | None = None) -> None:
    """Write a file so that readers see the old or the new one, never a part."""
    file = file.resolve()
    if mode is None:
        mode = stat.S_IMODE(file.stat().st_mode) if file.exists() else 0o600
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(mode)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _secret(file: Path) -> Any:
    from ansible.errors import AnsibleError
    from ansible.parsing.dataloader import DataLoader
    from ansible.parsing.vault import get_file_vault_secret

    try:
        secret = get_file_vault_secret(filename=str(file), loader=DataLoader())
        secret.load()
    except AnsibleError as error:
        raise SiteInvalid(
            f"The vault password in {file} cannot be used.",
            detail=str(error),
            fix=f"Put the password into the file, or name another with {VAULT_VARIABLE}. "
            "An executable file is run and must print the password.",
            origin=Origin(file),
        ) from error
    return secret


def _needed_secret(site: Site) -> Any:
    found = secrets(site)
    if not found:
        raise SiteInvalid(
            "The site has no vault password.",
            detail=f"Neither {VAULT_VARIABLE} nor {site.path / 'vault_password'} exists.",
            fix=f"Put it into {site.path / 'vault_password'} (mode 0400), or set "
            f"{VAULT_VARIABLE} to a file or to a command that prints it.",
        )
    return found[0][1]


def _decrypt_text(site: Site, text: str, file: Path) -> str:
    from ansible.errors import AnsibleError
    from ansible.parsing.vault import VaultLib

    secret = _needed_secret(site)
    try:
        plain: bytes = VaultLib([("default", secret)]).decrypt(text.strip().encode())
        return plain.decode()
    except (AnsibleError, UnicodeDecodeError) as error:
        raise SiteInvalid(
            f"{file.name} cannot be decrypted.",
            detail=f"Tried the vault password from {site.vault_password_file}.",
            fix=f"Set {VAULT_VARIABLE} to the file with the right password, or correct "
            f"{site.vault_password_file}; if the file is damaged, restore it from git.",
            origin=Origin(file),
        ) from error


def _decrypted(site: Site, value: Any, file: Path) -> Any:
    if isinstance(value, Tagged):
        is_vault = value.tag == "!vault"
        return _decrypt_text(site, value.value, file) if is_vault else value.value
    if isinstance(value, dict):
        return {key: _decrypted(site, item, file) for key, item in value.items()}
    if isinstance(value, list):
        return [_decrypted(site, item, file) for item in value]
    return value


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, str):
        yield value
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def _vaulted(value: Any) -> Iterator[Tagged]:
    if isinstance(value, Tagged):
        if value.tag == "!vault":
            yield value
        else:
            yield from _vaulted(value.value)
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _vaulted(item)
