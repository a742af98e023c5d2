"""Moving all passwords from one store to the other, with nothing lost on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cc_ansible.errors import CcError, Origin, SiteInvalid, UsageError
from cc_ansible.site import load, vault, yamledit, yamlfile
from cc_ansible.site.load import SECRETS_VARIABLE, Site
from cc_ansible.site.secrets import changes, store
from cc_ansible.site.secrets.settings import FILE, SERVERS, Backend
from cc_ansible.site.secrets.store import Snapshot, Store
from cc_ansible.site.yamlfile import Tagged


@dataclass(frozen=True)
class Moved:
    """What was done, or would be: how many passwords, from where to where, and what changed.

    ``switched`` is the file that now names the new store; ``removed`` says that the old one is
    gone.
    """

    count: int
    source: str
    target: str
    copied: bool
    switched: Path | None
    removed: bool


def migrate(site: Site, to: Backend, *, dry_run: bool = False, remove_old: bool = False) -> Moved:
    """Copy the passwords, read them back, and make the site use the new store.

    Killed anywhere, it is continued by running it again. Run again with ``remove_old``, it
    removes the old store once both hold the same.

    :raises UsageError: the two stores hold different passwords.
    :raises SiteInvalid: a store cannot be opened with what the site says.
    """
    used = site.secrets.backend if site.secrets else FILE
    new = store.open_store(site, to)
    copied = removable = False
    if (used in SERVERS) == (to in SERVERS):
        held = store.read(new).values
        source = new.place
        if remove_old:
            old = store.open_store(site, FILE if to in SERVERS else SERVERS[0])
            source = old.place
            removable = _same(new, held, old.read())
    else:
        old = store.open_store(site, used)
        source = old.place
        seen = store.read(old)
        held = seen.values
        copied = _copy(seen, new, dry_run=dry_run)
        removable = remove_old
    switched = _settings_file(site) if used != to else None
    if switched and not dry_run:
        _switch(site, switched, to)
    if removable and not dry_run:
        old.remove()
    return Moved(len(held), source, new.place, copied, switched, removable)


def _copy(seen: Snapshot, new: Store, *, dry_run: bool) -> bool:
    before = new.read()
    if _same(new, seen.values, before):
        return False  # an earlier try came this far
    if not dry_run:
        new.write(seen.text, before)
        if store.read(new).values != seen.values:
            raise CcError(
                f"What {new.place} gave back is not what was written to it.",
                detail="The site still uses its old store; nothing was removed.",
                fix="Look into the new store, empty it, and run the command again.",
            )
    return True


def _same(place: Store, values: Mapping[str, Any], other: Snapshot) -> bool:
    """Whether the other one holds these values; False where it holds nothing.

    :raises UsageError: it holds others.
    """
    if other.empty or other.values == values:
        return not other.empty
    different = sorted(changes.between(values, other.values).names)
    raise UsageError(
        f"The two stores hold different passwords; nothing was changed. One is {place.place}.",
        detail=f"Different: {', '.join(different)}.",
        fix="Make them equal, or empty the one that is of no use.",
    )


def _switch(site: Site, file: Path, to: str) -> None:
    """Set ``secrets.backend`` in the file that sets ``secrets``; all else in it stays."""
    before = yamlfile.read_text(file)
    after = _with_backend(before, to)
    wanted = yamlfile.parse(before, file).value or {}
    settings = wanted.get(SECRETS_VARIABLE)
    settings = settings.value if isinstance(settings, Tagged) else settings
    if isinstance(wanted.get(SECRETS_VARIABLE), Tagged) or not _is(
        after, file, {**wanted, SECRETS_VARIABLE: {**(settings or {}), "backend": to}}
    ):
        raise _by_hand(file, to)
    vault.replace(file, after)
    now = load.load(site.path, site.project).secrets
    if now is None or now.backend != to:
        vault.replace(file, before)
        raise _by_hand(file, to)


def _is(text: str, file: Path, wanted: Mapping[str, Any]) -> bool:
    try:
        return bool(yamlfile.parse(text, file).value == wanted)
    except SiteInvalid:
        return False


def _with_backend(text: str, to: str) -> str:
    def change(data: Any) -> None:
        if not isinstance(data.get(SECRETS_VARIABLE), dict):
            data[SECRETS_VARIABLE] = {}
        data[SECRETS_VARIABLE]["backend"] = to

    return yamledit.edited(text, change)


def _settings_file(site: Site) -> Path:
    value = site.variables.get(SECRETS_VARIABLE)
    own = value is not None and value.origin.file.is_relative_to(site.path)
    return value.origin.file if value and own else site.path / "defaults.yml"


def _by_hand(file: Path, to: str) -> SiteInvalid:
    return SiteInvalid(
        f"{file.name} cannot be changed without changing more than secrets.backend.",
        detail="All passwords are in both stores now.",
        fix=f"Set secrets.backend to {to} by hand.",
        origin=Origin(file),
    )
