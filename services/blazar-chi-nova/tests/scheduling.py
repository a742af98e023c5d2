"""What Nova's scheduler asks a filter, with Nova's own objects."""

from __future__ import annotations

import pathlib
import uuid
from typing import Any

import nova.conf
from nova import objects
from nova.scheduler import filters, host_manager

objects.register_all()
CONF = nova.conf.CONF
PATH = "blazar_chi_nova.node_filter.NodeReservationFilter"
CONFIGURATION = """
[filter_scheduler]
available_filters = {path}
enabled_filters = NodeReservationFilter
[blazar_chi]
auth_type = password
auth_url = {keystone}/v3
username = nova
password = secret
project_name = service
user_domain_id = default
project_domain_id = default
region_name = RegionOne
timeout = 2
{more}
"""


def configure(file: pathlib.Path, keystone: str, more: str = "") -> None:
    """Have Nova read a configuration."""
    CONF.reset()
    file.write_text(CONFIGURATION.format(path=PATH, keystone=keystone, more=more))
    CONF([], project="nova", default_config_files=[str(file)])


def host(node: str, kind: str = "ironic") -> host_manager.HostState:
    """A node, as the scheduler sees it: all those of Ironic are of one compute service."""
    state = host_manager.HostState(
        "ironic-compute" if kind == "ironic" else node, node, str(uuid.uuid4())
    )
    state.hypervisor_type = kind
    return state


def request(
    project: str = "p1",
    hints: dict[str, Any] | None = None,
    extra_specs: dict[str, str] | None = None,
    **more: Any,
) -> objects.RequestSpec:
    """What a user wants."""
    spec = objects.RequestSpec(
        project_id=project,
        instance_uuid=str(uuid.uuid4()),
        flavor=objects.Flavor(extra_specs=extra_specs or {}),
        force_hosts=None,
        force_nodes=None,
        **more,
    )
    spec._from_hints(hints or {})
    return spec


class Scheduler:
    """The part of the scheduler that runs filters; it loads this one as it loads any."""

    def __init__(self) -> None:
        self._handler = filters.HostFilterHandler()
        (found,) = self._handler.get_matching_classes(CONF.filter_scheduler.available_filters)
        assert found.__name__ in CONF.filter_scheduler.enabled_filters
        self._filters = [found()]

    def choose(
        self, hosts: list[host_manager.HostState], spec: objects.RequestSpec, servers: int = 1
    ) -> set[str]:
        """The names of nodes that are left for so many servers of one request."""
        for index in range(servers):
            hosts = self._handler.get_filtered_objects(self._filters, hosts, spec, index)
        return {host.nodename for host in hosts}
