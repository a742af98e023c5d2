"""The lab's container registry: images are pushed from here and pulled by the nodes."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

from cc_ansible.errors import RunFailed
from cc_ansible.lab import images
from cc_ansible.lab.spec import REGISTRY_PORT, Lab

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container


def ensure(engine: DockerClient, lab: Lab) -> bool:
    """Make the registry run; True when something had to be done."""
    from docker.errors import NotFound

    try:
        container = engine.containers.get(lab.registry_container)
    except NotFound:
        container = _create(engine, lab)
    done = container.status != "running"
    container.start()
    network = engine.networks.get(lab.name)
    container.reload()
    if lab.name not in container.attrs["NetworkSettings"]["Networks"]:
        network.connect(container, ipv4_address=lab.registry_address)
        done = True
    _wait(endpoint(engine, lab))
    return done


def endpoint(engine: DockerClient, lab: Lab) -> str:
    """Where this machine pushes to. Docker trusts loopback registries without TLS."""
    container = engine.containers.get(lab.registry_container)
    binding = container.attrs["NetworkSettings"]["Ports"][f"{REGISTRY_PORT}/tcp"][0]
    return f"127.0.0.1:{binding['HostPort']}"


def _create(engine: DockerClient, lab: Lab) -> Container:
    return engine.containers.create(
        images.REGISTRY,
        name=lab.registry_container,
        hostname="registry",
        labels=lab.labels,
        ports={f"{REGISTRY_PORT}/tcp": ("127.0.0.1", 0)},
        volumes={lab.registry_container: {"bind": "/var/lib/registry", "mode": "rw"}},
    )


def _wait(address: str, seconds: int = 30) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            direct.open(f"http://{address}/v2/", timeout=2).close()
            return
        except (urllib.error.URLError, OSError) as error:
            if time.monotonic() > deadline:
                raise RunFailed(
                    f"the lab's registry does not answer at {address}", detail=str(error)
                ) from error
            time.sleep(0.2)
