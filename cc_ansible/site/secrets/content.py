"""What passwords look like: YAML text in an editor, plain values in use, JSON on a server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cc_ansible.errors import SiteInvalid
from cc_ansible.site import vault, yamlfile
from cc_ansible.site.leaves import leaves
from cc_ansible.site.load import Site
from cc_ansible.site.yamlfile import Document, Tagged

NAME = Path("passwords.yml")
"""How messages call the text, wherever it is kept."""
# Ansible's own spelling of !unsafe in JSON.
_UNSAFE = "__ansible_unsafe"


def document(text: str, file: Path = NAME) -> Document:
    """The parsed text.

    :raises SiteInvalid: when it is no mapping of passwords.
    """
    return yamlfile.require_mapping(yamlfile.parse(text, file))


def plain(site: Site, value: Any, file: Path = NAME) -> Any:
    """The value without tags; what is encrypted in it, decrypted.

    :raises SiteInvalid: when the vault password is missing or wrong.
    """
    if isinstance(value, Tagged):
        return vault.decrypt(site, value.value, file) if value.tag == "!vault" else value.value
    if isinstance(value, dict):
        return {key: plain(site, item, file) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(site, item, file) for item in value]
    return value


def words(value: Any) -> Iterator[str]:
    """Every single value in a nested one, as text."""
    for _, leaf in leaves(value):
        if leaf is not None and not isinstance(leaf, bool):
            yield str(leaf)


def to_json(site: Site, text: str) -> dict[str, Any]:
    """The text as a server stores it: decrypted; texts that are no templates stay marked.

    :raises SiteInvalid: for a value that JSON has no form for.
    """
    found = document(text)
    return {key: _to_json(site, item, found, (key,)) for key, item in found.value.items()}


def from_json(data: Mapping[str, Any]) -> str:
    """The text of what a server stores."""
    return yamlfile.dump({key: _from_json(item) for key, item in sorted(data.items())})


def _to_json(site: Site, value: Any, found: Document, path: yamlfile.KeyPath) -> Any:
    if isinstance(value, Tagged):
        if value.tag == "!unsafe":
            return {_UNSAFE: value.value}
        if value.tag == "!vault":
            return vault.decrypt(site, value.value, found.file)
    elif isinstance(value, dict):
        return {str(key): _to_json(site, item, found, (*path, key)) for key, item in value.items()}
    elif isinstance(value, list):
        return [_to_json(site, item, found, (*path, i)) for i, item in enumerate(value)]
    elif value is None or isinstance(value, str | bool | int | float):
        return value
    kind = value.tag if isinstance(value, Tagged) else type(value).__name__
    raise SiteInvalid(
        f"{path[0]} holds a value that a secrets server cannot store ({kind}).",
        fix="Put it into quotes.",
        origin=found.origin(*path),
    )


def _from_json(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) == {_UNSAFE}:
            return Tagged("!unsafe", value[_UNSAFE])
        return {key: _from_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_from_json(item) for item in value]
    return value
