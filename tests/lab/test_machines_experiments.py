"""Users on real machines, one after the other and side by side: nobody meets another's traces."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from metal_faults import DISK

from cc_ansible.engine import docker
from cc_ansible.lab import hands, rehearsal, spec
from cc_ansible.verify import experiment
from cc_ansible.verify.experiment import handling, isolation
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


def test_servers_reach_those_of_their_own_user_only(cloud, lab, two, things):
    before = things()
    asked = rehearsal.options(lab.site.resolve(), fake=False)
    results = {
        result.name.partition(": ")[2]: result for result in experiment.run(cloud, asked, print)
    }
    assert {result.status for result in results.values()} <= {Status.PASSED, Status.SKIPPED}
    assert results[handling.Rebuild.name].status is Status.PASSED
    for name in (isolation.OtherUser.name, isolation.SameUser.name):
        assert all(machine.name in results[name].detail for machine in two)
    assert things() == before


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
