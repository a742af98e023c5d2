"""The packages in ``services/``, as they go into build contexts of images."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from cc_ansible.kolla import profile as build_profile
from cc_ansible.kolla.profile import Profile
from cc_ansible.paths import PROJECT

DIRECTORY = PROJECT / "services"
LEFT_OUT = ("tests", "__pycache__", "*.egg-info", "build")


def docker_dir(profile: Profile, target: Path) -> Path:
    """Our image files, each package beside them in the context of its image; fills ``target``."""
    shutil.copytree(build_profile.DOCKER_DIR, target)
    for image, packages in profile.services.items():
        for package in packages:
            shutil.copytree(
                DIRECTORY / package,
                target / image / package,
                ignore=shutil.ignore_patterns(*LEFT_OUT),
            )
    return target


def files() -> Iterator[tuple[str, Path]]:
    """Every file that may go into an image, by its name below ``services/``, in order."""
    for path in sorted(DIRECTORY.rglob("*")):
        inside = path.relative_to(DIRECTORY)
        left_out = any(Path(part).match(name) for part in inside.parts for name in LEFT_OUT)
        if path.is_file() and not left_out:
            yield str(inside), path
