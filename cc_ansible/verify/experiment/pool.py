"""The node where users' requests look for it, and back there when the experiment is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cc_ansible.hardware import diagnosis, nodes
from cc_ansible.hardware.blazar import OF_DONI
from cc_ansible.verify.experiment import item
from cc_ansible.verify.experiment.lease import pinned
from cc_ansible.verify.experiment.step import Step
from cc_ansible.verify.experiment.trial import Trial
from cc_ansible.verify.experiment.trouble import NotHere, Trouble
from cc_ansible.verify.experiment.wait import SERVICES, NotYet

if TYPE_CHECKING:
    from openstack.baremetal.v1.node import Node

OFF = "power off"
IRONIC = "Look at the log of ironic-conductor: /var/log/kolla/ironic"
NOVA = "Look at the log of nova-compute, which asks Ironic for nodes: /var/log/kolla/nova"


class InIronic(Step):
    name = "node available in Ironic"
    undone = "node back in the pool"

    def run(self, trial: Trial) -> str:
        tasks = item.Tasks(trial) if trial.options.fake else None
        trial.watch.until("available node", lambda: _available(trial, tasks), SERVICES, IRONIC)
        trial.pooled = True
        return f"{trial.node_name} is available"

    def clean_up(self, trial: Trial) -> str:
        if not trial.pooled:
            raise NotHere("it never was there")
        # Cleaning may take as long as the whole experiment.
        trial.watch.until("node in the pool", lambda: _idle(trial), trial.options.limit, IRONIC)
        return f"{trial.node_name} is available, without server, ports, allocations and aggregates"


class InNova(Step):
    name = "node known to Nova"

    def run(self, trial: Trial) -> str:
        found = trial.watch.until("resource in Placement", lambda: _offered(trial), SERVICES, NOVA)
        trial.watch.until("hypervisor in Nova", lambda: _hypervisor(trial), SERVICES, NOVA)
        return f"Placement offers {found}, Nova has the hypervisor"


class InBlazar(Step):
    name = "host in Blazar"

    def run(self, trial: Trial) -> str:
        # Its worker may wait some time yet, as Nova did not know the node before.
        trial.site.doni.sync(trial.node)
        tasks = item.Tasks(trial)
        host = trial.watch.until("host in Blazar", lambda: _host(trial, tasks), SERVICES, item.LOG)
        trial.properties = pinned(host)
        return f"host {host['id']}, with the blackout after its window"


def node_trouble(node: Node) -> Trouble | None:
    """What keeps a node from going on by itself; None when nothing does."""
    seen = nodes.of(node.to_dict(original_names=True))
    if not seen.trouble:
        return None
    found = diagnosis.of(f"{seen.trouble} {seen.reason}")
    reason = seen.reason or "Ironic does not say why."
    log = (f"Ironic: {reason}",) if found.cause else ()
    cause = found.cause or reason
    return Trouble(f"node {seen.name} is {seen.shown}", cause=cause, fix=found.fix, log=log)


def _node(trial: Trial) -> Node | NotYet:
    from openstack.exceptions import NotFoundException

    try:
        node: Node = trial.site.system.baremetal.get_node(trial.node)
    except NotFoundException:
        return NotYet("Ironic does not have it")
    if trouble := node_trouble(node):
        raise trouble
    return node


def _available(trial: Trial, tasks: item.Tasks | None) -> bool | NotYet:
    node = _node(trial)
    if isinstance(node, NotYet) or node.provision_state != "available":
        # Doni's worker knows more about why.
        doubts = tasks.look() if tasks else None
        if isinstance(doubts, NotYet):
            return doubts
        return node if isinstance(node, NotYet) else NotYet(f"it is {node.provision_state}")
    if trial.options.fake and node.power_state != OFF:
        # A fake node has no power state until it gets one, and Nova keeps away from such nodes.
        trial.site.system.baremetal.set_node_power_state(node, OFF)
        return NotYet("it is being switched off")
    return True


def _offered(trial: Trial) -> str | NotYet:
    """The resource class that Placement offers of the node."""
    found = _placement(trial, "inventories")
    if found is None:
        return NotYet("Placement does not know the node")
    ours = {name: kept for name, kept in found.items() if name.startswith("CUSTOM_")}
    if not ours:
        return NotYet("Placement knows no resource class of it")
    name, kept = next(iter(ours.items()))
    if kept["reserved"] >= kept["total"]:
        return NotYet("Nova keeps away from it: it is not available, or has no power state")
    return name


def _placement(trial: Trial, noun: str) -> dict[str, Any] | None:
    """What Placement has of the node; None when it does not know the node."""
    from openstack.exceptions import raise_from_response

    answer = trial.admin.placement.get(f"/resource_providers/{trial.node}/{noun}")
    if answer.status_code == 404:
        return None
    raise_from_response(answer)
    found: dict[str, Any] = answer.json()[noun]
    return found


def _hypervisor(trial: Trial) -> bool | NotYet:
    known = {found.name for found in trial.admin.compute.hypervisors()}
    return True if trial.node in known else NotYet("Nova does not list it")


def _host(trial: Trial, tasks: item.Tasks) -> dict[str, Any] | NotYet:
    doubts = tasks.look()
    if isinstance(doubts, NotYet):
        return doubts
    service = trial.site.blazar
    hosts = service.get("/os-hosts", "hosts")["hosts"]
    host = next((each for each in hosts if each.get("hypervisor_hostname") == trial.node), None)
    if host is None:
        return NotYet("Blazar does not have it")
    for lease in service.get("/leases", "leases")["leases"]:
        ours = str(lease["name"]).startswith(OF_DONI)
        if ours and trial.node in str(lease["reservations"][0].get("resource_properties")):
            return dict(host)
    return NotYet("Blazar has no lease for the blackout")


def _idle(trial: Trial) -> bool | NotYet:
    node = _node(trial)
    if isinstance(node, NotYet):
        return node
    if node.instance_id or node.provision_state != "available":
        server = f", with server {node.instance_id}" if node.instance_id else ""
        return NotYet(f"it is {node.provision_state}{server}")
    if found := _placement(trial, "allocations"):
        return NotYet(f"Placement has allocations for {', '.join(found)}")
    ports = [port.id for port in trial.admin.network.ports(**{"binding:host_id": trial.node})]
    if ports:
        return NotYet(f"Neutron has ports for it: {', '.join(ports)}")
    left = [found.name for found in trial.admin.compute.aggregates() if _ours(trial, found)]
    if left:
        return NotYet(f"Nova has aggregates for it: {', '.join(left)}")
    return True


def _ours(trial: Trial, aggregate: Any) -> bool:
    """Blazar's own plugin calls the aggregate of a reservation by the id of that."""
    said = f"{aggregate.name} {aggregate.metadata}"
    return any(word and word in said for word in (trial.reservation, trial.lease))
