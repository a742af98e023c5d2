"""Filters by which roles cloud_* find out what differs between a cloud and its site."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

# Ansible loads plugins as single files; what ours share is a package beside them.
sys.path.append(str(Path(__file__).resolve().parents[1] / "lib"))

from cc_cloud_plan import flavors, identity, images, networks, reservable


def network_plan(
    entries: Any,
    state: Any,
    provisioning: Any,
    router: str = networks.ROUTER,
    prune: bool = False,
) -> dict[str, Any]:
    """What to do about networks; see :func:`cc_cloud_plan.networks.plan`."""
    return networks.plan(entries, state, provisioning, router, prune=prune).plain()


def flavor_plan(wanted: Any, state: Any, prune: bool = False) -> dict[str, Any]:
    """What to do about flavors; see :func:`cc_cloud_plan.flavors.plan`."""
    return flavors.plan(wanted, state, prune=prune).plain()


def image_plan(
    wanted: Any,
    state: Any,
    digests: Any,
    protected: Any = (),
    prune: bool = False,
    keep: int = 0,
) -> dict[str, Any]:
    """What to do about images; see :func:`cc_cloud_plan.images.plan`."""
    return images.plan(wanted, state, digests, protected, prune=prune, keep=keep).plain()


def identity_plan(wanted: Any, state: Any, prune: bool = False) -> dict[str, Any]:
    """What to do about projects and users; see :func:`cc_cloud_plan.identity.plan`."""
    return identity.plan(wanted, state, prune=prune).plain()


class FilterModule:
    """The filters, by the names that templates use."""

    def filters(self) -> dict[str, Any]:
        return {
            "cc_network_plan": network_plan,
            "cc_networks_in_question": networks.in_question,
            "cc_flavor_plan": flavor_plan,
            "cc_image_plan": image_plan,
            "cc_identity_plan": identity_plan,
            "cc_holders": identity.holders,
            "cc_logins": identity.logins,
            "cc_credentials": identity.credentials,
            "cc_credential_owners": identity.owners,
            "cc_image_id": images.image_id_of,
            "cc_reservable": reservable.reservable,
        }
