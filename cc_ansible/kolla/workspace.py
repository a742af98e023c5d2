"""The private directory that one run of Kolla-Ansible works in.

It lives in memory where the machine allows it, holds links, merged configuration and encrypted
passwords, and goes away with the run.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cc_ansible import memory
from cc_ansible.kolla import handover, identity_provider, overlay, release, switch_keys
from cc_ansible.paths import PROJECT, VENV_BIN
from cc_ansible.site.load import Site, directories

if TYPE_CHECKING:
    from cc_ansible.site.secrets.use import InUse

SITE_LABEL = "default"
RUN_LABEL = "cc-run"
"""Vault ids of the site's own vault password, and of one that holds for this workspace only."""

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
    vault_passwords: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def tree(self) -> Path:
        return self.path / "ansible"

    @property
    def inventory(self) -> Path:
        return self.path / "inventory"

    @property
    def config(self) -> Path:
        return self.path / "config"

    def vault_arguments(self) -> list[str]:
        """Options with which Ansible's commands read what is encrypted."""
        return handover.arguments(self.vault_passwords)

    def vault_secrets(self) -> list[tuple[str, Any]]:
        """The same for Ansible's loaders in this process."""
        from ansible.parsing.vault import VaultSecret

        return [(label, VaultSecret(value)) for label, value in self.vault_passwords.items()]

    def environment(self) -> dict[str, str]:
        """Environment of the child: the site's .env, and where Kolla-Ansible finds its files."""
        path = f"{VENV_BIN}:{os.environ.get('PATH', '')}"
        return {
            **os.environ,
            **self.site.environment,
            "PATH": path,
            "ANSIBLE_CONFIG": str(self.path / "ansible.cfg"),
            "KOLLA_ANSIBLE_DATA_FILES_PATH": str(self.path),
            **handover.environment(self.path),
        }


@contextlib.contextmanager
def assemble(
    site: Site, generated: Mapping[str, Any], in_use: InUse | None = None
) -> Iterator[Workspace]:
    """Assemble the workspace of a run or a question; it is removed on every way out.

    ``in_use`` are the site's secrets where they were read already.

    Raises:
        SiteInvalid: the site's inventory, configuration overrides or secrets cannot be read.
    """
    from cc_ansible.site import customconfig, groupvars

    passwords, encrypted = _vault(site, in_use)
    with (
        memory.directory("workspace", disk=True) as path,
        handover.serve(path, passwords),
    ):
        workspace = Workspace(path, site, passwords)
        overlay.assemble(workspace.tree, site.path / "post_deploy.yml")
        workspace.config.mkdir()
        for name in ("globals.yml", "passwords.yml"):
            # Kolla-Ansible wants these two as extra-vars; ours are group variables instead.
            (workspace.config / name).write_text("{}\n")
        customconfig.assemble(site, workspace.config / "config")
        switch_keys.write(site, workspace.config / "config")
        identity_provider.write(site, workspace.config / "config")
        facts = {
            **directories(site.path),
            "kolla_ansible_version": release.versions()["kolla-ansible"],
            "node_custom_config": str(workspace.config / "config"),
            **generated,
        }
        groupvars.assemble(site, workspace.inventory, facts, passwords=encrypted)
        (path / "tmp").mkdir(mode=0o700)
        text = ANSIBLE_CFG.format(callbacks=PROJECT / "plugins" / "callback", tmp=path / "tmp")
        (path / "ansible.cfg").write_text(text)
        yield workspace


def _vault(site: Site, in_use: InUse | None) -> tuple[dict[str, bytes], str | None]:
    """Vault passwords by their id, and passwords that are in no file of the site, encrypted."""
    from cc_ansible.site import vault
    from cc_ansible.site.secrets import use

    own = site.vault_password.value
    passwords = {} if own is None else {SITE_LABEL: own}
    if use.is_on_server(site):
        text = (in_use or use.take(site)).text or ""
        passwords[RUN_LABEL] = secrets.token_urlsafe(32).encode()
        return passwords, vault.encrypt_with(passwords[RUN_LABEL], text, RUN_LABEL)
    return passwords, None
