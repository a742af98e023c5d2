"""The port of the switch that the node is on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cc_ansible.verify.experiment.step import Step
from cc_ansible.verify.experiment.trial import Trial
from cc_ansible.verify.experiment.trouble import NotHere, Trouble
from cc_ansible.verify.experiment.wait import SOON, NotYet

if TYPE_CHECKING:
    from openstack.network.v2.port import Port

UNBOUND = ("", "unbound", "binding_failed")
LOG = "Look at the log of neutron_server for genericswitch: /var/log/kolla/neutron"
NO_LINK = "the node's ports name no switch"


class Idle(Step):
    """Before the server: no user's network is there, nor is it after the server."""

    name = "switch port idle"
    undone = "switch port back"
    carries = False

    def run(self, trial: Trial) -> str:
        links = _links(trial)
        if not links:
            raise NotHere(NO_LINK)
        return _wait(trial, links)

    def clean_up(self, trial: Trial) -> str:
        links = _links(trial)
        return _wait(trial, links) if links else NO_LINK


class Set(Step):
    name = "switch port set"
    carries = False

    def run(self, trial: Trial) -> str:
        links = _links(trial)
        if not links:
            raise NotHere(NO_LINK)
        port = trial.watch.until("bound port", lambda: _bound(trial), SOON, LOG)
        link = _of(port, links)
        place = f"{link.get('switch_info')} {link.get('port_id')}"
        vlan = trial.watch.until("VLAN on the switch", lambda: _tagged(trial, link), SOON, LOG)
        if vlan is None:
            return f"Neutron set {place} to VLAN {trial.vlan}; the switch was not asked"
        return f"{place} is on VLAN {vlan}"


def _links(trial: Trial) -> list[dict[str, Any]]:
    """Where the cables of the node go, as Ironic knows it."""
    ports = trial.site.system.baremetal.ports(details=True, node=trial.node)
    links = [dict(port.local_link_connection or {}) for port in ports]
    return [link for link in links if link.get("port_id")]


def _wait(trial: Trial, links: list[dict[str, Any]]) -> str:
    # While the node is cleaned its port is elsewhere for some time.
    limit = trial.options.limit
    return trial.watch.until("idle port", lambda: _idle(trial, links), limit, LOG)


def _idle(trial: Trial, links: list[dict[str, Any]]) -> str | NotYet:
    ask = trial.options.switch_port_vlan
    bound = trial.admin.network.ports(**{"binding:host_id": trial.node})
    if ask is None:
        left = [port.id for port in bound if port.network_id == trial.network]
        return NotYet(f"Neutron has bound port {left[0]}") if left else "Neutron has none bound"
    said = []
    for link in links:
        switch, port = str(link.get("switch_info")), str(link["port_id"])
        vlan = ask(switch, port)
        allowed = trial.options.idle_vlans
        if vlan is not None and vlan == trial.vlan:
            return NotYet(f"{switch} {port} is on VLAN {vlan}, the user's")
        if allowed and vlan not in allowed:
            return NotYet(f"{switch} {port} is on {_vlan(vlan)}")
        said.append(f"{switch} {port} is on {_vlan(vlan)}")
    return ", ".join(said)


def _bound(trial: Trial) -> Port | NotYet:
    found = trial.admin.network.ports(device_id=trial.server, network_id=trial.network)
    port: Port | None = next(iter(found), None)
    if port is None:
        return NotYet("the server has none in its network")
    if port.binding_vif_type == "binding_failed":
        raise Trouble(
            f"Neutron could not bind port {port.id}",
            cause="No mechanism driver took the port.",
            fix=LOG,
            log=(f"binding:profile: {port.binding_profile}",),
        )
    if port.binding_vif_type in UNBOUND or port.status != "ACTIVE":
        return NotYet(f"port {port.id} is {port.status}, {port.binding_vif_type or 'unbound'}")
    return port


def _of(port: Port, links: list[dict[str, Any]]) -> dict[str, Any]:
    """The cable that a port of Neutron was bound to."""
    given = (port.binding_profile or {}).get("local_link_information") or []
    for link in given:
        same = [known for known in links if known["port_id"] == link.get("port_id")]
        if same:
            return {**same[0], **link}
    raise Trouble(
        f"port {port.id} is bound to {given or 'no port of a switch'}",
        cause="Ironic did not tell Neutron which port of the switch the node is on.",
        fix="The node needs the network interface neutron: openstack baremetal node show",
    )


def _tagged(trial: Trial, link: dict[str, Any]) -> int | NotYet | None:
    ask = trial.options.switch_port_vlan
    if ask is None:
        return None
    switch, port = str(link.get("switch_info")), str(link["port_id"])
    vlan = ask(switch, port)
    if vlan == trial.vlan:
        return vlan
    return NotYet(f"{switch} {port} is on {_vlan(vlan)}, the network on VLAN {trial.vlan}")


def _vlan(vlan: int | None) -> str:
    return "no VLAN" if vlan is None else f"VLAN {vlan}"
