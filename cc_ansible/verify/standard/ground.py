"""What every check of level standard has at hand."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from cc_ansible.verify import catalogue
from cc_ansible.verify.check import Failed, Skipped, Trouble

if TYPE_CHECKING:
    from openstack.connection import Connection

    from cc_ansible.verify.catalogue import Entry

T = TypeVar("T")
PAUSE = 0.5


@dataclass(frozen=True)
class Ground:
    """The cloud as the site's admin sees it, and what the site wants of it.

    Everything that is made is called ``name`` and something. ``dashboards`` are the addresses of
    Horizon, empty where the site has none.
    """

    admin: Connection
    name: str
    catalogue: Sequence[Entry] = ()
    dashboards: Sequence[str] = ()
    _present: list[Entry] = field(default_factory=list)

    @property
    def present(self) -> list[Entry]:
        """What is in the catalogue."""
        if not self._present:
            self._present.extend(catalogue.of_cloud(self.admin.service_catalog))
        return self._present

    def require(self, service_type: str, service: str) -> None:
        """Skip a check about a service that the site does not run.

        Raises:
            Skipped: it is neither wanted nor there.
            Failed: it is wanted, but Keystone does not know it.
        """
        if any(entry.type == service_type for entry in self.present):
            return
        if any(entry.type == service_type for entry in self.catalogue):
            cause = f"{service} is switched on, but Keystone's catalogue does not have it."
            fix = f"Register it: `cc-ansible deploy --tags {service.lower()}`."
            raise Failed(Trouble(f"no {service_type} in the catalogue", cause, fix))
        raise Skipped(f"the site has no {service}")


def until(what: str, look: Callable[[], T | None], seconds: float, fix: str = "") -> T:
    """Look until there is an answer, for so many seconds at most.

    Raises:
        Failed: there is none in time; ``what`` says what did not happen.
    """
    deadline = time.monotonic() + seconds
    while (found := look()) is None:
        if time.monotonic() > deadline:
            text = f"not {what} after {seconds:.0f} s"
            raise Failed(Trouble(text, f"It was not {what} in time.", fix))
        time.sleep(PAUSE)
    return found
