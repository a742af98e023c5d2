"""The inventory of one run, so that host beats group beats defaults.yml beats Kolla.

Kolla's own variables are playbook ``group_vars/all``. Ansible ranks inventory ``group_vars/all``
below them and any other inventory group above, so the settings go to a group of their own,
``cc_site``, that holds every host directly and yields to every other group.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cc_ansible.site import inventory, yamlfile
from cc_ansible.site.inventory import Parsed
from cc_ansible.site.load import Site
from cc_ansible.site.yamlfile import Tagged

GROUP = "cc_site"
LOCALHOST = "localhost"
# Kolla's group for the machine it runs on, and the one that follows from it.
DEPLOY_GROUPS = {"all", "ungrouped", "deployment", "bifrost"}
# Ansible merges sibling groups by priority, then name; groups without one have 1.
WEAKEST = -1000
PROJECT_GROUPS = "kolla/inventory"
# What Ansible puts into every host itself.
_BOOKKEEPING = ("inventory_file", "inventory_dir")


def assemble(
    site: Site,
    target: Path,
    generated: Mapping[str, Any],
    multinode: Path | None = None,
    passwords: str | None = None,
) -> None:
    """Write the inventory directory of one run into ``target`` (created, mode 0700).

    :param generated: facts about this run; they are stronger than the site's defaults.yml and
        weaker than its group_vars.
    :param multinode: Kolla's sample inventory, found in the virtualenv by default.
    :param passwords: encrypted passwords to write; without, the site's own file is linked to.
    :raises SiteInvalid: when the site's inventory cannot be read.
    """
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    target.chmod(0o700)
    parsed = _write_inventories(site, target, multinode or inventory.kolla_multinode())
    variables = target / "group_vars"
    _write_settings(site, variables / GROUP, generated, parsed)
    _give_passwords(site, variables / GROUP / "90-passwords.yml", passwords)
    _write_group_vars(site, variables, parsed)
    hosts = inventory.vars_root(site) / "host_vars"
    _link_entries(hosts, target / "host_vars")


def _write_inventories(site: Site, target: Path, multinode: Path) -> Parsed:
    defined = inventory.group_names(site)
    bases = {"00-kolla": multinode, "05-project": site.project / PROJECT_GROUPS}
    files = []
    for name, source in bases.items():
        if source.exists():
            (target / name).write_text(inventory.kolla_groups(source, defined))
            files.append(target / name)
    own = target / "10-site"
    own.mkdir()
    for entry in inventory.sources(site.inventory_dir):
        (own / entry.name).symlink_to(entry)
    # Parsed by their real paths: errors then name the file the admin knows.
    parsed = inventory.parse([*files, *inventory.sources(site.inventory_dir)])
    (target / "20-cc_site.yml").write_text(yamlfile.dump(_cc_site(parsed)))
    return parsed


def _cc_site(parsed: Parsed) -> dict[str, Any]:
    hosts: dict[str, Any] = {name: {} for name in parsed.hosts}
    if _is_deploy_host_only(parsed):
        said = parsed.host_vars.get(LOCALHOST, {})
        local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        hosts[LOCALHOST] = {key: value for key, value in local.items() if key not in said}
    return {GROUP: {"hosts": hosts, "vars": {"ansible_group_priority": WEAKEST}}}


def _is_deploy_host_only(parsed: Parsed) -> bool:
    """Whether localhost means this process's machine and Python, and no node of the site."""
    return set(parsed.groups_of.get(LOCALHOST, ())) <= DEPLOY_GROUPS


def _write_settings(
    site: Site, directory: Path, generated: Mapping[str, Any], parsed: Parsed
) -> None:
    directory.mkdir(parents=True)
    _write(directory / "00-settings.yml", site.settings())
    _write(directory / "05-generated.yml", generated)
    # Ansible ranks what the inventory says for `all` below Kolla's own variables.
    if said := parsed.group_vars.get("all"):
        _write(directory / "40-inventory-all.yml", _plain(said))
    if found := _vars_source(inventory.vars_root(site) / "group_vars", "all"):
        _link(directory / "50-all", found)


def _give_passwords(site: Site, file: Path, passwords: str | None) -> None:
    if passwords is None:
        file.symlink_to(site.passwords_file)
    else:
        file.write_text(passwords)


def _write_group_vars(site: Site, variables: Path, parsed: Parsed) -> None:
    """Each group's own directory: ``[group:vars]`` first, then the site's group_vars over it."""
    source = inventory.vars_root(site) / "group_vars"
    for group in parsed.groups:
        if group in ("all", GROUP):
            continue
        said = parsed.group_vars.get(group, {})
        found = _vars_source(source, group)
        if said or found:
            directory = variables / group
            directory.mkdir()
            if said:
                _write(directory / "40-inventory.yml", _plain(said))
            if found:
                _link(directory / "50-site", found)


def _vars_source(directory: Path, name: str) -> Path | None:
    """The one file or directory that Ansible reads for a group, in its order of preference."""
    candidates = (directory / f"{name}{suffix}" for suffix in ("", ".yml", ".yaml", ".json"))
    return next((path for path in candidates if path.exists()), None)


def _link(name: Path, source: Path) -> None:
    # Ansible descends only into directories without a suffix and decides files by theirs.
    suffix = "" if source.is_dir() else source.suffix
    name.with_name(name.name + suffix).symlink_to(source)


def _link_entries(source: Path, target: Path) -> None:
    target.mkdir()
    for entry in _entries(source):
        (target / entry.name).symlink_to(entry)


def _entries(directory: Path) -> Iterable[Path]:
    entries = sorted(directory.iterdir()) if directory.is_dir() else []
    return [entry for entry in entries if not entry.name.startswith(".")]


def _write(file: Path, value: Mapping[str, Any]) -> None:
    file.write_text(yamlfile.dump(dict(value)))


def _plain(value: Any) -> Any:
    """Variables as Ansible parsed them, back in a form that loads as the same values."""
    from ansible.parsing.vault import VaultHelper
    from ansible.template import is_trusted_as_template

    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items() if key not in _BOOKKEEPING}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if ciphertext := VaultHelper.get_ciphertext(value, with_tags=False):
        return Tagged("!vault", ciphertext)
    if isinstance(value, str):
        template = "{{" in value or "{%" in value or "{#" in value
        unsafe = template and not is_trusted_as_template(value)
        return Tagged("!unsafe", str(value)) if unsafe else str(value)
    for kind in (bool, int, float):
        if isinstance(value, kind):
            return kind(value)
    return value
