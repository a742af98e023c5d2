"""A node of the site that nobody has, nor gets while the experiment lasts."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from cc_ansible.hardware.rest import moment
from cc_ansible.verify.experiment.lease import ends_at, pinned
from cc_ansible.verify.experiment.options import Options
from cc_ansible.verify.experiment.step import Step
from cc_ansible.verify.experiment.trial import Trial
from cc_ansible.verify.experiment.trouble import Trouble

Host = Mapping[str, Any]

EVERYBODY = "all"
"""``authorized_projects`` of a host that was reserved for some before, and is not any more."""


class Choose(Step):
    """Windows are leases of Doni: a host without any lease now is one that is lent and free."""

    name = "node chosen"

    def run(self, trial: Trial) -> str:
        service = trial.site.blazar
        hosts = service.get("/os-hosts", "hosts")["hosts"]
        wanted = [host for host in hosts if fits(host, trial.options)]
        if not wanted:
            kinds = sorted({str(host.get("node_type")) for host in hosts if host.get("node_type")})
            raise Trouble(
                "no reservable node is what was asked for",
                cause=f"Blazar has {len(hosts)} hosts, of type {', '.join(kinds) or 'none'}.",
                fix="Name another node or type, or enrol such nodes: cc-ansible hardware apply",
            )
        allocations = service.get("/os-hosts/allocations", "allocations")["allocations"]
        until = ends_at(trial.options.limit)
        reasons = []
        for host in wanted:
            reason = taken(host, allocations, until) or _unfit(trial, host)
            if not reason:
                trial.node, trial.node_name = str(host["hypervisor_hostname"]), called(host)
                trial.properties = pinned(host)
                return f"{trial.node_name} ({trial.node})"
            reasons.append(f"{called(host)}: {reason}")
        raise Trouble(
            f"none of {len(wanted)} nodes is free",
            cause=f"Each is taken until {until:%Y-%m-%d %H:%M} UTC, or cannot be used.",
            fix="Name another node or type, or wait.",
            log=tuple(reasons),
        )


def fits(host: Host, options: Options) -> bool:
    """Whether the admin lets an experiment have a host, and the host a project of ours."""
    if options.node_type and host.get("node_type") != options.node_type:
        return False
    names = {called(host), str(host["hypervisor_hostname"])}
    if options.items and not names & set(options.items):
        return False
    return str(host.get("authorized_projects", EVERYBODY)) == EVERYBODY


def taken(host: Host, allocations: Iterable[Mapping[str, Any]], until: datetime.datetime) -> str:
    """Why a host cannot be reserved from now on; empty when it can."""
    now = datetime.datetime.now(datetime.UTC)
    for allocation in allocations:
        if str(allocation["resource_id"]) != str(host["id"]):
            continue
        for reservation in allocation["reservations"]:
            start, end = (moment(reservation[key]) for key in ("start_date", "end_date"))
            if start < until and end > now:
                return f"it is taken from {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC"
    return ""


def called(host: Host) -> str:
    """What people call a host."""
    return str(host.get("node_name") or host["hypervisor_hostname"])


def _unfit(trial: Trial, host: Host) -> str:
    from openstack.exceptions import NotFoundException

    try:
        node = trial.site.system.baremetal.get_node(str(host["hypervisor_hostname"]))
    except NotFoundException:
        return "Ironic does not have it"
    if node.is_maintenance:
        return f"it is in maintenance: {node.maintenance_reason or 'no reason given'}"
    if node.instance_id or node.provision_state != "available":
        return f"it is {node.provision_state}"
    return ""
