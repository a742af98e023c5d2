"""Doing experiments: each step in turn, and everything undone in the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from cc_ansible.hardware.credentials import TIMEOUT
from cc_ansible.verify.experiment import (
    choice,
    floating,
    ground,
    handling,
    inside,
    isolation,
    item,
    lease,
    names,
    network,
    pool,
    project,
    server,
    sweep,
    switch,
)
from cc_ansible.verify.experiment.options import Options
from cc_ansible.verify.experiment.step import Said, Step
from cc_ansible.verify.experiment.trial import INVENTORY, RESERVATION, Site, Trial
from cc_ansible.verify.experiment.trouble import NotHere, Trouble, told
from cc_ansible.verify.experiment.wait import SOON, Tell, Watch
from cc_ansible.verify.result import Level, Result, Status

if TYPE_CHECKING:
    from openstack.connection import Connection

RUNBOOK = "docs/verify.md#the-experiment"
STOPPED = "stopped; removing what was made (once more stops that too)"


def steps(options: Options) -> list[Step]:
    """The steps in order; they are undone the other way round."""
    if options.fake:
        first: list[Step] = [item.Enrol(), item.Window(), pool.InIronic(), pool.InNova()]
        first.append(pool.InBlazar())
    else:
        first = [choice.Choose(), pool.InIronic(), pool.InNova()]
    user = [project.Project(), server.Alone(), lease.Lease(), network.Network()]
    own: list[Step] = [inside.Key()] if options.login else []
    use = [switch.Idle(), *own, server.Server(), server.Active(), switch.Set()]
    last: list[Step] = [floating.FloatingIp()]
    if options.login:
        last.append(inside.SshLogin())
    last.append(server.Console())
    if options.login and options.handle:
        last += [handling.PowerCycle(), handling.Rebuild()]
    if options.isolates:
        last += [isolation.OtherUser(), isolation.SameUser()]
    return [ground.Ground(), *first, *user, *use, *last]


def names_of(options: Options) -> list[str]:
    """The names that results of these experiments may have."""
    titles = [_title(number, options) for number in range(1, options.repetitions + 1)]
    asked = [name for step in steps(options) for name in (step.name, step.undone) if name]
    return ["experiment", *(f"{title}: {name}" for title in titles for name in asked)]


def leftovers(cloud: Connection, tell: Tell) -> list[Result]:
    """Remove what experiments left whose process was killed, and do none."""
    name = names.LEFTOVERS
    return _swept(Site(cloud, Watch(tell))) or [_result(name, Status.PASSED, "there are none")]


def run(
    cloud: Connection, options: Options, tell: Tell, watch: Watch | None = None
) -> list[Result]:
    """Do the experiments of a user, as often as asked or until one fails.

    ``cloud`` is the site's admin. ``tell`` hears what is being done, a line at a time. Everything
    that was made is removed whatever happens, also after a KeyboardInterrupt, which then goes on;
    a second one ends that too, and the next experiment removes the rest. What stays is in the
    notes of the exception.
    """
    site = Site(cloud, watch or Watch(tell))
    cloud.session.timeout = TIMEOUT
    try:
        reason = _not_here(site, options)
    except Exception as error:
        return [_failed("experiment", told(error))]
    if reason:
        return [_result("experiment", Status.SKIPPED, reason)]
    results = _swept(site)
    for number in range(1, options.repetitions + 1):
        trial = Trial(names.new(options.limit), site, options)
        found = Experiment(_title(number, options), trial, steps(options)).run()
        results += found
        if any(result.failed for result in found):
            break
    return results


class Experiment:
    """One go. ``title`` is what the names of its results begin with."""

    def __init__(self, title: str, trial: Trial, planned: Sequence[Step]) -> None:
        self._title = title
        self._trial = trial
        self._steps = planned
        self._begun: list[Step] = []
        self._results: list[Result] = []

    def run(self) -> list[Result]:
        """Do every step until one fails that others need, then undo those that were begun."""
        watch, limit = self._trial.watch, self._trial.options.limit
        watch.tell(f"{self._title}: {self._trial.name}")
        watch.allow(limit)
        stop: BaseException | None = None
        try:
            self._forward()
        except BaseException as error:
            stop = error
            watch.tell(STOPPED)
        watch.allow(limit, least=SOON)
        failed = any(result.failed for result in self._results)
        if failed and self._trial.options.keep and stop is None:
            self._keep()
        else:
            stop = self._clean(stop)
        if stop is not None:
            raise stop
        return self._results

    def _clean(self, stop: BaseException | None) -> BaseException | None:
        """As :meth:`_backward`; whatever is raised in the end says what stays."""
        done = len(self._results)
        try:
            stop = self._backward(stop)
        except BaseException as again:
            again.add_note(
                f"Not everything called {self._trial.name} was removed; the next `cc-ansible "
                "verify --level full` removes it."
            )
            raise
        if stop is not None:
            for result in self._results[done:]:
                if result.failed:
                    text = f"{result.name}: {result.detail}"
                    stop.add_note(f"{text} (everything of it is called {self._trial.name})")
        return stop

    def _forward(self) -> None:
        lost = ""
        for step in self._steps:
            if lost:
                self._add(step.name, Status.SKIPPED, f"not reached, as this failed: {lost}")
                continue
            self._begun.append(step)
            result = self._attempt(step.name, step.run)
            if result.failed and step.carries:
                lost = step.name
            if result.status is Status.SKIPPED:
                self._begun.pop()

    def _backward(self, stop: BaseException | None) -> BaseException | None:
        """Undo; ``stop`` is what stopped the experiment, and what is returned, if anything.

        What stops it first does not stop this; what stops it then is raised.
        """
        left = [step for step in self._begun if step.undone]
        while left:
            try:
                self._attempt(left[-1].undone, left[-1].clean_up)
            except BaseException as error:
                if stop is not None:
                    raise
                stop = error
                self._trial.watch.tell(STOPPED)
                continue
            left.pop()
        return stop

    def _keep(self) -> None:
        detail = f"kept until the next experiment: everything called {self._trial.name}"
        for step in reversed(self._begun):
            if step.undone:
                self._add(step.undone, Status.SKIPPED, detail)

    def _attempt(self, name: str, action: Callable[[Trial], str | Said]) -> Result:
        watch = self._trial.watch
        watch.tell(name)
        begun = watch.clock()
        try:
            self._results.append(_passed(f"{self._title}: {name}", action(self._trial)))
        except NotHere as reason:
            self._add(name, Status.SKIPPED, str(reason))
        except Exception as error:
            self._results.append(_failed(f"{self._title}: {name}", told(error)))
        self._results[-1] = replace(self._results[-1], seconds=watch.clock() - begun)
        return self._results[-1]

    def _add(self, name: str, status: Status, detail: str) -> None:
        self._results.append(_result(f"{self._title}: {name}", status, detail))


def _title(number: int, options: Options) -> str:
    """What the names of results of one experiment begin with."""
    return "experiment" if options.repetitions == 1 else f"experiment {number}"


def _not_here(site: Site, options: Options) -> str:
    """Why the site cannot have an experiment; empty when it can."""
    if not site.has(RESERVATION):
        return "the site has no Blazar"
    if options.fake and not site.has(INVENTORY):
        return "the site has no Doni"
    if not options.fake and not options.node_type and not options.items:
        return "nobody said which node may be used"
    return ""


def _swept(site: Site) -> list[Result]:
    """What earlier experiments left, if anything; that it stays need not harm this one."""
    name = names.LEFTOVERS
    try:
        swept = sweep.of(site)
    except Exception as error:
        return [_failed(name, told(error))]
    if not swept:
        return []
    problems = tuple(f"{each.name}: {text}" for each in swept for text in each.problems)
    if not problems:
        return [_result(name, Status.PASSED, f"removed {', '.join(each.name for each in swept)}")]
    detail, fix = "not everything could be removed", "Remove what has these names by hand."
    return [_failed(name, Trouble(detail, fix=fix, log=problems))]


def _result(name: str, status: Status, detail: str) -> Result:
    return Result(name, Level.FULL, status, detail)


def _passed(name: str, said: str | Said) -> Result:
    if isinstance(said, str):
        return _result(name, Status.PASSED, said)
    seen = _result(name, Status.PASSED, said.detail)
    return replace(seen, log=said.log, picture=said.picture)


def _failed(name: str, trouble: Trouble) -> Result:
    return replace(
        _result(name, Status.FAILED, trouble.detail),
        cause=trouble.cause,
        fix=trouble.fix,
        log=trouble.log,
        picture=trouble.picture,
        runbook=RUNBOOK,
    )
