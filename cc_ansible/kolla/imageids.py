"""The ids that published images have in Glance; the roles that upload them say the same."""

from __future__ import annotations

import functools
import runpy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cc_ansible.paths import PROJECT

FILTERS = PROJECT / "plugins" / "filter" / "cc_cloud.py"
PUBLISHED = "published_images"
"""The variable that `appliance publish` writes."""
APPLIANCE, ARCH = "cc_appliance", "architecture"
"""Properties of published images."""


def of_appliance(published: Sequence[Mapping[str, Any]], name: str, arch: str) -> dict[str, str]:
    """Ids of the images of an appliance for an architecture, by the file that each is made of.

    A disk is ``image.qcow2``, a deploy ramdisk ``image.kernel`` and ``image.initramfs``.
    """
    mine = [
        each
        for each in published
        if (each.get("properties") or {}).get(APPLIANCE) == name
        and (each.get("properties") or {}).get(ARCH) == arch
    ]
    return {str(each["file"]).rpartition("/")[2]: _id_of()(mine, each["name"]) for each in mine}


@functools.cache
def _id_of() -> Callable[[Any, Any], str]:
    """Loaded as Ansible loads it."""
    found: Callable[[Any, Any], str] = runpy.run_path(str(FILTERS))["images"].image_id_of
    return found
