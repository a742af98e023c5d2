"""Effective variables of a site, as Ansible itself computes them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from cc_ansible.errors import SiteInvalid
from cc_ansible.kolla import release
from cc_ansible.kolla.workspace import Workspace
from cc_ansible.paths import PROJECT


@functools.cache
def set_up_plugins() -> None:
    """Ansible sets its plugin loader up once in a process."""
    from ansible.plugins.loader import init_plugin_loader

    init_plugin_loader()


def effective(space: Workspace) -> tuple[Mapping[str, Any], dict[str, list[str]]]:
    """Variables as a control host sees them, and the hosts of every group.

    Values are as written; templates in them are not evaluated yet.

    Raises:
        SiteInvalid: the inventory holds no host to ask, or something cannot be decrypted.
    """
    from ansible.errors import AnsibleError
    from ansible.inventory.manager import InventoryManager
    from ansible.parsing.dataloader import DataLoader
    from ansible.plugins.loader import filter_loader
    from ansible.vars.manager import VariableManager

    set_up_plugins()
    # Not those of the workspace: Ansible remembers where it found a filter, and a workspace goes.
    for directory in (release.ANSIBLE_TREE / "filter_plugins", PROJECT / "plugins" / "filter"):
        filter_loader.add_directory(str(directory))
    loader = DataLoader()
    loader.set_basedir(str(space.tree))
    loader.set_vault_secrets(space.vault_secrets())
    inventory = InventoryManager(loader=loader, sources=[str(space.inventory)])
    manager = VariableManager(loader=loader, inventory=inventory)
    groups = {
        name: [host.name for host in group.get_hosts()] for name, group in inventory.groups.items()
    }
    hosts = groups.get("control") or [name for name in groups["all"] if name != "localhost"]
    if not hosts:
        raise SiteInvalid(
            "the inventory has no hosts",
            fix=f"name at least one host in group control in {space.site.inventory_dir}",
        )
    try:
        variables = manager.get_vars(host=inventory.get_host(hosts[0]))
    except AnsibleError as error:
        raise SiteInvalid(
            "Ansible cannot read the site's variables.",
            detail=str(error),
            fix="Check them with `cc-ansible validate` and `cc-ansible passwords check`.",
        ) from error
    return variables, groups


def evaluated(variables: Mapping[str, Any], name: str) -> Any:
    """One of the variables with its templates evaluated; None where that is not possible."""
    from ansible.errors import AnsibleError
    from ansible.parsing.dataloader import DataLoader
    from ansible.template import Templar

    try:
        return Templar(loader=DataLoader(), variables=dict(variables)).template(variables[name])
    except (KeyError, AnsibleError):
        return None
