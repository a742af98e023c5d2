"""What judges look at: the hosts, what the site runs on them, and where the site says so."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from cc_ansible.errors import Origin
from cc_ansible.online.facts import Address, Container, Host, address

if TYPE_CHECKING:
    from cc_ansible.kolla.images import Service
    from cc_ansible.kolla.prechecks import Listener
    from cc_ansible.online.devices import Device
    from cc_ansible.online.registry import Answer
    from cc_ansible.site.subject import Subject

MANAGED = "baremetal"
"""The group of all hosts that Kolla-Ansible puts containers on."""


@dataclass(frozen=True)
class View:
    """The arguments of every judge."""

    subject: Subject
    hosts: Mapping[str, Host]
    services: Sequence[Service] = ()
    listeners: Sequence[Listener] = ()
    container_names: frozenset[str] = frozenset()
    registry: Mapping[str, Answer] = field(default_factory=dict)
    """Image reference -> what its registry says."""
    devices: Sequence[Device] = ()
    now: datetime.datetime = field(default_factory=lambda: datetime.datetime.now(datetime.UTC))

    @property
    def seen(self) -> Iterator[Host]:
        """Hosts that could be looked at and that Kolla-Ansible manages."""
        return (host for host in self.hosts.values() if host.facts and MANAGED in host.groups)

    def seen_in(self, group: str) -> list[Host]:
        """Those of :attr:`seen` in a group."""
        return [host for host in self.seen if group in host.groups]

    def runs(self, host: Host, *containers: str) -> bool:
        """Whether the site runs one of these containers on a host."""
        return any(host.name in self._hosts_of.get(container, ()) for container in containers)

    def hosts_of(self, container: str) -> frozenset[str]:
        """The hosts on which the site runs a container."""
        return frozenset(self._hosts_of.get(container, ()))

    def origin(self, variable: str, host: Host | None = None) -> Origin | None:
        """Where the site sets a variable; None where Kolla-Ansible's default holds."""
        name = host.name if host else None
        found = self.subject.values.raw(variable, name)
        written = found and found.origin.file.is_relative_to(self.subject.survey.path)
        return found.origin if found and written else None

    def listed(self, host: Host) -> Origin | None:
        """Where the inventory lists a host."""
        return self.subject.survey.places.host(host.name)

    @cached_property
    def _hosts_of(self) -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = {}
        for service in self.services:
            found.setdefault(service.container, set()).update(service.hosts)
        return found


def api_address(host: Host) -> Address | None:
    """The address of a host's API interface that Kolla-Ansible uses: the first of its family."""
    interface = host.interface("api_interface")
    vips = {address(host.want(name)) for name in VIPS}
    found = interface.of_family(host.want("api_family")) if interface else []
    return next((each.ip for each in found if each.ip not in vips), found[0].ip if found else None)


def container(host: Host, name: str) -> Container | None:
    """A container of a host by its name."""
    found = host.facts.containers if host.facts else []
    return next((each for each in found if each.name == name), None)


VIPS = ("kolla_internal_vip_address", "kolla_external_vip_address")
