"""The vault password of the old site and of the new one; plaintext stays in memory."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cc_ansible.errors import Origin, SiteInvalid
from cc_ansible.site import init, vault
from cc_ansible.site.load import VAULT_VARIABLE

HEADER = "$ANSIBLE_VAULT;"
# Vault text that stands in a YAML block, with its indent.
_INLINE = re.compile(
    r"^(?P<indent>[ \t]*)\$ANSIBLE_VAULT;[^\n]*\n(?:(?P=indent)[0-9a-f]+[ \t]*\n?)+", re.M
)


@dataclass(frozen=True)
class Keys:
    """``old`` opens what the old site encrypted, None where it says no password.

    ``own`` tells whether the new site gets a password file of its own. It does not where the
    password comes from outside of the old site and goes on to be used.
    """

    old: bytes | None
    new: bytes
    own: bool
    place: str

    def decrypt(self, text: str, file: Path) -> str:
        """Plaintext of the old site's vault text.

        :raises SiteInvalid: when there is no password or it is the wrong one.
        """
        from ansible.errors import AnsibleError

        if self.old is None:
            raise SiteInvalid(
                f"{file.name} is encrypted, and there is no vault password.",
                fix=f"Put it into {file.parent / 'vault_password'}, or set {VAULT_VARIABLE} to "
                "the file that has it.",
                origin=Origin(file),
            )
        try:
            return _opened(text, self.old)
        except (AnsibleError, UnicodeDecodeError) as error:
            raise SiteInvalid(
                f"{file.name} cannot be decrypted.",
                detail=f"Tried the vault password from {self.place}.",
                fix=f"Set {VAULT_VARIABLE} to the file with the right password.",
                origin=Origin(file),
            ) from error

    def encrypt(self, text: str) -> str:
        """Vault text for the new site."""
        return vault.encrypt_with(self.new, text)

    def again(self, text: str, file: Path) -> str:
        """A YAML text with the vault text inside of it encrypted for the new site.

        :raises SiteInvalid: as :meth:`decrypt`.
        """

        def replace(match: re.Match[str]) -> str:
            if self.opens(match[0]):
                return match[0]  # the import encrypted it itself
            fresh = self.encrypt(self.decrypt(match[0], file))
            return "".join(f"{match['indent']}{line}\n" for line in fresh.splitlines())

        return text if HEADER not in text else _INLINE.sub(replace, text)

    def opens(self, text: str) -> bool:
        """Whether the new site's password opens some vault text."""
        from ansible.errors import AnsibleError

        try:
            _opened(text, self.new)
        except AnsibleError:
            return False
        return True

    def inline(self, text: str, indent: str = "  ") -> str:
        """A secret as the value of a YAML key: the ``!vault`` tag and its block."""
        lines = self.encrypt(text).splitlines()
        return "!vault |\n" + "\n".join(f"{indent}{line}" for line in lines)


def is_encrypted(content: str | bytes) -> bool:
    """Whether a whole file is vault text."""
    raw = content.encode() if isinstance(content, str) else content
    return raw.lstrip().startswith(HEADER.encode())


def find(old: Path, env: Mapping[str, str], environment: Mapping[str, str]) -> Keys:
    """The keys of an import.

    :param env: the environment of this process.
    :param environment: what the old site's ``.env`` says.
    :raises SiteInvalid: when the password that is named cannot be read.
    """
    default = old / "vault_password"
    if named := env.get(VAULT_VARIABLE):
        file = Path(named).expanduser().absolute()
    elif named := environment.get(VAULT_VARIABLE):
        file = old / Path(named).expanduser()
    else:
        file = default
        if not file.exists():
            return Keys(None, _fresh(), True, "nowhere")
    old_password = _read(file)
    if file.resolve().is_relative_to(old.resolve()):
        return Keys(old_password, _fresh(), True, str(file))
    return Keys(old_password, old_password, False, str(file))


def _read(file: Path) -> bytes:
    from cc_ansible.site.secrets.vaultpassword import VaultPassword

    if not file.is_file():
        raise SiteInvalid(
            f"The vault password file {file} does not exist.",
            fix=f"Correct {VAULT_VARIABLE}, in the environment or in .env.",
            origin=Origin(file),
        )
    return VaultPassword(file.parent, file).needed()


def _fresh() -> bytes:
    return init.fresh_vault_password().encode()


def _opened(text: str, password: bytes) -> str:
    bare = "\n".join(line.strip() for line in text.strip().splitlines())
    return vault.decrypt_with(password, bare)
