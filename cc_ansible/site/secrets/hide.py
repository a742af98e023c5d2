"""Every secret of a site that output and journals must not show."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from cc_ansible.errors import SiteInvalid
from cc_ansible.site import inventory, vault, yamlfile
from cc_ansible.site.load import Site
from cc_ansible.site.names import is_secret
from cc_ansible.site.secrets import content, store
from cc_ansible.site.yamlfile import Tagged

SHORTEST = 6
_VAULTED = re.compile(r"\$ANSIBLE_VAULT;[\d.]+;AES256[^\n]*\n(?:[ \t]*[0-9a-f]+[ \t]*(?:\n|\Z))+")


def read_passwords(site: Site) -> dict[str, Any]:
    """The site's passwords, decrypted. A plaintext file is accepted.

    :raises SiteInvalid: when they cannot be read.
    """
    return dict(store.read(store.open_store(site)).values)


def secret_values(site: Site) -> list[str]:
    """Every secret string worth hiding in output, longest first.

    :raises SiteInvalid: when one of them cannot be read.
    """
    opened = store.open_store(site)
    seen = store.read(opened)
    return all_of(site, seen.values, opened.credentials())


def all_of(site: Site, passwords: Mapping[str, Any], credentials: Iterable[str]) -> list[str]:
    """As :func:`secret_values`, where the passwords were read already.

    :param credentials: what opened their store.
    """
    found = {*content.words(dict(passwords)), *credentials}
    found.update(_inline(site))
    found.update(_in_inventory(site))
    found.update(value for name, value in site.environment.items() if is_secret(name))
    if site.vault_password.known:
        found.add((site.vault_password.value or b"").decode(errors="replace"))
    return longest_first(found)


def longest_first(values: Iterable[str]) -> list[str]:
    """Without those that are too short to be told from ordinary words."""
    return sorted((text for text in set(values) if len(text) >= SHORTEST), key=len, reverse=True)


def _inline(site: Site) -> Iterator[str]:
    for value in site.variables.values():
        for tagged in _tagged(value.value):
            yield vault.decrypt(site, tagged.value, value.origin.file)


def _tagged(value: Any) -> Iterator[Tagged]:
    if isinstance(value, Tagged):
        if value.tag == "!vault":
            yield value
        else:
            yield from _tagged(value.value)
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _tagged(item)


def _in_inventory(site: Site) -> Iterator[str]:
    """What is encrypted in inventory files and in those of groups and hosts, inline or whole."""
    root = inventory.vars_root(site)
    folders = (root / "group_vars", root / "host_vars")
    files = [site.inventory_dir] if site.inventory_dir.is_file() else []
    files += [
        file
        for top in dict.fromkeys((site.inventory_dir, *folders))
        if top.is_dir()
        for file in sorted(top.rglob("*"))
        if file.is_file()
    ]
    for file in files:
        # What cannot be read here Ansible cannot read either, and says so where it needs it.
        with contextlib.suppress(SiteInvalid):
            yield from _encrypted_in(site, file)


def _encrypted_in(site: Site, file: Path) -> Iterator[str]:
    text = yamlfile.read_text(file)
    if vault.is_encrypted(text):
        decrypted = vault.decrypt(site, text, file)
        yield from content.words(content.plain(site, yamlfile.parse(decrypted, file).value))
        return
    for match in _VAULTED.finditer(text):
        lines = (line.strip() for line in match[0].splitlines())
        yield vault.decrypt(site, "\n".join(lines), file)
