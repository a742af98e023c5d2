"""What every place for secrets can do, and which one a site uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from cc_ansible.errors import Locked, SiteInvalid
from cc_ansible.site.load import Site

if TYPE_CHECKING:
    from cc_ansible.site.secrets.settings import Backend


class Changed(Locked):
    """Somebody else wrote the secrets after they were read. Nothing of theirs was overwritten."""


@dataclass(frozen=True)
class Snapshot:
    """The secrets as they were at one moment. ``text`` is the YAML that an editor shows.

    ``version`` tells this moment from later ones, also when the store was ``empty``.
    """

    text: str = field(repr=False)
    version: str | int
    parse: Callable[[str], dict[str, Any]] = field(repr=False)
    empty: bool = False

    @cached_property
    def values(self) -> Mapping[str, Any]:
        """The passwords, decrypted and without tags.

        :raises SiteInvalid: when the text is no mapping, or something in it cannot be decrypted.
        """
        return self.parse(self.text)


class Store(Protocol):
    """A place where the passwords of a site are kept."""

    backend: str

    @property
    def place(self) -> str:
        """Where it is, for messages."""

    def read(self) -> Snapshot:
        """What it holds now.

        :raises SiteInvalid: it cannot be opened with what the site says.
        :raises CcError: it cannot be reached.
        """

    def write(self, text: str, seen: Snapshot) -> None:
        """Replace what was ``seen`` by ``text``, as a whole.

        :raises Changed: it no longer holds what was seen.
        :raises SiteInvalid: the text is not valid, or the site may not write.
        """

    def remove(self) -> None:
        """Delete everything it holds; nothing is an error when it holds nothing."""

    def credentials(self) -> list[str]:
        """The secrets that opened it so far, to be hidden too."""


def open_store(site: Site, backend: Backend | None = None) -> Store:
    """The store that the site uses, or the one of another ``backend`` with the site's settings."""
    from cc_ansible.site.secrets.vaultfile import VaultFile

    chosen = backend or (site.secrets.backend if site.secrets else VaultFile.backend)
    if chosen == VaultFile.backend:
        return VaultFile(site)
    from cc_ansible.site.secrets.server import Server

    return Server(site, chosen)


def read(store: Store) -> Snapshot:
    """What the store holds now.

    :raises SiteInvalid: as the store, and when it holds nothing.
    """
    seen = store.read()
    if seen.empty:
        raise SiteInvalid(
            f"There are no passwords in {store.place}.",
            fix="Bring them there with `cc-ansible passwords migrate`, or make new ones for a new "
            "site with `cc-ansible passwords generate`.",
        )
    return seen


def conflict(place: str) -> Changed:
    """The error for a write that came too late."""
    return Changed(
        "Somebody else changed the passwords meanwhile; nothing was written.",
        detail=place,
        fix="Run the command again; it starts from what is there now.",
    )
