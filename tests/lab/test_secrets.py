"""After everything that ran on the site, no secret is in plain text anywhere it should not be."""

from __future__ import annotations

from pathlib import Path

from cc_ansible.paths import site_state_dir
from cc_ansible.site import load
from cc_ansible.site.secrets import hide


def _long_secrets(lab) -> list[bytes]:
    values = hide.secret_values(load.load(lab.site))
    return [value.encode() for value in values if len(value) >= 12 and "\n" not in value]


def test_journals_and_site_config_hold_no_secret(lab):
    secrets = _long_secrets(lab)
    assert len(secrets) > 50
    # The credentials directory is where post-deploy puts the admin's own openrc, mode 0600.
    places = [site_state_dir(lab.site) / "runs", lab.site]
    for place in places:
        for file in (path for path in place.rglob("*") if path.is_file()):
            if file == lab.site / "vault_password":
                continue  # that is what it is for
            content = file.read_bytes()
            found = [secret for secret in secrets if secret in content]
            assert not found, f"{file} holds {len(found)} secrets in plain text"


def test_no_workspace_is_left_in_memory():
    assert not list(Path("/dev/shm").glob("cc-ansible-*"))
