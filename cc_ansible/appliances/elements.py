"""Elements of diskimage-builder: where they are, what they need, and a digest of what they are."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from cc_ansible.errors import CcError
from cc_ansible.kolla import known
from cc_ansible.paths import PROJECT

OWN = PROJECT / "images" / "elements"
"""Those of CHI-in-a-Box."""
DIB, AGENT = known.element_directories()
PACKAGES = ("diskimage-builder", "ironic-python-agent-builder")
"""Packages that bring elements; their versions stand for the content of these."""


@dataclass(frozen=True)
class Elements:
    """Directories of elements, the first one wins, as in ELEMENTS_PATH."""

    directories: tuple[Path, ...]

    @property
    def path(self) -> str:
        """ELEMENTS_PATH for diskimage-builder, which adds its own elements at the end."""
        return os.pathsep.join(map(str, self.directories))

    def expand(self, names: Sequence[str]) -> dict[str, Path]:
        """The directories of elements and of all that they depend on, by name.

        :raises CcError: one depends on what is not there, or they do not go together.
        """
        from diskimage_builder import element_dependencies as dib

        try:
            found = dib.get_elements(list(names), f"{self.path}{os.pathsep}{DIB}")
        except dib.MissingElementException as problem:
            raise CcError(
                f"An element depends on one that is not there: {problem}.",
                fix="Correct its element-deps, or add the element to images/elements.",
            ) from None
        except dib.MissingOSException:
            raise CcError(
                f"No system to start from is among {', '.join(names)}.",
                fix="One element must provide `operating-system`.",
            ) from None
        except dib.AlreadyProvidedException as problem:
            raise CcError(
                "Two elements provide the same thing.", detail=str(problem), fix="Remove one."
            ) from None
        return {name: Path(path) for name, path in sorted(found)}

    def digests(self, names: Sequence[str]) -> dict[str, str]:
        """What each of the elements, with all that they depend on, is now.

        Those of packages are as their package is, so their version says it.

        :raises CcError: as :meth:`expand`.
        """
        packaged = dict(zip((str(DIB), str(AGENT)), PACKAGES, strict=True))
        found = {}
        for name, path in self.expand(names).items():
            package = packaged.get(str(path.parent))
            found[name] = f"{package} {version(package)}" if package else tree_digest(path)
        return found


def elements(site: Path | None) -> Elements:
    """Those of a site, then ours, then those of the deploy ramdisk's builder."""
    own = [site / "images" / "elements"] if site else []
    return Elements(tuple(path for path in (*own, OWN, AGENT) if path.is_dir()))


def tree_digest(top: Path) -> str:
    """SHA-256 of the names, modes and contents of a directory's files."""
    digest = hashlib.sha256()
    for path in sorted(top.rglob("*")):
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode) or "__pycache__" in path.parts:
            continue
        content = str(path.readlink()).encode() if stat.S_ISLNK(mode) else path.read_bytes()
        executable = bool(mode & stat.S_IXUSR)
        name = path.relative_to(top).as_posix()
        digest.update(f"{name}\0{stat.S_IFMT(mode)}\0{executable}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
