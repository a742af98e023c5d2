"""A user's experiment in the lab: on one of its machines, or on a node without hardware."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cc_ansible.engine import docker
from cc_ansible.errors import CcError
from cc_ansible.lab import hands, metal, spec, switch
from cc_ansible.lab.site import IMAGE
from cc_ansible.lab.spec import Lab
from cc_ansible.verify.experiment import Beside, FakeNode, Options, SwitchPort

if TYPE_CHECKING:
    from docker import DockerClient

ON_TWO = 3600.0
"""Seconds for an experiment that emulated machines are deployed for four times."""
DARK = b""
"""The screen of a machine that is off, or cannot be looked at."""


def options(site: Path, *, fake: bool) -> Options:
    """How it is done; a node without hardware, where the lab has no machine, is enrolled for it.

    A site config that is not that of this machine's lab has neither switch nor machines.
    """
    lab = spec.load()
    if lab is None or lab.site.resolve() != site:
        return Options(image=IMAGE, fake=FakeNode())
    here, engine = lab, docker.client()
    seen = Options(
        image=metal.IMAGE,
        switch_port_vlan=lambda _, name: switch.port_vlan(engine, here, name),
        idle_vlans=frozenset({spec.DEFAULT_VLAN}),
    )
    if here.machines and not fake:
        return _on_machine(seen, engine, here)
    port = SwitchPort(spec.SWITCH, here.machine_ports[-1], spec.SWITCH_ID, spec.TENANT_NETWORK)
    return replace(seen, image=IMAGE, fake=FakeNode(port))


def _on_machine(seen: Options, engine: DockerClient, lab: Lab) -> Options:
    machines = {machine.name: machine for machine in lab.metal}

    def beside(name: str) -> Beside:
        seen = Beside(DARK, "")
        with contextlib.suppress(CcError):
            seen = replace(seen, console=hands.said(engine, machines[name]))
            seen = replace(seen, screen=hands.screen(engine, machines[name]))
        return seen

    isolation = len(machines) > 1
    return replace(
        seen,
        items=tuple(machines),
        login=metal.USER_OF_IMAGE,
        handle=True,
        isolation=isolation,
        limit=ON_TWO if isolation else seen.limit,
        beside=beside,
    )
