"""The password of the site's ansible-vault files, read once when it is first needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from cc_ansible.errors import Origin, SiteInvalid

if TYPE_CHECKING:
    from cc_ansible.site.secrets.settings import Source

VARIABLE = "CC_ANSIBLE_VAULT_PASSWORD"


@dataclass(frozen=True)
class VaultPassword:
    """Where the password is: in ``file`` (run when it is executable), or in ``source``."""

    site: Path
    file: Path | None = None
    source: Source | None = None
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def known(self) -> bool:
        """Whether the site says where the password is."""
        return self.file is not None or self.source is not None

    @property
    def where(self) -> str:
        """The place, for messages."""
        from cc_ansible.site.secrets import source

        return source.describe(self.source) if self.source else str(self.file)

    @cached_property
    def value(self) -> bytes | None:
        """The password; None when the site has none.

        :raises SiteInvalid: when its file is empty or unreadable, or its command fails.
        """
        if self.file is not None:
            return _from_file(self.file)
        if self.source is not None:
            from cc_ansible.site.secrets import source

            text = source.read(self.source, self.site, self.environment, "vault password")
            return text.encode()
        return None

    def needed(self) -> bytes:
        """The password.

        :raises SiteInvalid: as :attr:`value`, and when the site has none.
        """
        if self.value is None:
            file = self.site / "vault_password"
            raise SiteInvalid(
                "The site has no vault password.",
                detail=f"Neither {VARIABLE} nor secrets.vault_password is set, and there is no "
                f"{file}.",
                fix=f"Put it into {file} (mode 0400), or set {VARIABLE} to a file or to a command "
                "that prints it.",
            )
        return self.value


def _from_file(file: Path) -> bytes:
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
            fix=f"Put the password into the file, or name another with {VARIABLE}. "
            "An executable file is run and must print the password.",
            origin=Origin(file),
        ) from error
    return bytes(secret.bytes)
