"""A network of a user with all its parts."""

from __future__ import annotations

from cc_ansible.verify.check import Failed, Trouble
from cc_ansible.verify.standard import leftovers
from cc_ansible.verify.standard.ground import Ground

CIDR = "192.168.98.0/24"


def network(ground: Ground) -> str:
    """Network, subnet, router and port are made, and removed in the end."""
    from openstack.exceptions import HttpException

    neutron, name = ground.admin.network, f"{ground.name}-network"
    try:
        made = neutron.create_network(name=name)
    except HttpException as problem:
        if problem.status_code != 503:
            raise
        cause = "Neutron has no VLAN left to give to a new network."
        fix = "Give it more in `on_demand_vlan_ranges` of neutron_networks, or remove old networks."
        raise Failed(Trouble(str(problem.details or problem), cause, fix)) from None
    try:
        subnet = neutron.create_subnet(
            network_id=made.id, name=name, ip_version=4, cidr=CIDR, enable_dhcp=False
        )
        port = neutron.create_port(network_id=made.id, name=name)
        if not any(str(ip["subnet_id"]) == subnet.id for ip in port.fixed_ips):
            text = "the port has no address of its subnet"
            raise Failed(Trouble(text, "Neutron gives no addresses.", "See its log."))
        router = neutron.create_router(name=name)
        try:
            neutron.add_interface_to_router(router, subnet_id=subnet.id)
        finally:
            leftovers.remove_router(ground.admin, router)
        kind = made.provider_network_type or "of unknown type"
        vlan = f" {made.provider_segmentation_id}" if made.provider_segmentation_id else ""
    finally:
        leftovers.remove_network(ground.admin, made)
    return f"network ({kind}{vlan}), subnet, router and port made and removed"
