"""A verification: the levels one after the other, their results without secrets, and kept."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cc_ansible.errors import Interrupted
from cc_ansible.kolla import workspace
from cc_ansible.online.look import hosts_of
from cc_ansible.runs import signals
from cc_ansible.runs.redact import Redactor
from cc_ansible.verify import allow, look, metal, quick, record
from cc_ansible.verify.check import Check
from cc_ansible.verify.experiment.names import LEFTOVERS as OF_EXPERIMENTS
from cc_ansible.verify.only import wanted
from cc_ansible.verify.result import Found, Level, Result

if TYPE_CHECKING:
    from openstack.connection import Connection

    from cc_ansible.runs.steps import Steps
    from cc_ansible.site.load import Site
    from cc_ansible.site.subject import Subject
    from cc_ansible.verify.look import Wanted

Tell = Callable[[str], None]
LEFTOVERS = "leftovers"
LASTING = ("logs of", "certificate", "disks of", metal.NAME, LEFTOVERS)
"""What names of checks begin with that no waiting makes good."""


@dataclass(frozen=True)
class Experiment:
    """Level full: how it is done in a cloud, telling what it does, and what its results are called.

    ``clean`` only removes what killed ones left.
    """

    do: Callable[[Connection, Tell], list[Result]]
    names: Sequence[str]
    clean: Callable[[Connection, Tell], list[Result]]

    def wanted(self, only: Sequence[str]) -> list[str]:
        """Which of its results were asked for."""
        return [name for name in self.names if wanted(name, only)]


@dataclass(frozen=True)
class Verification(Found):
    """What was found, in order, and how long it took in seconds."""

    level: Level
    results: list[Result]
    seconds: float


def verify(
    site: Site,
    subject: Subject,
    level: Level,
    steps: Steps,
    only: Sequence[str] = (),
    experiment: Experiment | None = None,
) -> Verification:
    """Ask everything up to ``level``; with ``only``, checks whose names match one of the globs.

    Hosts are not changed; of what is made in the cloud nothing stays. The results are kept for
    ``status`` and ``report``, unless only some checks were asked.

    Raises:
        SiteInvalid: the site cannot be assembled, has no hosts, or its allow-list is not valid.
        RunFailed: Ansible could not be started.
        Interrupted: stopped by the user; what was made is removed, or told in its detail.
    """
    from cc_ansible.site.secrets import use

    begun, names = time.monotonic(), hosts_of(subject)
    look.require(names, site)
    in_use = use.take(site)
    allowed = allow.read([site.project / "kolla" / allow.FILE, site.path / allow.FILE])
    hidden = Redactor(in_use.hidden)
    with _stoppable(hidden):
        with workspace.assemble(site, {}, in_use) as space:
            results, sought, cloud = quick.run(
                space,
                names,
                subject.survey.inventory.hosts_of,
                allowed,
                only,
                steps,
                needs_cloud=level is not Level.QUICK,
            )
        if level is not Level.QUICK:
            results += _standard(sought, cloud, only, steps)
        if level is Level.FULL and experiment:
            results += _full(experiment, only, cloud, steps)
    clean = [_without(result, hidden) for result in results if _shown(result, only)]
    if not only:
        record.keep(site.state_dir, clean)
    return Verification(level, clean, time.monotonic() - begun)


def _shown(result: Result, only: Sequence[str]) -> bool:
    """Whether a result was asked for, or must not be withheld: something of ours stays behind."""
    return wanted(result.name, only) or (result.failed and result.name.startswith(LEFTOVERS))


def until_passed(ask: Callable[[], Verification], seconds: float) -> Verification:
    """Ask again until all is well, no waiting would help, or ``seconds`` are over."""
    deadline = time.monotonic() + seconds
    while True:
        found = ask()
        passing = [result for result in found.failed if not result.name.startswith(LASTING)]
        if not passing or time.monotonic() > deadline:
            return found
        time.sleep(2)


def _standard(
    sought: Wanted, cloud: Connection | None, only: Sequence[str], steps: Steps
) -> list[Result]:
    from cc_ansible.verify.standard import checks, leftovers
    from cc_ansible.verify.standard.ground import Ground

    asked = [name for name in (*dict(checks.CHECKS), checks.KILLED) if wanted(name, only)]
    if cloud is None:
        return [_no_cloud(name, Level.STANDARD) for name in asked]
    ground = Ground(cloud, leftovers.new_name(), sought.catalogue, quick.dashboards_of(sought))
    with steps.step(f"Services ({len(asked)})") as step:
        if not asked:
            step.skip("none of them was asked for")
        return checks.run(ground, only, step.update)


def _full(
    experiment: Experiment, only: Sequence[str], cloud: Connection | None, steps: Steps
) -> list[Result]:
    done = experiment.wanted(only)
    if not done and not wanted(OF_EXPERIMENTS, only):
        return []
    if cloud is None:
        return [_no_cloud(done[0] if done else OF_EXPERIMENTS, Level.FULL)]
    with steps.step("Experiment" if done else "Leftovers of experiments") as step:
        return (experiment.do if done else experiment.clean)(cloud, step.update)


def _no_cloud(name: str, level: Level) -> Result:
    return Check(name, "token", level).skipped("nobody could log in to the cloud")


@contextlib.contextmanager
def _stoppable(hidden: Redactor) -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the block as Ctrl-C does."""
    try:
        with signals.handled(signals.interrupt):
            yield
    except KeyboardInterrupt as stop:
        left = hidden.text("\n".join(getattr(stop, "__notes__", ())))
        raise Interrupted("The verification was interrupted.", detail=left) from None


def _without(result: Result, hidden: Redactor) -> Result:
    """A result without secrets: what hosts and logs say may hold some."""
    return replace(
        result,
        detail=hidden.text(result.detail),
        cause=hidden.text(result.cause),
        fix=hidden.text(result.fix),
        log=tuple(map(hidden.text, result.log)),
    )
