"""Removes what checks made, by its name: our own at the end, and what killed ones left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from cc_ansible.verify import cloud
from cc_ansible.verify.experiment import names

if TYPE_CHECKING:
    from keystoneauth1.adapter import Adapter
    from openstack.connection import Connection

LIMIT = 300.0
"""Seconds that level standard may take: later its things count as left behind."""

Removal = tuple[str, Callable[[], Any]]


def new_name() -> str:
    """The beginning of the names of one verification; it says whose it is and until when."""
    return f"{names.new(LIMIT)}{names.CHECK}"


def abandoned(name: str) -> bool:
    """Whether something of this name was left by a verification that is over."""
    found = names.parse_check(name)
    return found is not None and found.abandoned()


def remove(admin: Connection, ours: Callable[[str], bool]) -> tuple[list[str], list[str]]:
    """Remove everything whose name is ours: names of what is gone, and problems with the rest."""
    gone, problems = [], []
    types = {str(entry["type"]) for entry in admin.service_catalog}
    for kind in (kind for service, kind in KINDS if service in types):
        try:
            found = [(name, act) for name, act in kind(admin) if ours(name)]
        except Exception as problem:
            problems.append(f"{kind.__name__.strip('_')}: {cloud.explain(problem).seen}")
            continue
        for name, act in found:
            try:
                act()
                gone.append(name)
            except Exception as problem:
                problems.append(f"{name}: {cloud.explain(problem).seen}")
    return list(dict.fromkeys(gone)), problems


def _servers(admin: Connection) -> Iterator[Removal]:
    for each in admin.compute.servers(all_projects=True, name="cc-verify-"):
        yield str(each.name), partial(admin.compute.delete_server, each)


def _stacks(admin: Connection) -> Iterator[Removal]:
    for each in admin.orchestration.stacks():
        yield str(each.name), partial(admin.orchestration.delete_stack, each)


def _leases(admin: Connection) -> Iterator[Removal]:
    from openstack.exceptions import raise_from_response

    reservation = cloud.adapter(admin, "reservation")
    answer = reservation.get("/leases")
    raise_from_response(answer)
    for each in answer.json()["leases"]:
        yield str(each["name"]), partial(_end_lease, reservation, each["id"])


def _end_lease(reservation: Adapter, lease_id: str) -> None:
    from openstack.exceptions import raise_from_response

    raise_from_response(reservation.delete(f"/leases/{lease_id}"))


def _routers(admin: Connection) -> Iterator[Removal]:
    for each in admin.network.routers():
        yield str(each.name), partial(remove_router, admin, each)


def remove_router(admin: Connection, router: Any) -> None:
    """Remove a router with its interfaces."""
    for port in admin.network.ports(device_id=router.id):
        admin.network.remove_interface_from_router(router, port_id=port.id)
    admin.network.delete_router(router)


def _networks(admin: Connection) -> Iterator[Removal]:
    for each in admin.network.networks():
        yield str(each.name), partial(remove_network, admin, each)


def remove_network(admin: Connection, network: Any) -> None:
    """Remove a network with the ports on it that somebody made."""
    for port in admin.network.ports(network_id=network.id):
        if not str(port.device_owner).startswith("network:"):
            admin.network.delete_port(port)
    admin.network.delete_network(network)


def _images(admin: Connection) -> Iterator[Removal]:
    glance: Any = admin.image
    for each in glance.images():
        yield str(each.name), partial(glance.delete_image, each.id)


def _flavors(admin: Connection) -> Iterator[Removal]:
    for each in admin.compute.flavors(is_public=None):
        yield str(each.name), partial(admin.compute.delete_flavor, each)


KINDS: tuple[tuple[str, Callable[[Connection], Iterator[Removal]]], ...] = (
    ("compute", _servers),
    ("orchestration", _stacks),
    ("reservation", _leases),
    ("network", _routers),
    ("network", _networks),
    ("image", _images),
    ("compute", _flavors),
)
"""Type in the catalogue and what lists things, in the order in which they can be removed."""
