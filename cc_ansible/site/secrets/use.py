"""The secrets of a site as one run uses them: read once, so that all of the run sees the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cc_ansible.site.load import Site
from cc_ansible.site.secrets import hide, store


@dataclass(frozen=True)
class InUse:
    """``passwords`` in plain, everything to be ``hidden`` in output, longest first.

    ``text`` are the passwords as YAML where no file of the site holds them, else None.
    """

    passwords: Mapping[str, Any] = field(repr=False)
    hidden: list[str] = field(repr=False)
    text: str | None = field(default=None, repr=False)


def take(site: Site) -> InUse:
    """Read all secrets of a site.

    :raises SiteInvalid: when one of them cannot be read.
    :raises CcError: their server cannot be reached.
    """
    opened = store.open_store(site)
    seen = store.read(opened)
    hidden = hide.all_of(site, seen.values, opened.credentials())
    return InUse(seen.values, hidden, seen.text if is_on_server(site) else None)


def is_on_server(site: Site) -> bool:
    """Whether the passwords are in no file of the site."""
    return site.secrets is not None and site.secrets.on_server
