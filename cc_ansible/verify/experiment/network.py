"""The user's own network, on a VLAN, with a way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cc_ansible.verify.experiment.step import Step
from cc_ansible.verify.experiment.trial import Site, Trial
from cc_ansible.verify.experiment.trouble import Trouble
from cc_ansible.verify.experiment.wait import SOON, NotYet

if TYPE_CHECKING:
    from openstack.network.v2._proxy import Proxy

LOG = "Look at the log of neutron_server: /var/log/kolla/neutron"
CIDR = "192.168.97.0/24"
FIRST_HALF = {"start": "192.168.97.10", "end": "192.168.97.126"}
SECOND_HALF = {"start": "192.168.97.129", "end": "192.168.97.254"}
"""For a server beside another one's, whose address it must not happen to have as well."""
INTERFACE, DHCP = "network:router_interface", "network:dhcp"


class Network(Step):
    name = "tenant network on a VLAN"
    undone = "tenant network removed"

    def __init__(self, pool: dict[str, str] = FIRST_HALF) -> None:
        self._pool = pool

    def run(self, trial: Trial) -> str:
        network = trial.user.network
        made = network.create_network(name=trial.name)
        trial.network = str(made.id)
        # Only an admin sees what a network stands on.
        seen = trial.admin.network.get_network(made.id)
        if seen.provider_network_type != "vlan":
            raise Trouble(
                f"the network is of type {seen.provider_network_type}",
                cause="Neutron does not make VLAN networks for users.",
                fix="Set neutron_tenant_network_types: vlan in defaults.yml, then: "
                "cc-ansible reconfigure --tags neutron",
            )
        trial.vlan = int(seen.provider_segmentation_id)
        subnet = network.create_subnet(
            network_id=made.id,
            name=trial.name,
            ip_version=4,
            cidr=CIDR,
            allocation_pools=[self._pool],
        )
        said = f"VLAN {trial.vlan} of {seen.provider_physical_network}"
        if not trial.external:
            return said
        gateway = {"network_id": trial.external}
        router = network.create_router(name=trial.name, external_gateway_info=gateway)
        network.add_interface_to_router(router, subnet_id=subnet.id)
        return f"{said}, routed to {trial.options.external_network}"

    def clean_up(self, trial: Trial) -> str:
        remove(trial.site, trial.name)
        return "Neutron has no network and no router of it"


def remove(site: Site, name: str) -> None:
    """Remove the networks and routers of an experiment.

    Raises:
        Trouble: something holds one of them.
    """
    site.watch.until("end of the network", lambda: _gone(site.admin.network, name), SOON, LOG)


def _gone(network: Proxy, name: str) -> bool | NotYet:
    # What holds a network goes first; a refusal for something that still goes is asked again.
    for router in list(network.routers(name=name)):
        for port in list(network.ports(device_id=router.id, device_owner=INTERFACE)):
            network.remove_interface_from_router(router, port_id=port.id)
        network.delete_router(router)
    for made in list(network.networks(name=name)):
        for port in list(network.ports(network_id=made.id)):
            if port.device_owner != DHCP:
                network.delete_port(port)
        network.delete_network(made)
    left: list[Any] = [*network.routers(name=name), *network.networks(name=name)]
    return NotYet("Neutron still has it") if left else True
