"""Fetch what goes into the images: source releases and Ansible collections, from PyPI."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

from cc_ansible.kolla.profile import CONSTRAINTS, Profile
from cc_ansible.paths import VENV_BIN
from cc_ansible.runs.process import check


def fetch(
    requirements: Iterable[str], directory: Path, say: Callable[[str], None]
) -> dict[str, Path]:
    """Download source releases that are not there yet; returns requirement -> archive.

    Each release is kept in a directory named after its requirement, filled in one rename,
    so an interrupted download is simply fetched again.

    Raises:
        RunFailed: pip cannot get one of them.
    """
    archives = {}
    for requirement in sorted(set(requirements)):
        home = directory / requirement
        if not home.is_dir():
            say(f"downloading {requirement}")
            _download(requirement, home, "--no-build-isolation", "--no-binary", ":all:")
        archives[requirement] = next(iter(home.iterdir()))
    return archives


def collections(profile: Profile, directory: Path, say: Callable[[str], None]) -> Path:
    """The directory of Ansible collections that kolla-toolbox gets; fetched once."""
    wheel = directory / profile.toolbox_ansible
    target = directory / f"collections-{profile.toolbox_ansible}" / "collections"
    if target.is_dir():
        return target
    say(f"downloading {profile.toolbox_ansible} for its collections")
    if not wheel.is_dir():
        _download(
            profile.toolbox_ansible, wheel, "--only-binary", ":all:", "--ignore-requires-python"
        )
    wanted = tuple(
        f"ansible_collections/{name.replace('.', '/')}/" for name in profile.toolbox_collections
    )
    with tempfile.TemporaryDirectory(dir=directory) as scratch:
        with zipfile.ZipFile(next(wheel.iterdir())) as archive:
            members = [name for name in archive.namelist() if name.startswith(wanted)]
            archive.extractall(Path(scratch, "out", "collections"), members)
        Path(scratch, "out").rename(target.parent)
    return target


def constraints(directory: Path) -> Path:
    """A directory that holds upper-constraints.txt, as Kolla's templates expect it."""
    home = directory / "requirements"
    home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(CONSTRAINTS, home / "upper-constraints.txt")
    return home


def _download(requirement: str, home: Path, *options: str) -> None:
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent) as scratch:
        target = Path(scratch, "download")
        pip = [str(VENV_BIN / "python"), "-m", "pip", "download", "--quiet"]
        check([*pip, "--no-deps", *options, "--dest", str(target), requirement])
        target.rename(home)
