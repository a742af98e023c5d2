"""What of the images built on this machine nobody needs any more."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cc_ansible.runs import journal, lock

if TYPE_CHECKING:
    from cc_ansible.appliances.store import Built, Store


@dataclass(frozen=True)
class Leaving:
    """A directory that can go, what it is, and its bytes."""

    path: Path
    what: str
    size: int

    @property
    def text(self) -> str:
        """For people."""
        return f"{self.what}  {self.size / (1 << 20):.0f} MiB"

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        return {"path": str(self.path), "what": self.what, "bytes": self.size}


def chosen(
    store: Store, titles: Collection[str], needed: Collection[Path], keep: int
) -> list[Leaving]:
    """Images that can go, and the stages that only they were made from.

    Of the ``titles`` that are defined, the latest image and ``keep`` older ones stay; whatever
    holds one of the ``needed`` files stays too.
    """
    staying: list[Built] = []
    found: list[Leaving] = []
    for title in store.titles():
        latest = store.latest(title) if title in titles else None
        older = [each for each in store.images(title) if latest and each.key != latest.key]
        kept = {each.key for each in ([latest] if latest else []) + older[:keep]}
        for image in store.images(title):
            if image.key in kept or any(file in needed for file in image.files):
                staying.append(image)
            else:
                found.append(_leaving(image.directory, f"image {title} {image.version}"))
    used = {stage["key"] for image in staying for stage in image.about["stages"]}
    found += [
        _leaving(path, f"stage {path.name[:12]}")
        for path in store.stages()
        if path.name not in used
    ]
    return found


def summary(gone: Sequence[Leaving]) -> str:
    """How much that is."""
    if not gone:
        return "Nothing to remove here."
    return f"{len(gone)} directories, {sum(each.size for each in gone) / (1 << 30):.1f} GiB"


def remove(store: Store, gone: Sequence[Leaving]) -> None:
    """Remove them while nothing is built.

    :raises Locked: a build runs here.
    """
    run = journal.new_id("appliances")
    with lock.hold(store.top, run, "remove old appliances", lambda text: None):
        for each in gone:
            shutil.rmtree(each.path, ignore_errors=True)


def _leaving(path: Path, what: str) -> Leaving:
    size = sum(file.stat().st_blocks * 512 for file in path.rglob("*") if file.is_file())
    return Leaving(path, what, size)
