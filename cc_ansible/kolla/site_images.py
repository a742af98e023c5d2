"""Which images a site needs, and building them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from cc_ansible.engine import base_image
from cc_ansible.errors import SiteInvalid
from cc_ansible.kolla import images, variables, workspace
from cc_ansible.kolla import push as pusher
from cc_ansible.kolla.build import Build

if TYPE_CHECKING:
    from docker import DockerClient

    from cc_ansible.site.load import Site


def needed(site: Site) -> list[str]:
    """Names of the images that the site's enabled services run.

    Raises:
        SiteInvalid: the site's variables cannot be evaluated.
    """
    with workspace.assemble(site, {}) as space:
        said, groups = variables.effective(space)
        return images.image_names(images.enabled_services(said, groups, space.tree))


def build(
    site: Site, engine: DockerClient, say: Callable[[str], None], only: Sequence[str] = ()
) -> tuple[Build, list[str]]:
    """Build what the site needs (or ``only`` these); returns the build and what was made."""
    base_image.ensure(engine, say)
    settings = site.settings()
    job = Build(engine, list(only) or needed(site), str(settings["openstack_tag"]), say)
    return job, job.run()


def push(site: Site, job: Build, say: Callable[[str], None]) -> list[str]:
    """Push a build's images to the registry that the site names; returns what was sent.

    Raises:
        SiteInvalid: the site names no registry.
        RunFailed: the registry refuses an image.
    """
    registry = str(site.settings().get("docker_registry") or "")
    if not registry:
        raise SiteInvalid(
            "the site names no registry to push to",
            fix=f"set docker_registry in {site.path / 'defaults.yml'}",
        )
    site.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    references = [job.reference(name) for name in job.names]
    return pusher.push(job.engine, references, registry, site.state_dir / "pushed.json", say)
