"""What tests of imports share: their fixtures' types, and passwords before and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from cc_ansible.site import yamlfile
from cc_ansible.site.legacy.report import Kind, Report

Write = Callable[..., Path]
Import = Callable[..., Report]
Names = Callable[[Report, Kind], set[str]]


def keep(project: Path, kept: Mapping[str, Any] | None = None) -> str:
    """Passwords without the hundred that take seconds to make."""
    return yamlfile.dump(dict(kept or {}))


def decrypted(new: Path) -> dict[str, Any]:
    """The passwords of a new site, opened with its own vault password."""
    from ansible.parsing.vault import VaultLib, VaultSecret

    secret = VaultSecret((new / "vault_password").read_bytes().strip())
    text = VaultLib([("default", secret)]).decrypt((new / "passwords.yml").read_bytes().strip())
    passwords: dict[str, Any] = yaml.safe_load(text)
    return passwords
