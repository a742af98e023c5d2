"""The build profile: where image sources come from (kolla/build/)."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from cc_ansible.paths import PROJECT

DIRECTORY = PROJECT / "kolla" / "build"
TEMPLATE_OVERRIDES = DIRECTORY / "template-overrides.j2"
CONSTRAINTS = DIRECTORY / "constraints.txt"
DOCKER_DIR = PROJECT / "kolla" / "docker"


@dataclass(frozen=True)
class Profile:
    """``sources`` maps a kolla-build source section to its requirement on PyPI, ``services`` the
    directory of an image to the packages of this project that its build context gets.
    """

    sources: dict[str, str]
    services: dict[str, tuple[str, ...]]
    toolbox_ansible: str
    toolbox_collections: tuple[str, ...]
    vendor_repositories: tuple[str, ...]

    def sources_of(self, image: str) -> dict[str, str]:
        """Sections that end up in one image: its own and its plugins'."""
        return {
            section: requirement
            for section, requirement in self.sources.items()
            if section == image or section.startswith(f"{image}-plugin-")
        }


@functools.cache
def load(path: Path = DIRECTORY / "profile.yml") -> Profile:
    import yaml

    raw = yaml.safe_load(path.read_text())
    return Profile(
        sources=raw["sources"],
        services={image: tuple(packages) for image, packages in raw["services"].items()},
        toolbox_ansible=raw["toolbox_ansible"],
        toolbox_collections=tuple(raw["toolbox_collections"]),
        vendor_repositories=tuple(raw["vendor_repositories"]),
    )
