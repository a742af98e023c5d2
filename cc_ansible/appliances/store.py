"""What was built, kept by key: archives of stages, and finished images.

    stages/KEY/    root.tar.zst, stage.json
    images/TITLE/KEY/    image.qcow2 (or image.kernel and image.initramfs) and what is said of it
    images/TITLE/latest  the key of the last one
    logs/          what the last build of each stage said
    cache/N/       downloads of builds
    new/           what is being made; nothing in there outlives a build

A directory gets its name when it is complete, so what has a key is whole.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cc_ansible.errors import CcError
from cc_ansible.paths import state_dir
from cc_ansible.runs.files import write_json

if TYPE_CHECKING:
    from cc_ansible.appliances.stages import Stage

DISK = "image.qcow2"
RAMDISK = ("image.kernel", "image.initramfs")
TREE = "root.tar.zst"
LATEST = "latest"
TESTS = "tests.json"


@dataclass(frozen=True)
class Built:
    """A finished image. ``about`` is what build.json says: inputs, digests, times."""

    title: str
    directory: Path
    about: Mapping[str, Any]

    @property
    def key(self) -> str:
        """What it was built from."""
        return self.directory.name

    @property
    def made(self) -> float:
        """When, in seconds since 1970."""
        return float(self.about["made"])

    @property
    def version(self) -> str:
        """What tells images of the same appliance apart."""
        return str(self.about["version"])

    @property
    def tested(self) -> str:
        """``passed``, ``failed``, or ``-`` for never."""
        try:
            said = json.loads((self.directory / TESTS).read_text())
        except (OSError, ValueError):
            return "-"
        return "passed" if said["passed"] else "failed"

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        about = {key: value for key, value in self.about.items() if key != "stages"}
        files = [str(path) for path in self.files]
        return {**about, "directory": str(self.directory), "files": files, "tested": self.tested}

    def lines(self) -> Iterator[str]:
        """For people: where it is, how large, how long it took."""
        for path in self.files:
            yield f"  {path}  {path.stat().st_size / (1 << 20):.0f} MiB"
        took = ", ".join(f"{name} {value:.0f} s" for name, value in self.about["seconds"].items())
        yield f"  version {self.version}, built in: {took}; tested: {self.tested}"

    @property
    def files(self) -> tuple[Path, ...]:
        """The disk, or kernel and ramdisk."""
        names = (DISK,) if (self.directory / DISK).exists() else RAMDISK
        return tuple(self.directory / name for name in names)


class Store:
    """The directory of everything that was built on this machine."""

    def __init__(self, top: Path | None = None) -> None:
        self.top = top or state_dir() / "appliances"

    def stage(self, stage: Stage) -> Path | None:
        """The archive of a stage; None when it has to be made."""
        return self.tree(stage.key)

    def tree(self, key: str) -> Path | None:
        """The archive of the stage with a key; None when it is not here."""
        file = self.top / "stages" / key / TREE
        return file if file.is_file() else None

    def keep_stage(self, stage: Stage, made: Path) -> Path:
        """Put a stage that was made in ``made`` in its place."""
        write_json(made / "stage.json", {"inputs": stage.inputs, "made": time.time()})
        return self._keep(made, self.top / "stages" / stage.key) / TREE

    def image(self, title: str, key: str) -> Built | None:
        """A finished image; None when it has to be made."""
        directory = self.top / "images" / title / key
        return _read(title, directory)

    def latest(self, title: str) -> Built | None:
        """The image that was built last for an appliance and architecture."""
        link = self.top / "images" / title / LATEST
        return _read(title, link.parent / link.readlink()) if link.is_symlink() else None

    def images(self, title: str) -> list[Built]:
        """All images of an appliance and architecture, the newest first."""
        found = [
            built
            for directory in (self.top / "images" / title).glob("*")
            if not directory.is_symlink() and (built := _read(title, directory))
        ]
        return sorted(found, key=lambda built: built.made, reverse=True)

    def titles(self) -> list[str]:
        """Every appliance and architecture of which something was built."""
        return sorted(path.name for path in (self.top / "images").glob("*"))

    def stages(self) -> list[Path]:
        """The directories of all stages."""
        return sorted((self.top / "stages").glob("*"))

    def keep_image(self, title: str, key: str, made: Path) -> Built:
        """Put an image that was made in ``made`` in its place; it is the latest from then on."""
        built = _read(title, self._keep(made, self.top / "images" / title / key))
        assert built
        return self.make_latest(built)

    def make_latest(self, built: Built) -> Built:
        """Have an image be the one that tests and publishing take."""
        home = built.directory.parent
        scratch = home / f".{LATEST}"
        scratch.unlink(missing_ok=True)
        scratch.symlink_to(built.key)
        scratch.replace(home / LATEST)
        return built

    def as_of(self, distro: str, release: str) -> str:
        """When packages of a distribution were last asked for anew; empty for never."""
        file = self.top / "as-of" / f"{distro}-{release}"
        return file.read_text().strip() if file.exists() else ""

    def refresh(self, distro: str, release: str, moment: str) -> None:
        """Have everything that starts from a distribution be built anew, with newer packages."""
        file = self.top / "as-of" / f"{distro}-{release}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{moment}\n")

    @contextlib.contextmanager
    def new(self) -> Iterator[Path]:
        """A directory to make something in; it is gone at the end, unless it was kept."""
        parent = self.top / "new"
        parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=parent))
        try:
            yield made
        finally:
            shutil.rmtree(made, ignore_errors=True)

    def sweep(self) -> None:
        """Remove what a killed build left behind; only under the lock."""
        shutil.rmtree(self.top / "new", ignore_errors=True)

    def log(self, stage: Stage) -> Path:
        """The file for what a build of a stage says; it replaces that of the one before."""
        directory = self.top / "logs"
        directory.mkdir(parents=True, exist_ok=True)
        return directory / f"{stage.appliance}-{stage.arch}-{stage.kind}.log"

    def cache(self, slot: int) -> Path:
        """A directory for downloads that one build at a time uses."""
        directory = self.top / "cache" / str(slot)
        directory.mkdir(parents=True, exist_ok=True)
        return directory

    def require_room(self, needed: int) -> None:
        """Refuse to begin what cannot be finished.

        :raises CcError: fewer than ``needed`` bytes are free.
        """
        self.top.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self.top).free
        if free < needed:
            raise CcError(
                f"There is no room for images in {self.top}.",
                detail=f"{free / (1 << 30):.1f} GiB are free, {needed / (1 << 30):.1f} are needed.",
                fix="Remove old ones: cc-ansible appliance prune --local",
            )

    def _keep(self, made: Path, target: Path) -> Path:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(target, ignore_errors=True)
        made.chmod(0o755)
        made.rename(target)
        return target


def _read(title: str, directory: Path) -> Built | None:
    try:
        return Built(title, directory, json.loads((directory / "build.json").read_text()))
    except (OSError, ValueError):
        return None
