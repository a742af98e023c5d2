"""The private directory that one run of Kolla-Ansible works in.

It lives in memory where the machine allows it, holds links, merged configuration and the
still encrypted passwords, and goes away with the run.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cc_ansible import memory
from cc_ansible.kolla import overlay, release
from cc_ansible.paths import PROJECT, VENV_BIN
from cc_ansible.site.load import Site, directories

ANSIBLE_CFG = """\
[defaults]
callback_plugins = {callbacks}
stdout_callback = cc_events
local_tmp = {tmp}
forks = 20
timeout = 30
gathering = smart
inject_facts_as_vars = false
interpreter_python = auto_silent
retry_files_enabled = false
display_args_to_stdout = false
deprecation_warnings = false
localhost_warning = false

[ssh_connection]
pipelining = true
control_path_dir = {tmp}
"""


@dataclass(frozen=True)
class Workspace:
    """Paths of an assembled workspace and the environment Kolla-Ansible runs in."""

    path: Path
    site: Site

    @property
    def tree(self) -> Path:
        return self.path / "ansible"

    @property
    def inventory(self) -> Path:
        return self.path / "inventory"

    @property
    def config(self) -> Path:
        return self.path / "config"

    def environment(self) -> dict[str, str]:
        """Environment of the child: the site's .env, and where Kolla-Ansible finds its files."""
        path = f"{VENV_BIN}:{os.environ.get('PATH', '')}"
        return {
            **os.environ,
            **self.site.environment,
            "PATH": path,
            "ANSIBLE_CONFIG": str(self.path / "ansible.cfg"),
            "KOLLA_ANSIBLE_DATA_FILES_PATH": str(self.path),
        }


@contextlib.contextmanager
def assemble(site: Site, generated: Mapping[str, Any]) -> Iterator[Workspace]:
    """Assemble the workspace of a run or a question; it is removed on every way out.

    Raises:
        SiteInvalid: the site's inventory or configuration overrides cannot be read.
    """
    from cc_ansible.site import customconfig, groupvars

    with memory.directory("workspace", disk=True) as path:
        workspace = Workspace(path, site)
        overlay.assemble(workspace.tree, site.path / "post_deploy.yml")
        workspace.config.mkdir()
        for name in ("globals.yml", "passwords.yml"):
            # Kolla-Ansible wants these two as extra-vars; ours are group variables instead.
            (workspace.config / name).write_text("{}\n")
        customconfig.assemble(site, workspace.config / "config")
        facts = {
            **directories(site.path),
            "kolla_ansible_version": release.versions()["kolla-ansible"],
            "node_custom_config": str(workspace.config / "config"),
            **generated,
        }
        groupvars.assemble(site, workspace.inventory, facts)
        (path / "tmp").mkdir(mode=0o700)
        text = ANSIBLE_CFG.format(callbacks=PROJECT / "plugins" / "callback", tmp=path / "tmp")
        (path / "ansible.cfg").write_text(text)
        yield workspace
