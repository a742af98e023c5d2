"""Users on real machines, one after the other and side by side: nobody meets another's traces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from metal_faults import DISK

from cc_ansible.engine import docker
from cc_ansible.lab import hands, rehearsal, spec
from cc_ansible.verify import experiment
from cc_ansible.verify.experiment import (
    choice,
    floating,
    ground,
    inside,
    lease,
    names,
    network,
    pool,
    project,
    server,
    switch,
)
from cc_ansible.verify.experiment.step import Step
from cc_ansible.verify.experiment.trial import Site, Trial
from cc_ansible.verify.experiment.wait import Watch
from cc_ansible.verify.result import Status

pytestmark = pytest.mark.machines
TIMES = 3
HEAD = 34 * 512
"""Bytes that a partition table takes at the beginning of a disk."""


def test_users_one_after_the_other_leave_nothing(cloud, lab, machines, things):
    before, seen = things(), []

    def tell(line: str) -> None:
        if re.fullmatch(r"experiment \d: \S+", line):
            seen.append((line, _disk_is_blank(machines[0]), _idle(machines[0])))

    asked = replace(
        rehearsal.options(lab.site.resolve(), fake=False),
        items=(machines[0].name,),
        handle=False,
        repetitions=TIMES,
    )
    results = experiment.run(cloud, asked, tell)
    assert {result.status for result in results} <= {Status.PASSED, Status.SKIPPED}, results
    assert things() == before
    assert [_disk_is_blank(machines[0]), _idle(machines[0])] == [True, True]
    # The first found the machine as its enrolment had left it, the others as a user had.
    assert [rest for _, *rest in seen] == [[True, True]] * TIMES, seen
    users = {line.split()[-1] for line, *_ in seen}
    logins = [result for result in results if result.name.endswith("login by ssh")]
    assert len(users) == len(logins) == TIMES
    # Each hostname is a user's: nobody got what was there before.
    assert {each.log[0].split(",")[0] for each in logins} == users


@pytest.fixture
def two(cc, machines) -> tuple[spec.Machine, ...]:
    if len(machines) < 2:
        cc("lab", "up", "--machines", "2")
    known = spec.load()
    assert known is not None
    return known.metal[:2]


@pytest.fixture
def users(cloud, lab) -> Iterator[Users]:
    made = Users(cloud, lab)
    yield made
    made.leave()


class Users:
    """Users at the same time; ``leave`` removes what they made, the last first."""

    def __init__(self, cloud, lab) -> None:
        self._cloud = cloud
        self._options = replace(
            rehearsal.options(lab.site.resolve(), fake=False), limit=3600.0, handle=False
        )
        self._done: list[tuple[Trial, list[Step]]] = []

    def new(self, machine: spec.Machine) -> Trial:
        """Somebody who wants that machine."""
        watch = Watch(lambda line: print(f"{machine.name}: {line}"))
        options = replace(self._options, items=(machine.name,))
        watch.allow(options.limit)
        return Trial(names.new(options.limit), Site(self._cloud, watch), options)

    def go(self, trial: Trial, steps: list[Step]) -> None:
        """Do these steps, each of which must work."""
        done: list[Step] = []
        self._done.append((trial, done))
        for step in steps:
            done.append(step)
            step.run(trial)

    def give_back(self, trial: Trial) -> None:
        """Remove what one of them made."""
        for found, done in [each for each in self._done if each[0] is trial]:
            while done:
                step = done.pop()
                if step.undone:
                    step.clean_up(found)

    def leave(self) -> None:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(self.give_back, [trial for trial, _ in reversed(self._done)]))


def alone() -> list[Step]:
    """A user with a project and a network of their own."""
    return [
        ground.Ground(), choice.Choose(), pool.InIronic(), project.Project(), lease.Lease(),
        network.Network(), inside.Key(), server.Server(), server.Active(), switch.Set(),
        floating.FloatingIp(), inside.SshLogin(),
    ]  # fmt: skip


def beside() -> list[Step]:
    """One more server of a user who has all that."""
    return [
        choice.Choose(), pool.InIronic(), lease.Lease(), server.Server(), server.Active(),
        switch.Set(), floating.FloatingIp(), inside.SshLogin(),
    ]  # fmt: skip


def test_servers_reach_those_of_their_own_project_only(users, two):
    first, other = (users.new(machine) for machine in two)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda trial: users.go(trial, alone()), (first, other)))
    assert first.vlan != other.vlan
    # Both networks have the same addresses: only VLANs keep them apart.
    assert first.fixed_ip.rsplit(".", 1)[0] == other.fixed_ip.rsplit(".", 1)[0]
    assert not _reaches(first, other)
    assert not _reaches(other, first)
    users.give_back(other)

    second = users.new(two[1])
    for known in ("member", "project", "network", "vlan", "key", "flavor", "image", "external"):
        setattr(second, known, getattr(first, known))
    second.user.compute.create_keypair(name=second.name, public_key=second.key.public)
    users.go(second, beside())
    assert _reaches(first, second)
    assert _reaches(second, first)


def _reaches(trial: Trial, other: Trial) -> bool:
    """Whether the server of one of them gets answers from that of the other."""
    script = f"ping -c 5 -W 2 {other.fixed_ip} >/dev/null && echo yes || echo no"
    return {"yes": True, "no": False}[str(inside.ask(trial, script))]


def _disk_is_blank(machine: spec.Machine) -> bool:
    """Whether no partition table begins on its disk; the machine is off."""
    container = docker.client().containers.get(machine.container)
    script = f"qemu-img dd -U -f qcow2 -O raw bs={HEAD} count=1 if={DISK} of=/tmp/head"
    docker.demand(container, ["sh", "-c", script])
    zeros = docker.demand(container, ["sh", "-c", "tr -d '\\0' </tmp/head | wc -c; rm /tmp/head"])
    return zeros.strip() == "0"


def _idle(machine: spec.Machine) -> bool:
    known = spec.load()
    assert known is not None
    (found,) = [each for each in hands.seen(docker.client(), known) if each.name == machine.name]
    return found.vlan == spec.DEFAULT_VLAN
