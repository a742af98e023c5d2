"""An import from its file to the new one."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cc_ansible.errors import Origin, UsageError
from cc_ansible.hardware import declared
from cc_ansible.hardware.importing import donijson, found, redfish, table, write
from cc_ansible.hardware.importing.found import Found
from cc_ansible.kolla import known
from cc_ansible.site import yamlfile
from cc_ansible.site.names import nearest
from cc_ansible.site.secrets import store
from cc_ansible.site.subject import Subject
from cc_ansible.site.survey import Survey

if TYPE_CHECKING:
    from cc_ansible.site.load import Site


@dataclass(frozen=True)
class Imported:
    """What was written: the file, its items, and passwords that are new in the store."""

    file: Path
    found: Found
    secrets: list[str]

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "file": str(self.file),
            "items": [item["name"] for item in self.found.items],
            "secrets": self.secrets,
            "secrets_missing": self.found.unknown,
            "notes": self.found.notes,
        }

    def lines(self) -> list[str]:
        """The same for people."""
        found = [f"! {note}" for note in self.found.notes]
        names = [item["name"] for item in self.found.items]
        what = f"{names[0]} is" if len(names) == 1 else f"{len(names)} items are"
        found.append(f"{what} now in {self.file}.")
        if self.secrets:
            found.append(f"New among the passwords: {', '.join(self.secrets)}.")
        if self.found.unknown:
            found.append(f"Not told by the file: {', '.join(self.found.unknown)}. Add them with")
            found.append("  cc-ansible passwords edit")
        return [*found, "Next: cc-ansible validate, then: cc-ansible hardware plan"]


def read(site: Site, source: Path, to: Path | None) -> Imported:
    """Import a JSON or CSV file.

    :raises UsageError: it cannot be read as one, or something is in the way.
    :raises CcError: secrets cannot be written.
    """
    text = yamlfile.read_text(source)
    reader = table.read if source.suffix.lower() == ".csv" else donijson.read
    with _naming(source):
        made = found.separate(reader(text))
    return _save(site, made, source, to)


def ask(
    site: Site,
    source: Path,
    to: Path | None,
    login: tuple[str, str, bool],
    tell: Callable[[str], None],
) -> Imported:
    """Import what the controllers that a file lists say.

    :param login: user, name of the password in the store, and whether certificates are checked.
    :raises UsageError: the file makes no sense, or something is in the way.
    :raises RunFailed: no controller could be asked.
    """
    user, name, verify = login
    write.target(site, to, source)  # before minutes of asking
    passwords = store.read(store.open_store(site)).values
    if not isinstance(passwords.get(name), str):
        close = nearest(name, passwords)
        raise UsageError(
            f"There is no password {name}.",
            fix=f"Did you mean {close}?" if close else "Add it: cc-ansible passwords edit",
        )
    text = yamlfile.read_text(source)
    with _naming(source):
        where = redfish.addresses(text)
    items, notes = redfish.discover(where, redfish.Login(user, passwords[name], verify), tell)
    for item in items:
        # It is in the store already, by this name.
        item["bmc"]["password"] = "{{ " + name + " }}"
    return _save(site, Found([found.tidy(item) for item in items], notes=notes), source, to)


@contextlib.contextmanager
def _naming(source: Path) -> Iterator[None]:
    """Say of which file a complaint is."""
    try:
        yield
    except UsageError as problem:
        problem.origin = problem.origin or Origin(source)
        raise


def _save(site: Site, made: Found, source: Path, to: Path | None) -> Imported:
    file = write.target(site, to, source)
    write.require_new(made, declared.names(Subject(Survey(site.path), known)))
    return Imported(file, made, write.save(site, made, file))
