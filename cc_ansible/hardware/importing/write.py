"""Writing what was found: a new file in hardware/, and secrets into the site's store."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from cc_ansible.errors import Origin, UsageError
from cc_ansible.hardware.importing.found import Found
from cc_ansible.site import yamlfile
from cc_ansible.site.hardware import DIRECTORY
from cc_ansible.site.secrets import changes, store
from cc_ansible.site.secrets.changes import Changes

if TYPE_CHECKING:
    from cc_ansible.site.load import Site

HEAD = "# Made by `cc-ansible hardware import`; change it as you like.\n"


def target(site: Site, named: Path | None, source: Path) -> Path:
    """Where to write.

    :raises UsageError: something is there already, or it is not in the site's hardware/.
    """
    folder = site.path / DIRECTORY
    file = folder / (named or Path(source.stem)).with_suffix(".yml")
    if not file.resolve().is_relative_to(folder.resolve()):
        raise UsageError(f"{file} is not in {folder}.", fix="Name a file in it with --to.")
    if file.exists():
        raise UsageError(
            f"{file} exists; nothing was written.",
            fix="Name another with --to.",
            origin=Origin(file),
        )
    return file


def require_new(found: Found, known: Collection[str]) -> None:
    """Refuse what would make two items of one name, or nothing.

    :raises UsageError: there is such an item.
    """
    names = [str(item["name"]) for item in found.items]
    lower = {name.lower() for name in known}
    twice = sorted({name for name in names if names.count(name) > 1 or name.lower() in lower})
    if twice:
        raise UsageError(
            f"{twice[0]} is declared already, or twice in the file; nothing was written.",
            detail=f"All of these: {', '.join(twice[:20])}" if len(twice) > 1 else "",
            fix="Remove it here or there.",
        )
    if not names:
        raise UsageError("There is no hardware in the file; nothing was written.")


def save(site: Site, found: Found, file: Path) -> list[str]:
    """Write the secrets, then the file; returns the names of the secrets that are new.

    :raises UsageError: a secret of a name has another value in the store, or the file is there.
    :raises CcError: the secrets cannot be written.
    """
    new = _keep(site, found)
    file.parent.mkdir(parents=True, exist_ok=True)
    text = HEAD + yamlfile.dump({"hardware": found.items})
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError:
        raise UsageError(
            f"{file} exists; it was not changed.", fix="Name another with --to."
        ) from (None)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    return new


def _keep(site: Site, found: Found) -> list[str]:
    if not found.secrets:
        return []
    opened = store.open_store(site)
    seen = store.read(opened)
    for name, value in found.secrets.items():
        if name in seen.values and str(seen.values[name]) != value:
            raise UsageError(
                f"The password {name} has another value already; nothing was written.",
                fix="Rename one of them: cc-ansible passwords edit",
            )
    new = {name: value for name, value in found.secrets.items() if name not in seen.values}
    if new:
        opened.write(changes.apply(seen.text, Changes(new)), seen)
    return sorted(new)
