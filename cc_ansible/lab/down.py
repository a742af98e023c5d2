"""Stop a lab, keeping its data, or remove every trace of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING

from cc_ansible.engine import base_image
from cc_ansible.lab import images, links, network
from cc_ansible.lab.spec import LABEL, Lab
from cc_ansible.paths import site_state_dir, state_dir

if TYPE_CHECKING:
    from docker import DockerClient

STOP_SECONDS = 60


def stop(engine: DockerClient, lab: Lab, say: Callable[[str], None]) -> list[str]:
    """Stop every container of the lab, keeping its data; returns their names."""
    stopped = []
    for container in engine.containers.list(filters={"label": f"{LABEL}={lab.name}"}):
        say(f"stopping {container.name}")
        container.stop(timeout=STOP_SECONDS)
        stopped.append(str(container.name))
    return stopped


def destroy(
    engine: DockerClient, lab: Lab, say: Callable[[str], None], *, with_images: bool = False
) -> None:
    """Remove containers, volumes, network and state of the lab; with ``with_images`` also
    the images and sources that were made for it."""
    for container in engine.containers.list(all=True, filters={"label": f"{LABEL}={lab.name}"}):
        say(f"removing {container.name}")
        container.remove(force=True, v=True)
    for volume in engine.volumes.list():
        if volume.name in {lab.registry_container, *(node.container for node in lab.nodes)}:
            volume.remove()
    links.block(engine, lab)
    network.remove(engine, lab)
    shutil.rmtree(site_state_dir(lab.site), ignore_errors=True)
    shutil.rmtree(lab.home, ignore_errors=True)
    if with_images:
        _remove_images(engine, say)


def _remove_images(engine: DockerClient, say: Callable[[str], None]) -> None:
    say("removing images")
    made_here = ("kolla/", "cc-ansible/")
    for image in engine.images.list():
        for tag in image.tags:
            if tag.startswith(made_here):
                engine.images.remove(tag, force=True)
    engine.images.prune(filters={"dangling": True, "label": base_image.INPUTS_LABEL})
    engine.images.prune(filters={"dangling": True})
    for name in ("build", "sources"):
        shutil.rmtree(state_dir() / name, ignore_errors=True)


def leftovers(engine: DockerClient, lab: Lab) -> list[str]:
    """What of the lab still exists on this machine, for those who want to be sure."""
    label: dict[str, str | list[str] | bool] = {"label": f"{LABEL}={lab.name}"}
    found = [f"container {c.name}" for c in engine.containers.list(all=True, filters=label)]
    found += [f"network {n.name}" for n in engine.networks.list(filters=label)]
    found += [f"volume {v.name}" for v in engine.volumes.list() if v.name.startswith(lab.name)]
    found += [f"image {i}" for i in images.ALL if engine.images.list(name=i)]
    return found
