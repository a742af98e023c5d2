"""An image goes up, comes back the same, and goes away."""

from __future__ import annotations

import contextlib
import hashlib
import secrets
from collections.abc import Iterator
from typing import Any

from cc_ansible.verify.check import Failed, Trouble
from cc_ansible.verify.standard.ground import Ground

SIZE = 1 << 20
SECONDS = 60


@contextlib.contextmanager
def made(ground: Ground, what: str, data: bytes) -> Iterator[Any]:
    """An image with this content; removed afterwards."""
    image = ground.admin.image.create_image(
        name=f"{ground.name}-{what}",
        data=data,
        disk_format="raw",
        container_format="bare",
        visibility="private",
        wait=True,
        timeout=SECONDS,
    )
    glance: Any = ground.admin.image
    try:
        yield glance.get_image(image.id)
    finally:
        glance.delete_image(image.id)


def image(ground: Ground) -> str:
    """Glance keeps what it is given, as its checksum and a download say."""
    data = secrets.token_bytes(SIZE)
    with made(ground, "image", data) as kept:
        algorithm = kept.hash_algo or "sha512"
        if kept.hash_value and kept.hash_value != hashlib.new(algorithm, data).hexdigest():
            raise _spoiled("its checksum is not that of what was uploaded")
        glance: Any = ground.admin.image
        back = glance.download_image(kept.id)
        if getattr(back, "content", back) != data:
            raise _spoiled("what comes back is not what was uploaded")
    return f"{SIZE >> 20} MiB up and down, {algorithm} agrees"


def _spoiled(text: str) -> Failed:
    cause = "Glance's store spoils data: a full or broken disk, or stores that differ by host."
    fix = "See check of disks, and the volume glance or glance_file_datadir_volume."
    return Failed(Trouble(text, cause, fix))
