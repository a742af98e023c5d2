"""A small site config of one host, whose passwords are plain text."""

from __future__ import annotations

from pathlib import Path

import control_hosts
import yaml

from cc_ansible.kolla import known

SECRET = "secret-of-the-database"
DEFAULTS = "kolla_internal_vip_address: 192.0.2.250\nnetwork_interface: eth0\n"
HOSTS = control_hosts.inventory("node1 ansible_host=192.0.2.11") + "\n[ironic-dnsmasq]\n"


def write(path: Path, settings: str = "", hosts: str = "") -> Path:
    """Write it to ``path``, with further settings and inventory; returns the path."""
    (path / "inventory").mkdir(parents=True)
    (path / "defaults.yml").write_text(DEFAULTS + settings)
    (path / "inventory" / "hosts").write_text(HOSTS + hosts)
    (path / "passwords.yml").write_text(f"database_password: {SECRET}\n")
    return path


def complete(path: Path) -> None:
    """Give it every password of the release, so that nothing about them stops a run."""
    values = {
        key: {half: f"{half} of {key}" for half in sample} if sample else f"made-up-{key}"
        for key, sample in known.passwords().items()
    }
    (path / "passwords.yml").write_text(yaml.safe_dump({**values, "database_password": SECRET}))
