"""Push images to a registry, skipping those it already holds."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from cc_ansible.errors import RunFailed

if TYPE_CHECKING:
    from docker import DockerClient

MANIFESTS = (
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
)
PARALLEL = 2


def push(
    engine: DockerClient,
    references: Iterable[str],
    registry: str,
    memory: Path,
    say: Callable[[str], None],
) -> list[str]:
    """Push ``references`` (name:tag, no registry) to ``registry``; returns what was sent.

    ``memory`` remembers which image has which digest in this registry, so that an image that
    the registry still holds is not sent again.

    Raises:
        RunFailed: the registry refuses an image.
    """
    known = _read(memory)
    wanted = {ref: str(engine.images.get(ref).id) for ref in references}
    pending = {
        ref: image
        for ref, image in wanted.items()
        if known.get(ref, {}).get("id") != image or known[ref]["digest"] != _digest(registry, ref)
    }

    def send(ref: str) -> None:
        _push_one(engine, ref, registry)
        known[ref] = {"id": pending[ref], "digest": _digest(registry, ref)}
        memory.write_text(json.dumps(known, indent=1))
        say(f"{ref} pushed")

    with ThreadPoolExecutor(PARALLEL) as pool:
        list(pool.map(send, pending))
    return list(pending)


def holds(registry: str, reference: str) -> bool:
    """Whether a registry that speaks plain HTTP has an image."""
    return _digest(registry, reference) is not None


def _push_one(engine: DockerClient, reference: str, registry: str) -> None:
    repository, tag = reference.rsplit(":", 1)
    target = f"{registry}/{repository}"
    engine.images.get(reference).tag(target, tag)
    try:
        for line in engine.images.push(target, tag=tag, stream=True, decode=True, auth_config={}):
            if error := line.get("error"):
                raise RunFailed(
                    f"{reference} could not be pushed to {registry}: {error}",
                    fix="check that the registry runs and has disk space, then run it again",
                )
    finally:
        engine.images.remove(f"{target}:{tag}", noprune=True)


def _digest(registry: str, reference: str) -> str | None:
    repository, tag = reference.rsplit(":", 1)
    request = urllib.request.Request(
        f"http://{registry}/v2/{repository}/manifests/{tag}",
        method="HEAD",
        headers={"Accept": ", ".join(MANIFESTS)},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return str(answer.headers["Docker-Content-Digest"])
    except (urllib.error.URLError, OSError):
        return None


def _read(memory: Path) -> dict[str, dict[str, str | None]]:
    try:
        return dict(json.loads(memory.read_text()))
    except (OSError, ValueError):
        return {}
