"""Facts of the pinned OpenStack release and of the installed Kolla and Kolla-Ansible."""

from __future__ import annotations

import functools
import sys
from pathlib import Path

OPENSTACK_RELEASE = "2026.1"
BASE_DISTRO = "debian"
BASE_SUITE = "trixie"

KOLLA_ANSIBLE_DATA = Path(sys.prefix) / "share" / "kolla-ansible"
KOLLA_DATA = Path(sys.prefix) / "share" / "kolla"
ANSIBLE_TREE = KOLLA_ANSIBLE_DATA / "ansible"
MULTINODE = ANSIBLE_TREE / "inventory" / "multinode"
PASSWORDS_SAMPLE = KOLLA_ANSIBLE_DATA / "etc_examples" / "kolla" / "passwords.yml"


@functools.cache
def versions() -> dict[str, str]:
    """Versions of the packages a run depends on, by name."""
    from importlib.metadata import version

    return {name: version(name) for name in ("kolla", "kolla-ansible", "ansible-core", "ansible")}
