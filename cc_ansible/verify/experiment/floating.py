"""A floating IP for the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cc_ansible.verify.experiment.step import Step
from cc_ansible.verify.experiment.trial import Site, Trial
from cc_ansible.verify.experiment.trouble import NotHere, Trouble
from cc_ansible.verify.experiment.wait import SERVICES, SOON, NotYet

if TYPE_CHECKING:
    from openstack.network.v2.floating_ip import FloatingIP as Found

LOG = "Look at the log of neutron_l3_agent: /var/log/kolla/neutron"


class FloatingIp(Step):
    name = "floating IP"
    undone = "floating IP released"
    carries = False

    def run(self, trial: Trial) -> str:
        if not trial.external:
            raise NotHere("the site has no network for floating IPs")
        network = trial.user.network
        ports = list(network.ports(device_id=trial.server, network_id=trial.network))
        if not ports:
            raise Trouble("the server has no port in its network", cause="Nova made none.")
        # It has no name; sweeping finds it by its description.
        made = network.create_ip(floating_network_id=trial.external, description=trial.name)
        network.update_ip(made, port_id=ports[0].id)
        trial.watch.until("active floating IP", lambda: _active(trial, str(made.id)), SERVICES, LOG)
        trial.address = str(made.floating_ip_address)
        trial.fixed_ip = str(ports[0].fixed_ips[0]["ip_address"])
        return f"{trial.address} leads to {trial.fixed_ip}"

    def clean_up(self, trial: Trial) -> str:
        remove(trial.site, trial.name)
        return "Neutron has no floating IP of it"


def owned(site: Site, name: str) -> list[Found]:
    """The floating IPs of an experiment, or of all whose names begin so."""
    found: list[Found] = list(site.admin.network.ips())
    return [each for each in found if str(each.description or "").startswith(name)]


def remove(site: Site, name: str) -> None:
    """Release the floating IPs of an experiment.

    Raises:
        Trouble: one is still there.
    """
    site.watch.until("end of the floating IP", lambda: _gone(site, name), SOON)


def _active(trial: Trial, ip_id: str) -> bool | NotYet:
    found = trial.user.network.get_ip(ip_id)
    if found.status == "ERROR":
        raise Trouble(
            "the floating IP is in ERROR",
            cause="Neutron's L3 agent could not set it up.",
            fix=LOG,
        )
    return True if found.status == "ACTIVE" else NotYet(f"the L3 agent has it {found.status}")


def _gone(site: Site, name: str) -> bool | NotYet:
    found = owned(site, name)
    for address in found:
        site.admin.network.delete_ip(address)
    return NotYet("Neutron still has it") if found else True
