"""The fake node of an experiment: enrolled, lent from now on, and removed."""

from __future__ import annotations

import datetime
import functools
import hashlib

from cc_ansible.hardware import doni, settle, windows, wire
from cc_ansible.hardware.doni import Enrolled
from cc_ansible.hardware.spans import Span
from cc_ansible.hardware.windows import FOREVER, Change
from cc_ansible.site.model.baremetal import Port
from cc_ansible.site.model.hardware import FakeHardware
from cc_ansible.verify.experiment.options import FakeNode
from cc_ansible.verify.experiment.step import Step
from cc_ansible.verify.experiment.trial import RESERVATION, Site, Trial
from cc_ansible.verify.experiment.trouble import Trouble
from cc_ansible.verify.experiment.wait import SERVICES, Failing, NotYet

LENT_MORE = datetime.timedelta(minutes=10)
"""For how long the window is open after the lease."""

LOG = "Look at the logs of Doni's API and workers: /var/log/kolla/doni"


class Enrol(Step):
    name = "item enrolled"
    undone = "item removed"

    def run(self, trial: Trial) -> str:
        fake = trial.options.fake
        assert fake is not None, "only sites that say what to enrol get this step"
        item = _declared(trial.name, fake)
        owner = str(trial.admin.session.get_project_id() or "")
        service = trial.site.doni
        made = service.create(trial.name, wire.kind(item), wire.properties(item), owner)
        trial.node, trial.node_name = made.uuid, made.name
        return f"Doni has {made.name} ({made.uuid})"

    def clean_up(self, trial: Trial) -> str:
        remove(trial.site, trial.name)
        return f"Doni, Ironic and Blazar do not have {trial.name}"


class Window(Step):
    """An item without blackouts is always lent. One after the lease makes a window of that."""

    name = "window open"

    def run(self, trial: Trial) -> str:
        now = windows.this_minute()
        closes = now + datetime.timedelta(seconds=2 * trial.options.limit) + LENT_MORE
        blackout = Span(windows.minute(closes), FOREVER)
        service = trial.site.doni
        service.change(trial.node, doni.window_patch([Change("add", after=blackout)]))
        have = [window.span for window in service.windows([trial.node])[trial.node]]
        if have != [blackout]:
            raise Trouble(
                f"Doni has {len(have)} blackouts instead of the one that it was given",
                cause="Doni did not keep the window.",
                fix=LOG,
            )
        return f"lent until {blackout.start:%Y-%m-%d %H:%M} UTC"


class Tasks:
    """Whether Doni's workers are done with an item."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self._failing = Failing(trial.watch.clock)

    def look(self) -> Enrolled | NotYet:
        """The item once it is steady.

        Raises:
            Trouble: a worker goes on failing, or the item is gone.
        """
        found = _called(self._trial.site, self._trial.name)
        if not found:
            raise Trouble(
                f"Doni does not have {self._trial.name} any more",
                cause="Somebody else removed it.",
            )
        troubles = settle.troubles(found[0])
        errors = [trouble for trouble in troubles if trouble.kind == "error"]
        if self._failing.too_long(bool(errors)):
            worst = errors[0]
            raise Trouble(
                f"Doni's worker {worst.worker} fails",
                cause=worst.reason,
                fix=LOG,
                log=tuple(f"{each.worker}: {each.reason}" for each in errors),
            )
        if troubles:
            return NotYet("; ".join(f"{each.worker}: {each.reason}" for each in troubles))
        return found[0]


def remove(site: Site, name: str) -> None:
    """Remove the items of an experiment, and wait until no service has them.

    Raises:
        Trouble: one is still there.
    """
    seen: set[str] = set()
    look = functools.partial(_removed, site, name, seen)
    site.watch.until(f"end of {name}", look, SERVICES, LOG)


def _called(site: Site, name: str) -> list[Enrolled]:
    return [item for item in site.doni.hardware() if item.name == name]


def _removed(site: Site, name: str, seen: set[str]) -> bool | NotYet:
    """``seen`` are the items whose ends it waits for."""
    for item in _called(site, name):
        if item.uuid not in seen:
            site.doni.retire(item.uuid)
            seen.add(item.uuid)
    for uuid in seen:
        if isinstance(left := _gone(site, uuid), NotYet):
            return left
    return True


def _gone(site: Site, uuid: str) -> bool | NotYet:
    from openstack.exceptions import NotFoundException

    left = next((item for item in site.doni.hardware() if item.uuid == uuid), None)
    if left is not None:
        said = [f"{each.worker}: {each.reason}" for each in settle.troubles(left)]
        return NotYet("; ".join(said) or "Doni still has it")
    hosts = site.blazar.get("/os-hosts", "hosts")["hosts"] if site.has(RESERVATION) else []
    if any(host.get("hypervisor_hostname") == uuid for host in hosts):
        return NotYet("Blazar still has the host")
    try:
        node = site.system.baremetal.get_node(uuid)
    except NotFoundException:
        return True
    return NotYet(f"Ironic still has the node ({node.provision_state})")


def _declared(name: str, fake: FakeNode) -> FakeHardware:
    place = fake.switch_port
    ports = []
    if place is not None:
        port = Port(
            name="eno1",
            mac=_mac(name),
            switch=place.switch,
            port=place.port,
            switch_id=place.switch_id,
            physical_network=place.physical_network,
        )
        ports.append(port)
    return FakeHardware(name=name, node_type=fake.node_type, ports=ports)


def _mac(name: str) -> str:
    """A MAC address that nobody else has: local, and of this experiment."""
    digits = hashlib.sha256(name.encode()).hexdigest()[:10]
    return ":".join(["06", *(digits[place : place + 2] for place in range(0, 10, 2))])
