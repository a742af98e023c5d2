"""Passwords in passwords.yml, encrypted with ansible-vault."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cc_ansible.site import vault, yamlfile
from cc_ansible.site.load import Site
from cc_ansible.site.secrets import content
from cc_ansible.site.secrets.store import Snapshot, conflict

ABSENT = "absent"


class VaultFile:
    """The file, whole or nothing; a plaintext one is read too, and encrypted when written."""

    backend = "ansible-vault"

    def __init__(self, site: Site) -> None:
        self.site = site
        self.file = site.passwords_file

    @property
    def place(self) -> str:
        """The file's name."""
        return str(self.file)

    def read(self) -> Snapshot:
        """See Store."""
        if not self.file.exists():
            return Snapshot("", ABSENT, self._parse, empty=True)
        raw = yamlfile.read_text(self.file)
        text = vault.decrypt(self.site, raw, self.file) if vault.is_encrypted(raw) else raw
        return Snapshot(text, _digest(raw), self._parse)

    def write(self, text: str, seen: Snapshot) -> None:
        """See Store."""
        content.document(text)
        encrypted = vault.encrypt(self.site, text)
        with _alone(self.file.parent):
            now = _digest(yamlfile.read_text(self.file)) if self.file.exists() else ABSENT
            if now != seen.version:
                raise conflict(self.place)
            vault.replace(self.file, encrypted)

    def remove(self) -> None:
        """See Store."""
        self.file.unlink(missing_ok=True)

    def credentials(self) -> list[str]:
        """See Store; the vault password is the site's, not this file's."""
        return []

    def _parse(self, text: str) -> dict[str, Any]:
        found: dict[str, Any] = content.plain(
            self.site, content.document(text, self.file).value, self.file
        )
        return found


def _digest(raw: str) -> str:
    return hashlib.sha256(raw.encode()).hexdigest()


@contextlib.contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Keep other cc-ansible processes from writing between a look and the replacement."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        # Some network file systems cannot lock; the look itself still tells changes.
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
