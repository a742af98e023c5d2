"""What a user does with a server that runs: switches it off and on, and makes it anew."""

from __future__ import annotations

from cc_ansible.verify.experiment import inside
from cc_ansible.verify.experiment.server import fault
from cc_ansible.verify.experiment.step import Step
from cc_ansible.verify.experiment.trial import Trial
from cc_ansible.verify.experiment.trouble import Trouble
from cc_ansible.verify.experiment.wait import NotYet

BOOT = "cat /proc/sys/kernel/random/boot_id"
MARK = "cc-verify-was-here"
VERSION = "2.92"
"""Of Nova's API. From 2.93 on it takes every server to be rebuilt for one on a volume, which Ironic
refuses (nova 33, api/openstack/compute/servers.py)."""
LOG = "Look at the log of ironic-conductor: /var/log/kolla/ironic"


class PowerCycle(Step):
    name = "switched off and on"
    carries = False

    def run(self, trial: Trial) -> str:
        watch, compute, limit = trial.watch, trial.user.compute, trial.options.limit
        before = inside.ask(trial, BOOT)
        begun = watch.clock()
        compute.stop_server(trial.server)
        watch.until("server that is off", lambda: _is(trial, "SHUTOFF", "power off"), limit, LOG)
        off = watch.clock() - begun
        compute.start_server(trial.server)
        watch.until("server that is on", lambda: _is(trial, "ACTIVE", "power on"), limit, LOG)
        after = watch.until("login by ssh", lambda: inside.ask(trial, BOOT), limit, inside.LOG)
        if after == before:
            raise Trouble("it was not switched off: it still is the same boot", fix=LOG)
        took = watch.clock() - begun - off
        return f"off after {off:.0f} s, and a login {took:.0f} s after that"


class Rebuild(Step):
    name = "rebuilt from its image"
    carries = False

    def run(self, trial: Trial) -> str:
        watch, limit = trial.watch, trial.options.limit
        inside.ask(trial, f"touch {MARK} && sync")
        begun = watch.clock()
        _rebuild(trial)
        watch.until("rebuild", lambda: _rebuilding(trial), limit, LOG)
        watch.until("rebuilt server", lambda: _is(trial, "ACTIVE", "power on"), limit, LOG)
        look = f"test ! -e {MARK} && echo new"
        watch.until("login by ssh", lambda: inside.ask(trial, look), limit, inside.LOG)
        return f"a login after {watch.clock() - begun:.0f} s, and nothing of before is there"


def _rebuild(trial: Trial) -> None:
    from openstack.exceptions import raise_from_response

    place, wish = f"/servers/{trial.server}/action", {"rebuild": {"imageRef": trial.image}}
    raise_from_response(trial.user.compute.post(place, json=wish, microversion=VERSION))


def _is(trial: Trial, status: str, power: str) -> bool | NotYet:
    """Whether Nova and Ironic agree that it is so."""
    server = trial.admin.compute.get_server(trial.server)
    if server.status == "ERROR":
        raise fault(server)
    node = trial.site.system.baremetal.get_node(trial.node)
    if server.status == status and not server.task_state and node.power_state == power:
        return True
    return NotYet(f"it is {server.status}, the node is {node.provision_state}, {node.power_state}")


def _rebuilding(trial: Trial) -> bool | NotYet:
    server = trial.admin.compute.get_server(trial.server)
    if server.status == "ERROR":
        raise fault(server)
    return True if server.status == "REBUILD" else NotYet(f"it is {server.status}")
