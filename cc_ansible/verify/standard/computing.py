"""Nova as far as it goes without a machine: flavors that fit, and a request nobody can fulfil."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from cc_ansible.verify import cloud
from cc_ansible.verify.check import Failed, Skipped, Trouble
from cc_ansible.verify.standard import storage
from cc_ansible.verify.standard.ground import Ground, until

CUSTOM = "resources:CUSTOM_"
IMPOSSIBLE = 100_000_000
"""More virtual CPUs than any host has; every Placement knows the class."""
SECONDS = 60.0


def flavors(ground: Ground) -> str:
    """Flavors for bare metal are there, and Placement can say which nodes they fit."""
    ground.require("baremetal", "Ironic")
    seen = []
    placement = cloud.adapter(ground.admin, "placement")
    for flavor in ground.admin.compute.flavors(get_extra_specs=True):
        asked = {key: value for key, value in flavor.extra_specs.items() if key.startswith(CUSTOM)}
        if not asked:
            continue
        amounts = ",".join(f"{key.removeprefix('resources:')}:{n}" for key, n in asked.items())
        answer = placement.get(
            f"/allocation_candidates?resources={amounts}&limit=1000", microversion="1.29"
        )
        if answer.status_code == 400:
            # Placement learns a class from the first node that has it.
            seen.append(f"{flavor.name}: no such node yet")
            continue
        answer.raise_for_status()
        seen.append(f"{flavor.name}: {len(answer.json()['allocation_requests'])} nodes free")
    if not seen:
        cause = "No flavor asks for a resource class of bare metal, so users can start nothing."
        raise Failed(Trouble("no flavor for bare metal", cause, "`cc-ansible post-deploy`"))
    return ", ".join(seen)


def server(ground: Ground) -> str:
    """A server that fits nowhere ends in NoValidHost: API, conductor, scheduler, Placement work."""
    ground.require("compute", "Nova")
    with storage.made(ground, "server", b"\0" * 512) as image, _flavor(ground) as flavor:
        server = ground.admin.compute.create_server(
            name=f"{ground.name}-server", image_id=image.id, flavor_id=flavor.id, networks="none"
        )
        try:
            fault = until("decided by the scheduler", lambda: _fault(ground, server), SECONDS, FIX)
        finally:
            ground.admin.compute.delete_server(server)
            until("removed", lambda: _gone(ground, server), SECONDS, FIX)
    if "No valid host" not in fault:
        cause = "Nova fails before its scheduler has looked for a host."
        raise Failed(Trouble(fault, cause, FIX))
    return "an impossible server ends in NoValidHost"


FIX = "See agents of Nova, check RabbitMQ, and logs of nova-conductor and nova-scheduler."


@contextlib.contextmanager
def _flavor(ground: Ground) -> Iterator[Any]:
    nova = ground.admin.compute
    flavor = nova.create_flavor(
        name=f"{ground.name}-flavor", ram=1, vcpus=1, disk=1, is_public=False
    )
    try:
        nova.create_flavor_extra_specs(flavor, {"resources:VCPU": str(IMPOSSIBLE)})
        yield flavor
    finally:
        nova.delete_flavor(flavor)


def _fault(ground: Ground, server: Any) -> str | None:
    """What a server's fault says; None while it is being built."""
    seen = ground.admin.compute.get_server(server)
    if seen.status == "ACTIVE":
        raise Skipped("a host took it: the site has one of endless size")
    if seen.status != "ERROR":
        return None
    return str((seen.fault or {}).get("message", "it ended in ERROR without a reason"))


def _gone(ground: Ground, server: Any) -> bool | None:
    found = ground.admin.compute.find_server(server.id, ignore_missing=True)
    return True if found is None else None
