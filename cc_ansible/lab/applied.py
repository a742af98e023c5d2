"""What the last complete `lab up` deployed, so that the next one can tell whether it still holds.

Everything a deploy of the lab depends on goes into one digest: the site config as git sees it,
the images, the containers that are the nodes, and the project's own Ansible content.
"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterable
from typing import TYPE_CHECKING

from cc_ansible.kolla import release
from cc_ansible.lab.spec import Lab
from cc_ansible.paths import PROJECT

if TYPE_CHECKING:
    from docker import DockerClient

CONTENT = ("kolla", "playbooks", "roles", "cc_ansible/kolla", "cc_ansible/site")


def fingerprint(engine: DockerClient, lab: Lab, references: Iterable[str]) -> str:
    """Digest of what a deploy would apply to the lab's present nodes."""
    parts: list[object] = [release.versions(), _site(lab)]
    parts += [engine.images.get(reference).id for reference in sorted(references)]
    parts += [engine.containers.get(node.container).id for node in lab.nodes]
    for top in CONTENT:
        for path in sorted((PROJECT / top).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                parts.append((str(path.relative_to(PROJECT)), path.read_bytes()))
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def holds(lab: Lab, fingerprint: str) -> bool:
    try:
        return (lab.home / "applied").read_text() == fingerprint
    except FileNotFoundError:
        return False


def record(lab: Lab, fingerprint: str) -> None:
    (lab.home / "applied").write_text(fingerprint)


def forget(lab: Lab) -> None:
    """Before a deploy: until it is complete, nothing is known to hold."""
    (lab.home / "applied").unlink(missing_ok=True)


def _site(lab: Lab) -> str:
    """Digest of the lab's site config: every file that is or could be committed, and .env."""
    argv = [
        "git",
        "-C",
        str(lab.site),
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    listed = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    digest = hashlib.sha256()
    for name in sorted({*listed.split("\0"), ".env"} - {""}):
        path = lab.site / name
        if path.is_file():
            digest.update(f"{name} ".encode() + path.read_bytes())
    return digest.hexdigest()
