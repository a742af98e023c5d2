"""A server on a second node: another user's must not reach the first, one of the same user must."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace

from cc_ansible.verify.experiment import (
    choice,
    floating,
    ground,
    inside,
    lease,
    network,
    pool,
    project,
    server,
    switch,
)
from cc_ansible.verify.experiment.names import OTHER_USER, SAME_USER
from cc_ansible.verify.experiment.step import Said, Step
from cc_ansible.verify.experiment.trial import Trial
from cc_ansible.verify.experiment.trouble import NotHere, Trouble, told
from cc_ansible.verify.experiment.wait import SOON

PING = "ping -c 5 -W 2 {} >/dev/null && echo yes || echo no"
LOG = "Look at both ports on the switch: each carries the VLAN of its network and no other"


class _Beside(Step):
    """An experiment beside the experiment, given back before the next step."""

    def __init__(self) -> None:
        self._other: Trial | None = None
        self._begun: list[Step] = []

    def run(self, trial: Trial) -> Said:
        if not trial.address:
            raise NotHere("the first server has no floating IP")
        other = self._other = self._newcomer(trial)
        log = [self._do(step, other) for step in self._steps()]
        said = self._seen(trial, other)
        # A site may have no third node for the next one.
        self.clean_up(trial)
        return Said(said, tuple(line for line in log if line))

    def clean_up(self, trial: Trial) -> str:
        troubles = [trouble for step in reversed(self._begun) if (trouble := self._undo(step))]
        if troubles:
            raise troubles[0]
        return "its node is back in the pool"

    def _do(self, step: Step, other: Trial) -> str:
        """Returns a line for the log; empty for what does not concern this site."""
        watch = other.watch
        watch.tell(f"{self.name}: {step.name}")
        begun = watch.clock()
        self._begun.append(step)
        try:
            said = step.run(other)
        except NotHere:
            self._begun.remove(step)
            return ""
        except Exception as error:
            raise told(error).during(step.name) from error
        detail = said.detail if isinstance(said, Said) else said
        return f"{step.name}: {detail} ({watch.clock() - begun:.0f} s)"

    def _undo(self, step: Step) -> Trouble | None:
        assert self._other is not None
        if step.undone:
            self._other.watch.tell(f"{self.name}: {step.undone}")
            try:
                step.clean_up(self._other)
            except NotHere:
                pass
            except Exception as error:
                return told(error).during(step.undone)
        self._begun.remove(step)
        return None

    @abstractmethod
    def _newcomer(self, trial: Trial) -> Trial: ...

    @abstractmethod
    def _steps(self) -> Sequence[Step]: ...

    @abstractmethod
    def _seen(self, trial: Trial, other: Trial) -> str:
        """What is seen between both servers.

        Raises:
            Trouble: it is not as it should be.
        """


class OtherUser(_Beside):
    """Its network has the same addresses as the first one's: only VLANs keep them apart."""

    name = "another user's server is out of reach"
    undone = "the other user's server and project removed"

    def _newcomer(self, trial: Trial) -> Trial:
        return Trial(trial.name + OTHER_USER, trial.site, trial.options)

    def _steps(self) -> Sequence[Step]:
        return (
            ground.Ground(), choice.Choose(), pool.InIronic(), pool.InNova(), project.Project(),
            lease.Lease(), network.Network(network.SECOND_HALF), *_server(),
        )  # fmt: skip

    def _seen(self, trial: Trial, other: Trial) -> str:
        if trial.vlan == other.vlan:
            raise Trouble(
                f"the networks of both users are on VLAN {trial.vlan}",
                cause="Neutron gives the VLANs of users twice.",
                fix=network.LOG,
            )
        for one, another in ((trial, other), (other, trial)):
            if _reaches(one, another):
                raise Trouble(
                    f"{one.node_name} on VLAN {one.vlan} gets answers from {another.node_name}, "
                    f"{another.fixed_ip} on VLAN {another.vlan}",
                    cause="The switch does not keep the networks of users apart.",
                    fix=LOG,
                )
        return (
            f"{trial.node_name} on VLAN {trial.vlan} and {other.node_name} on VLAN {other.vlan} "
            "get no answer from each other"
        )


class SameUser(_Beside):
    """In the first one's network."""

    name = "a second server of the user is reached"
    undone = "second server removed"

    def _newcomer(self, trial: Trial) -> Trial:
        made = Trial(trial.name + SAME_USER, trial.site, trial.options)
        return replace(
            made,
            flavor=trial.flavor,
            image=trial.image,
            external=trial.external,
            member=trial.member,
            project=trial.project,
            network=trial.network,
            vlan=trial.vlan,
        )

    def _steps(self) -> Sequence[Step]:
        return choice.Choose(), pool.InIronic(), pool.InNova(), lease.Lease(), *_server()

    def _seen(self, trial: Trial, other: Trial) -> str:
        for one, another in ((trial, other), (other, trial)):
            if not _reaches(one, another):
                raise Trouble(
                    f"{one.node_name} gets no answer from {another.node_name}, {another.fixed_ip} "
                    f"in the same network, VLAN {one.vlan}",
                    cause="The switch does not connect the ports of one VLAN.",
                    fix=LOG,
                )
        return f"{trial.node_name} and {other.node_name} answer each other on VLAN {trial.vlan}"


def _server() -> Sequence[Step]:
    return (
        switch.Idle(), inside.Key(), server.Server(), server.Active(), switch.Set(),
        floating.FloatingIp(), inside.SshLogin(),
    )  # fmt: skip


def _reaches(one: Trial, another: Trial) -> bool:
    """Whether a server gets answers from the address that another one has in its own network."""
    script = PING.format(another.fixed_ip)
    said = one.watch.until("login by ssh", lambda: inside.ask(one, script), SOON, inside.LOG)
    return said == "yes"
