"""Experiments on a cloud, with a clock that waiting sets forward."""

from __future__ import annotations

import dataclasses
from typing import Any

from smallcloud import IDLE, SmallCloud

from cc_ansible.verify import experiment
from cc_ansible.verify.experiment import FakeNode, Options, SwitchPort
from cc_ansible.verify.experiment.wait import Watch
from cc_ansible.verify.result import Result

PORT = SwitchPort("tor", "p24", "02:00:00:00:00:01", "physnet1")

FORWARD = [
    "what users start from",
    "item enrolled",
    "window open",
    "node available in Ironic",
    "node known to Nova",
    "host in Blazar",
    "a user's project",
    "no server without a reservation",
    "lease active",
    "tenant network on a VLAN",
    "switch port idle",
    "server on the leased node",
    "server active",
    "switch port set",
    "floating IP",
    "console",
]
BACK = [
    "floating IP released",
    "server deleted",
    "switch port back",
    "tenant network removed",
    "lease ended",
    "server without a reservation removed",
    "project removed",
    "node back in the pool",
    "item removed",
]


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        self.told: list[str] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.slept.append(seconds)
        self.now += seconds

    def watch(self) -> Watch:
        return Watch(self.told.append, self, self.sleep)


class Trying:
    """Experiments on a cloud."""

    def __init__(self, cloud: SmallCloud) -> None:
        self.cloud = cloud
        self.clock = Clock()
        self.options = Options(
            image="ubuntu",
            fake=FakeNode(PORT),
            switch_port_vlan=cloud.vlan,
            idle_vlans=frozenset({IDLE}),
        )

    def __call__(self, **options: Any) -> list[Result]:
        wanted = dataclasses.replace(self.options, **options)
        told = self.clock.told.append
        return experiment.run(self.cloud.admin(), wanted, told, self.clock.watch())


def by_name(results: list[Result]) -> dict[str, Result]:
    """Results without the title of the experiment; no name is there twice."""
    found = {result.name.partition(": ")[2]: result for result in results}
    assert len(found) == len(results)
    return found
