"""Files encrypted with Ansible's own vault, decrypted in memory only."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from typing import Any

from cc_ansible.errors import Origin, SiteInvalid
from cc_ansible.site import yamlfile
from cc_ansible.site.load import VAULT_VARIABLE, Site


def view(site: Site, file: Path) -> str:
    """The plaintext of a file, whether it is encrypted or not.

    :raises SiteInvalid: when it cannot be read or decrypted.
    """
    text = yamlfile.read_text(file)
    return decrypt(site, text, file) if is_encrypted(text) else text


def is_encrypted(text: str) -> bool:
    """Whether a whole file is vault-encrypted."""
    return text.lstrip().startswith("$ANSIBLE_VAULT;")


def encrypt(site: Site, text: str) -> str:
    """Vault text of a plaintext, with the site's vault password.

    :raises SiteInvalid: when the site has none.
    """
    return encrypt_with(site.vault_password.needed(), text)


def encrypt_with(password: bytes, text: str, label: str | None = None) -> str:
    """Vault text of a plaintext; ``label`` is the vault id it asks for."""
    from ansible.parsing.vault import VaultLib

    secret = _secret(password)
    vault = VaultLib([(label or "default", secret)])
    vault_text: bytes = vault.encrypt(text, secret=secret, vault_id=label)
    return vault_text.decode()


def decrypt_with(password: bytes, text: str) -> str:
    """Plaintext of vault text.

    :raises AnsibleError: when the password is wrong.
    """
    from ansible.parsing.vault import VaultLib

    plain: bytes = VaultLib([("default", _secret(password))]).decrypt(text.strip().encode())
    return plain.decode()


def decrypt(site: Site, text: str, file: Path) -> str:
    """Plaintext of vault text; ``file`` is where it was found.

    :raises SiteInvalid: when the password is missing or wrong.
    """
    from ansible.errors import AnsibleError

    password = site.vault_password.needed()
    try:
        return decrypt_with(password, text)
    except (AnsibleError, UnicodeDecodeError) as error:
        raise SiteInvalid(
            f"{file.name} cannot be decrypted.",
            detail=f"Tried the vault password from {site.vault_password.where}.",
            fix=f"Set {VAULT_VARIABLE} to the file with the right password, or correct "
            f"{site.vault_password.where}; if the file is damaged, restore it from git.",
            origin=Origin(file),
        ) from error


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


def _secret(password: bytes) -> Any:
    from ansible.parsing.vault import VaultSecret

    return VaultSecret(password)
