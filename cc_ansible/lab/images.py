"""Images of the lab itself: nodes, machines, registry and switch, built from the base image."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from cc_ansible.engine import base_image
from cc_ansible.engine.docker import RUNTIME
from cc_ansible.errors import RunFailed

if TYPE_CHECKING:
    from docker import DockerClient

HERE = Path(__file__).parent
NODE = "cc-ansible/lab-node:latest"
REGISTRY = "cc-ansible/lab-registry:latest"
SWITCH = "cc-ansible/lab-switch:latest"
MACHINE = "cc-ansible/lab-machine:latest"
ALL = (NODE, REGISTRY, SWITCH, MACHINE)


def ensure_node(engine: DockerClient) -> bool:
    """Build the node image unless it is up to date; True when it was built."""
    return _ensure(engine, NODE, [*(HERE / "node").iterdir(), RUNTIME])


def ensure_registry(engine: DockerClient) -> bool:
    return _ensure(engine, REGISTRY, list((HERE / "registry_image").iterdir()))


def ensure_switch(engine: DockerClient) -> bool:
    return _ensure(engine, SWITCH, list((HERE / "switch_image").iterdir()))


def ensure_machine(engine: DockerClient) -> bool:
    return _ensure(engine, MACHINE, list((HERE / "machine_image").iterdir()))


def _ensure(engine: DockerClient, tag: str, files: list[Path]) -> bool:
    from docker.errors import BuildError, ImageNotFound

    base = engine.images.get(base_image.IMAGE)
    parts = [str(base.id), *((path.name, path.read_bytes()) for path in sorted(files))]
    inputs = hashlib.sha256(repr(parts).encode()).hexdigest()
    try:
        if engine.images.get(tag).labels.get(base_image.INPUTS_LABEL) == inputs:
            return False
    except ImageNotFound:
        pass
    with tempfile.TemporaryDirectory(prefix="cc-ansible-image-") as context:
        for path in files:
            shutil.copy(path, context)
        try:
            engine.images.build(
                path=context,
                tag=tag,
                buildargs={"BASE": base_image.IMAGE},
                labels={base_image.INPUTS_LABEL: inputs},
                network_mode="host",
                rm=True,
                forcerm=True,
            )
        except BuildError as error:
            words = [str(entry.get("stream", entry.get("error", ""))) for entry in error.build_log]
            tail = "".join(words).strip().splitlines()[-8:]
            raise RunFailed(f"{tag} failed to build", detail="\n".join(tail)) from error
    return True
