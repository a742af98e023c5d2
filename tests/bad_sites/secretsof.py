"""The secrets of a site of the corpus: every password of the release, and those the site names."""

from __future__ import annotations

import secrets
from functools import cached_property
from pathlib import Path

from cc_ansible.kolla import known
from cc_ansible.site import vault, yamlfile

# What the sites name beside Kolla-Ansible's own passwords.
OWN = (
    "bmc_password",
    "keystone_idp_client_secret",
    "neutron_switch_password",
    "neutron_switch_secret",
    "pi_roof_credential_secret",
    "ngs_ssh_key",
    "snmp_community",
)
# What a site has a secret for without naming it.
REASONS = {"keystone_idp_client_secret": "keystone_idp_client_id: chi"}
FILES = ("passwords.yml", "vault_password")


class Secrets:
    """Passwords that are the same for all sites of one test run."""

    @cached_property
    def values(self) -> dict[str, object]:
        """A value for every password there may be."""
        return {
            key: _key_pair() if key.endswith("_ssh_key") else sample or secrets.token_urlsafe()
            for key, sample in {**known.passwords(), **dict.fromkeys(OWN)}.items()
        }

    @cached_property
    def password(self) -> str:
        """The vault password of all sites."""
        return secrets.token_urlsafe()

    def write(self, site: Path) -> None:
        """Give a site its passwords.yml and vault_password, unless it has its own."""
        if not (site / "passwords.yml").exists():
            words = "".join(
                file.read_text(errors="replace") for file in site.rglob("*") if file.is_file()
            )
            unused = {name for name in OWN if REASONS.get(name, name) not in words}
            said = {key: value for key, value in self.values.items() if key not in unused}
            text = vault.encrypt_with(self.password.encode(), yamlfile.dump(said), "default")
            (site / "passwords.yml").write_text(text)
            (site / "passwords.yml").chmod(0o600)
        (site / "vault_password").write_text(self.password + "\n")
        (site / "vault_password").chmod(0o400)


def _key_pair() -> dict[str, str]:
    halves = ("private_key", "public_key")
    return {half: f"not a real {half} {secrets.token_urlsafe()}" for half in halves}
