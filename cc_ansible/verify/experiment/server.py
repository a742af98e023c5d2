"""The user's server on the leased node."""

from __future__ import annotations

import functools
from collections import Counter
from typing import TYPE_CHECKING, Any

from cc_ansible.errors import CcError
from cc_ansible.hardware import diagnosis, nodes
from cc_ansible.hardware.rest import moment
from cc_ansible.verify.experiment import logins
from cc_ansible.verify.experiment.names import ALONE
from cc_ansible.verify.experiment.pool import node_trouble
from cc_ansible.verify.experiment.step import Said, Step
from cc_ansible.verify.experiment.trial import Site, Trial
from cc_ansible.verify.experiment.trouble import NotHere, Trouble
from cc_ansible.verify.experiment.wait import SERVICES, SOON, NotYet

if TYPE_CHECKING:
    from openstack.compute.v2.server import Server as Found

NO_HOST = "No valid host"
ASKED = 3
"""How often Nova is asked to delete a server that is in ERROR all the same."""
CONSOLE_LINES = 20
LOG = "Look at the logs of Nova's scheduler and compute service: /var/log/kolla/nova"


class Alone(Step):
    """Without a reservation nobody gets a node that can be reserved."""

    name = "no server without a reservation"
    undone = "server without a reservation removed"

    def run(self, trial: Trial) -> str:
        if not trial.options.fake and (node := _unlent(trial)):
            # Nova would deploy on a machine of the site that is not for experiments.
            raise NotHere(f"not tried: Nova might take {node}, which nobody needs to reserve")
        made = trial.user.compute.create_server(
            name=trial.name + ALONE,
            flavor_id=trial.flavor,
            image_id=trial.image,
            networks="none",
        )
        look = functools.partial(_refused, trial, str(made.id))
        said = trial.watch.until("refusal of the server", look, SERVICES, LOG)
        # Where it got a node that nobody can reserve, it shall not be deployed for nothing.
        self.clean_up(trial)
        return said

    def clean_up(self, trial: Trial) -> str:
        remove(trial.site, trial.name + ALONE, trial.options.limit)
        return "Nova has none"


class Server(Step):
    name = "server on the leased node"
    undone = "server deleted"

    def run(self, trial: Trial) -> str:
        if trial.options.beside:
            trial.said = len(trial.options.beside(trial.node_name).console)
        made = trial.user.compute.create_server(
            name=trial.name,
            flavor_id=trial.flavor,
            image_id=trial.image,
            networks=[{"uuid": trial.network}],
            scheduler_hints={"reservation": trial.reservation},
            **({"key_name": trial.name} if trial.key else {}),
        )
        trial.server = str(made.id)
        node = trial.watch.until("node for the server", lambda: _placed(trial), SERVICES, LOG)
        if node != trial.node:
            raise Trouble(
                f"it landed on {node}, not on {trial.node_name} ({trial.node})",
                cause="Nova does not keep to reservations of single nodes.",
                fix=LOG,
            )
        return f"server {trial.server} is on {trial.node_name}"

    def clean_up(self, trial: Trial) -> str:
        remove(trial.site, trial.name, trial.options.limit)
        return "Nova has no server of it"


class Active(Step):
    name = "server active"

    def run(self, trial: Trial) -> str:
        begun = trial.watch.clock()
        try:
            trial.watch.until("active server", lambda: _active(trial), trial.options.limit, LOG)
        except Trouble as trouble:
            raise _with_console(trial, trouble) from None
        return f"after {trial.watch.clock() - begun:.0f} s more"


class Console(Step):
    name = "console"
    carries = False

    def run(self, trial: Trial) -> str | Said:
        if trial.options.beside:
            seen = trial.options.beside(trial.node_name)
            return Said(
                "screen and serial console of the machine", _last(seen.console), seen.screen
            )
        node = trial.site.system.baremetal.get_node(trial.node)
        kind = str(node.console_interface or "no-console")
        if kind == "no-console":
            raise NotHere("the node has no console")
        what = "novnc" if "graphical" in kind else "serial"
        make = trial.user.compute.create_server_remote_console

        def look() -> str | NotYet:
            url = str(make(trial.server, type=what).url or "")
            return url if "://" in url else NotYet("Nova gives no URL")

        url = trial.watch.until("URL of the console", look, SOON)
        # What follows is the token that opens it.
        return f"{what}: {url.partition('?')[0]}"


def _with_console(trial: Trial, trouble: Trouble) -> Trouble:
    """The same with what the machine said and shows, where somebody can see that."""
    if not trial.options.beside:
        return trouble
    seen = trial.options.beside(trial.node_name)
    said = _last(seen.console[trial.said :]) or ("nothing: it has not come so far",)
    return Trouble(
        trouble.detail,
        cause=trouble.cause,
        fix=trouble.fix,
        log=(*trouble.log, f"console of {trial.node_name} since then:", *said),
        picture=seen.screen,
    )


def _last(console: str) -> tuple[str, ...]:
    return tuple(console.splitlines()[-CONSOLE_LINES:])


def remove(site: Site, name: str, seconds: float) -> None:
    """Delete the servers of an experiment; a machine may take ``seconds`` to be torn down.

    Raises:
        Trouble: one is still there.
    """
    asked: Counter[str] = Counter()
    look = functools.partial(_gone, site, name, asked)
    site.watch.until("end of the server", look, seconds, LOG)


def fault(server: Found) -> Trouble:
    """What Nova says of a server that failed."""
    said: dict[str, Any] = server.fault or {}
    cause = str(said.get("message") or "Nova does not say why.")
    log = tuple(str(said.get("details") or "").strip().splitlines()[-10:])
    return Trouble(f"the server is {server.status}", cause=cause, fix=LOG, log=log)


def _unlent(trial: Trial) -> str:
    """A node that Nova may give to anybody, as Blazar does not have it; empty for none."""
    hosts = trial.site.blazar.get("/os-hosts", "hosts")["hosts"]
    reserved = {str(host.get("hypervisor_hostname")) for host in hosts}
    for node in trial.site.system.baremetal.nodes(provision_state="available"):
        if node.id not in reserved and not node.is_maintenance:
            return str(node.name or node.id)
    return ""


def _refused(trial: Trial, server_id: str) -> str | NotYet:
    server = trial.admin.compute.get_server(server_id)
    node = str(server.hypervisor_hostname or "")
    if node:
        hosts = trial.site.blazar.get("/os-hosts", "hosts")["hosts"]
        if any(host.get("hypervisor_hostname") == node for host in hosts):
            raise Trouble(
                f"it got node {node}, which users have to reserve",
                cause="Nova's scheduler does not ask Blazar.",
                fix="See that BlazarFilter is among enabled_filters in nova.conf of the scheduler.",
            )
        return f"it got node {node}, which nobody can reserve"
    if server.status != "ERROR":
        return NotYet(f"it is {server.status}")
    if NO_HOST not in str((server.fault or {}).get("message")):
        raise fault(server)
    return "Nova finds no valid host for it"


def _placed(trial: Trial) -> str | NotYet:
    server = trial.admin.compute.get_server(trial.server)
    if server.status == "ERROR":
        raise fault(server)
    return str(server.hypervisor_hostname or "") or NotYet("Nova has chosen none")


def _active(trial: Trial) -> bool | NotYet:
    server = trial.admin.compute.get_server(trial.server)
    if server.status == "ACTIVE":
        return True
    node = trial.site.system.baremetal.get_node(trial.node)
    # Ironic knows why before Nova does, and better.
    trouble = node_trouble(node)
    if server.status == "ERROR":
        raise trouble or _why(trial, server)
    if trouble:
        raise trouble
    return NotYet(f"it is {server.status}, the node is {node.provision_state}")


def _why(trial: Trial, server: Found) -> Trouble:
    """What Nova says of a server that failed, and what Ironic remembers of its node since."""
    found = fault(server)
    begun = moment(server.created_at)
    try:
        known = nodes.mishaps(logins.cloud(trial.site.system), trial.node)
    except CcError:
        return found
    since = [mishap for mishap in known if mishap.at >= begun]
    if not since:
        return found
    text = since[-1].text
    why = diagnosis.of(text)
    # Nova's own lines say only that it has tried.
    log = (f"Ironic, {since[-1].during}: {text}",)
    return Trouble(found.detail, cause=why.cause or text, fix=why.fix, log=log)


def _gone(site: Site, name: str, asked: Counter[str]) -> bool | NotYet:
    compute = site.admin.compute
    # The API takes a regular expression.
    found = [each for each in compute.servers(all_projects=True, name=name) if each.name == name]
    for server in found:
        # A build that fails at that moment makes Nova forget that it was to delete it.
        forgotten = server.status == "ERROR" and not server.task_state
        if asked[server.id] and not forgotten:
            continue
        if asked[server.id] == ASKED:
            raise fault(server)
        compute.delete_server(server)
        asked[server.id] += 1
    return NotYet(f"it is {found[0].status}, {found[0].task_state}") if found else True
