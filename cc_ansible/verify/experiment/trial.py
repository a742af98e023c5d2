"""One experiment: who does it, with what, and what its steps have learned so far."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from cc_ansible.hardware.doni import Doni
from cc_ansible.hardware.rest import Service
from cc_ansible.verify.experiment import logins
from cc_ansible.verify.experiment.options import Options
from cc_ansible.verify.experiment.wait import Watch

if TYPE_CHECKING:
    from openstack.connection import Connection

    from cc_ansible.login.key import Key

RESERVATION, INVENTORY = "reservation", "inventory"


class Site:
    """A site as its admin asks it."""

    def __init__(self, admin: Connection, watch: Watch) -> None:
        self.admin = admin
        self.watch = watch

    @cached_property
    def system(self) -> Connection:
        """The admin for the whole system: for Ironic."""
        return logins.whole_system(self.admin)

    @cached_property
    def doni(self) -> Doni:
        return Doni(logins.cloud(self.admin))

    @cached_property
    def blazar(self) -> Service:
        return blazar(self.admin)

    def has(self, kind: str) -> bool:
        """Whether the catalogue names a service of a type."""
        from keystoneauth1.exceptions import EndpointNotFound

        config = self.admin.config
        try:
            found = self.admin.session.get_endpoint(
                service_type=kind,
                interface=config.get_interface(),
                region_name=config.get_region_name(),
            )
        except EndpointNotFound:
            return False
        return found is not None


@dataclass
class Trial:
    """Everything it makes has its ``name``. The rest is what steps have learned, empty before.

    ``node`` and ``node_name`` are the node in Ironic, ``pooled`` whether it was available there;
    ``properties`` what a reservation asks for to get it; ``vlan`` is that of the user's network,
    ``fixed_ip`` the server's address in it, ``address`` the one by which others reach it; ``said``
    how much the machine's console had said before the server.
    """

    name: str
    site: Site
    options: Options

    node: str = ""
    node_name: str = ""
    pooled: bool = False
    properties: str = ""
    flavor: str = ""
    image: str = ""
    external: str = ""
    member: Connection | None = None
    project: str = ""
    lease: str = ""
    reservation: str = ""
    network: str = ""
    vlan: int | None = None
    server: str = ""
    port: str = ""
    key: Key | None = None
    fixed_ip: str = ""
    address: str = ""
    said: int = 0

    @property
    def admin(self) -> Connection:
        return self.site.admin

    @property
    def watch(self) -> Watch:
        return self.site.watch

    @property
    def user(self) -> Connection:
        """The user whose experiment it is."""
        assert self.member is not None, "the step that makes the user comes first"
        return self.member


def blazar(connection: Connection) -> Service:
    """Blazar, as somebody."""
    return Service(logins.cloud(connection), RESERVATION, "Blazar", "enable_blazar")
