"""The secrets that every site of the corpus has."""

from __future__ import annotations

import secrets as random
from pathlib import Path

import pytest

from cc_ansible.kolla import known
from cc_ansible.site import load, vault, yamlfile

KEY_PAIR = {"private_key": "not a real private key", "public_key": "not a real public key"}


@pytest.fixture(scope="session")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with an encrypted passwords.yml and its vault password."""
    site = tmp_path_factory.mktemp("secrets") / "site"
    (site / "inventory").mkdir(parents=True)
    (site / "defaults.yml").write_text("")
    (site / "passwords.yml").write_text("")
    (site / "vault_password").write_text(random.token_urlsafe() + "\n")
    values = {
        key: KEY_PAIR if isinstance(sample, dict) else sample or random.token_urlsafe()
        for key, sample in known.passwords().items()
    }
    encrypted = vault.encrypt(load.load(site, env={}), yamlfile.dump(values))
    home = tmp_path_factory.mktemp("every-site")
    (home / "passwords.yml").write_text(encrypted)
    (home / "passwords.yml").chmod(0o600)
    (home / "vault_password").write_text((site / "vault_password").read_text())
    (home / "vault_password").chmod(0o400)
    return home
