"""The rule about the images with which Ironic deploys machines."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from cc_ansible.site.facts import facts
from cc_ansible.site.findings import Finding, error
from cc_ansible.site.names import nearest
from cc_ansible.site.subject import Subject
from cc_ansible.site.values import Unknown, is_template

UNKNOWN_IMAGE = error("unknown-deploy-image", "Ironic deploys with images that there are")

IMAGES = "cloud_images"
PUBLISHED = "published_images"
SETTINGS = ("ironic_deploy_kernel", "ironic_deploy_ramdisk")


def named(subject: Subject) -> Iterator[Finding]:
    """Deploy images that are neither in ``cloud_images``, nor an id in Glance, nor a URL."""
    names = _names(subject)
    if names is None or facts(subject).off("enable_ironic"):
        return
    for setting in SETTINGS:
        yield from _missing(subject, setting, (), facts(subject).value(setting), names)
        by_arch = facts(subject).value(f"{setting}_by_arch")
        for arch, image in by_arch.items() if isinstance(by_arch, dict) else ():
            yield from _missing(subject, f"{setting}_by_arch", (arch,), image, names)


def _missing(
    subject: Subject, setting: str, path: tuple[str, ...], image: Any, names: set[str]
) -> Iterator[Finding]:
    text = str(image or "")
    if not text or is_template(text) or "://" in text or _is_id(text) or text in names:
        return
    close = nearest(text, names)
    yield UNKNOWN_IMAGE.broken(
        f"{setting} names the image {text}, which {IMAGES} does not have.",
        subject.values.origin(setting, *path),
        detail="Ironic would be left without it.",
        fix=f"Did you mean `{close}`?"
        if close
        else f"Add it to {IMAGES}, or write the id of an image in Glance.",
    )


def _names(subject: Subject) -> set[str] | None:
    """Images that post-deploy uploads; None where they cannot all be told."""
    try:
        images = [image for each in (PUBLISHED, IMAGES) for image in subject.values.get(each) or []]
        return {str(image["name"]) for image in images}
    except (Unknown, KeyError, TypeError):
        return None


def _is_id(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
