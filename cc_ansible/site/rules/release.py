"""Rules about which images run: release, distribution, registry, tags."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from cc_ansible.site.facts import facts
from cc_ansible.site.findings import Finding, error, warning
from cc_ansible.site.subject import Subject

RELEASE_MISMATCH = error("release-mismatch", "The release is the one this version deploys")
OTHER_DISTRO = warning("other-distro", "Images are of the distribution that is built here")
TEST_IMAGES = error("test-images", "A site runs no images that are meant for tests")

RELEASE, TAG, DISTRO = "openstack_release", "openstack_tag", "kolla_base_distro"
_TAGGED = re.compile(r"(?P<release>\d{4}\.\d|master|[a-z]+(?=-(?:centos|debian|rocky|ubuntu)))\b")


def releases(subject: Subject) -> Iterator[Finding]:
    """Another release than the pinned one, in its own setting or in the tag of images."""
    asked = facts(subject)
    pinned = str(_project(subject, RELEASE))
    if (origin := asked.written(RELEASE)) and str(asked.value(RELEASE) or pinned) != pinned:
        yield RELEASE_MISMATCH.broken(
            f"{RELEASE} is {asked.value(RELEASE)}, but this version deploys {pinned}.",
            origin,
            fix="Remove the line; the release comes with the version of cc-ansible.",
        )
    tag = _TAGGED.match(str(asked.value(TAG) or ""))
    if (origin := asked.written(TAG)) and tag and tag["release"] != pinned:
        yield RELEASE_MISMATCH.broken(
            f"{TAG} names images of {tag['release']}, but this version deploys {pinned}.",
            origin,
            fix=f"Use images of {pinned}, or remove the line.",
        )


def distributions(subject: Subject) -> Iterator[Finding]:
    """Another distribution than the one whose images this project builds."""
    asked = facts(subject)
    built, chosen = _project(subject, DISTRO), asked.value(DISTRO)
    if (origin := asked.written(DISTRO)) and chosen in ("centos", "rocky", "ubuntu"):
        yield OTHER_DISTRO.broken(
            f"cc-ansible builds images of {built}, not of {chosen}.",
            origin,
            detail="Hosts may run another distribution than the containers on them.",
            fix=f"Remove the line, or be sure that your registry has images of {chosen}.",
        )


def registries(subject: Subject) -> Iterator[Finding]:
    """Kolla's own images on quay.io, which its prechecks refuse."""
    asked = facts(subject)
    place = (asked.value("docker_registry"), asked.value("docker_namespace"))
    if place == ("quay.io", "openstack.kolla"):
        yield TEST_IMAGES.broken(
            "quay.io/openstack.kolla holds images that are for tests only.",
            asked.place("docker_namespace", "docker_registry"),
            fix="Build images with `cc-ansible build`, and set `docker_registry` to your registry.",
        )


def _project(subject: Subject, name: str) -> Any:
    """What the project's own layer says."""
    for source in subject.survey.sources:
        if not source.of_site and name in source.document.value:
            return source.document.value[name]
    return None
