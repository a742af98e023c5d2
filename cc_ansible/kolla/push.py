"""Push images to a registry, skipping those it already holds."""

from __future__ import annotations

import json
import threading
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
        if known.get(ref, {}).get("id") != image or not _still(registry, ref, known[ref]["digest"])
    }
    writing = threading.Lock()

    def send(ref: str) -> None:
        _push_one(engine, ref, registry)
        with writing:
            known[ref] = {"id": pending[ref], "digest": _digest(registry, ref)}
            scratch = memory.with_suffix(".new")
            scratch.write_text(json.dumps(known, indent=1))
            scratch.rename(memory)
        say(f"{ref} pushed")

    with ThreadPoolExecutor(PARALLEL) as pool:
        list(pool.map(send, pending))
    return list(pending)


def _still(registry: str, reference: str, digest: str | None) -> bool:
    """Whether the registry holds what was pushed; one that we cannot ask is pushed to again."""
    return digest is not None and digest == _digest(registry, reference)


def _is_loopback(registry: str) -> bool:
    return registry.startswith(("127.", "localhost:"))


def _push_one(engine: DockerClient, reference: str, registry: str) -> None:
    repository, tag = reference.rsplit(":", 1)
    target = f"{registry}/{repository}"
    engine.images.get(reference).tag(target, tag)
    try:
        # A loopback registry knows no users; elsewhere the user's own `docker login` counts.
        login: dict[str, object] = {"auth_config": {}} if _is_loopback(registry) else {}
        for line in engine.images.push(target, tag=tag, stream=True, decode=True, **login):
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
    proxies = urllib.request.ProxyHandler({} if _is_loopback(registry) else None)
    try:
        with urllib.request.build_opener(proxies).open(request, timeout=10) as answer:
            digest: str | None = answer.headers["Docker-Content-Digest"]
            return digest
    except (urllib.error.URLError, OSError):
        return None


def _read(memory: Path) -> dict[str, dict[str, str | None]]:
    try:
        return dict(json.loads(memory.read_text()))
    except (OSError, ValueError):
        return {}
