"""Which images a site needs, and building them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cc_ansible.engine import base_image
from cc_ansible.kolla import images, variables, workspace
from cc_ansible.kolla.build import Build

if TYPE_CHECKING:
    from docker import DockerClient

    from cc_ansible.site.load import Site


def needed(site: Site) -> list[str]:
    """Names of the images that the site's enabled services run.

    Raises:
        SiteInvalid: the site's variables cannot be evaluated.
    """
    with workspace.assemble(site, "images", {}) as space:
        return images.image_names(images.enabled_services(*variables.effective(space)))


def build(
    site: Site, engine: DockerClient, say: Callable[[str], None], only: tuple[str, ...] = ()
) -> tuple[Build, list[str]]:
    """Build what the site needs (or ``only`` these); returns the build and what was made."""
    base_image.ensure(engine, say)
    settings = site.settings()
    job = Build(engine, list(only) or needed(site), str(settings["openstack_tag"]), say)
    return job, job.run()
