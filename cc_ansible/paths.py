"""Where things live on the machine that runs cc-ansible."""

from __future__ import annotations

import os
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
"""The checkout: playbooks, roles, kolla/ and images/ are found beside the package."""

VENV_BIN = Path(sys.executable).parent
"""Commands installed with us (kolla-ansible, kolla-build, ansible-playbook)."""


def state_dir() -> Path:
    """What outlives a run and belongs in no git repository: journals, builds, the lab.

    ``CC_ANSIBLE_STATE_DIR`` wins; root uses /var/lib, others the XDG state directory.
    """
    if override := os.environ.get("CC_ANSIBLE_STATE_DIR"):
        return Path(override).absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/cc-ansible")
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "cc-ansible"


def site_state_dir(site: Path) -> Path:
    """State of one site config, told apart by name and by a hash of its path."""
    import hashlib

    digest = hashlib.sha256(str(site.resolve()).encode()).hexdigest()[:8]
    return state_dir() / "sites" / f"{site.resolve().name}-{digest}"
