"""One item of ``hardware/*.yml`` as it works out, and where each part of it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cc_ansible.errors import Origin
from cc_ansible.site.values import is_template, same_path
from cc_ansible.site.yamlfile import Document

if TYPE_CHECKING:
    from cc_ansible.site.model.hardware import Item


@dataclass(frozen=True)
class Part:
    """A map in a file that says something about an item."""

    value: Mapping[str, Any]
    document: Document
    base: tuple[str | int, ...]

    def at(self, *path: str | int) -> Origin:
        """Where a key below it is written."""
        return self.document.origin(*self.base, *path)


@dataclass
class Machine:
    """One item: ``parts`` strongest first, ``merged`` as written, ``value`` rendered.

    ``model`` is None while something in it is not valid. Rules that compare items look at the
    value, so that one mistake does not hide another. Where a profile of it cannot be found, it is
    not ``whole``: what seems to be missing may be there.
    """

    name: str
    parts: Sequence[Part]
    merged: Mapping[str, Any]
    value: Mapping[str, Any]
    model: Item | None = None
    whole: bool = True

    @property
    def type(self) -> str:
        """Its type as written; empty when none is given."""
        return self.text("type")

    @property
    def is_node(self) -> bool:
        """Whether Ironic has it."""
        return self.type in ("baremetal", "fake-hardware")

    def at(self, *path: str | int) -> Origin:
        """Where a part of it is written, be that in a profile; else where the part above is."""
        for length in range(len(path), -1, -1):
            for part in self.parts:
                inner = same_path(self.merged, part.value, path[:length])
                if inner is not None:
                    return part.at(*inner)
        return self.parts[0].at()

    def own(self, *path: str | int) -> bool:
        """Whether the item itself says a part of it, not a profile."""
        return same_path(self.merged, self.parts[0].value, path) is not None

    def get(self, *path: str | int) -> Any:
        """A part of its value; None where there is none, or where only a run knows it."""
        found: Any = self.value
        for step in path:
            try:
                found = found[step]
            except (LookupError, TypeError):
                return None
        return None if is_template(found) else found

    def text(self, *path: str | int) -> str:
        """As :meth:`get`, for a text or number; empty for anything else."""
        found = self.get(*path)
        plain = isinstance(found, str | int) and not isinstance(found, bool)
        return str(found) if plain else ""

    def ports(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """Its interfaces that are maps, each with its place in the list."""
        found = self.value.get("ports")
        for index, port in enumerate(found if isinstance(found, list) else ()):
            if isinstance(port, Mapping):
                yield index, port
