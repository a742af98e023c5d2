"""A run that writes to Doni: the site's lock, a journal, progress, and what came of it."""

from __future__ import annotations

import contextlib
import datetime
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cc_ansible.errors import Locked, RunFailed
from cc_ansible.hardware import apply, settle
from cc_ansible.hardware.apply import Done
from cc_ansible.hardware.plan import ItemPlan, Plan
from cc_ansible.hardware.settle import Trouble
from cc_ansible.hardware.sight import Sight

if TYPE_CHECKING:
    from cc_ansible.runs.run import Run
    from cc_ansible.runs.steps import Steps
    from cc_ansible.site.load import Site


@dataclass
class Result:
    """What was written, and what did not work."""

    plan: Plan
    done: Sequence[Done] = ()
    troubles: Sequence[Trouble] = field(default_factory=list)

    @property
    def failed(self) -> list[Done]:
        """Items that could not be written."""
        return [each for each in self.done if each.error]


class Incomplete(RunFailed):
    """Some items are not as declared."""


@contextlib.contextmanager
def run(
    site: Site, words: Sequence[str], hidden: Sequence[str], *, output: str = "text"
) -> Iterator[tuple[Run, Steps]]:
    """Hold the site's lock and keep a journal; ``words`` are the command after ``hardware``.

    With ``output`` json nothing but errors is shown.

    :raises Locked: another run works on the site.
    :raises Interrupted: stopped by the user.
    """
    from cc_ansible import __version__
    from cc_ansible.runs.run import open_run
    from cc_ansible.runs.steps import Steps

    quiet = output != "text"
    with (
        open_run(
            site.state_dir,
            site.path,
            f"hardware {words[0]}",
            list(words[1:]),
            f"hardware {' '.join(words)}",
            secrets=hidden,
            version=__version__,
            quiet=quiet,
            stream=sys.stderr if quiet else None,
            resume=" ".join(["cc-ansible", "-s", str(site.path), "hardware", *words]),
        ) as opened,
        Steps(quiet=quiet, stream=sys.stderr if quiet else None) as steps,
    ):
        yield opened, steps


def carry_out(
    sight: Sight,
    plan: Plan,
    now: datetime.datetime,
    words: Sequence[str],
    *,
    output: str = "text",
    wait: float = 0,
    only_windows: bool = False,
    again: Sequence[ItemPlan] = (),
) -> Result:
    """Do what a plan says, if it still holds; ``wait`` seconds at most until workers are done.

    Doni looks once more at the items to do ``again``.

    :raises Locked: another run works on the site, or somebody changed the hardware meanwhile.
    :raises Interrupted: stopped by the user; no item is half-written.
    :raises CcError: the site cannot be asked.
    """

    def check() -> None:
        _still_true(sight, plan, now, only_windows=only_windows)

    return write(sight, plan, words, output=output, wait=wait, check=check, again=again)


def write(
    sight: Sight,
    plan: Plan,
    words: Sequence[str],
    *,
    output: str = "text",
    wait: float = 0,
    check: Callable[[], None] = lambda: None,
    again: Sequence[ItemPlan] = (),
) -> Result:
    """As :func:`carry_out`, once ``check`` has not refused it under the lock."""
    result = Result(plan)
    with (
        # The journal shall know; the caller shows the result before it raises the same.
        contextlib.suppress(Incomplete),
        run(sight.site, words, sight.hidden, output=output) as (opened, steps),
    ):
        check()
        result.done = [*_write(sight, plan, opened, steps), *_wake(sight, again)]
        if wait and result.done:
            result.troubles = _settle(sight, result.done, wait, steps)
            for each in result.troubles:
                text = f"{each.name}: {each.kind}: {each.worker}: {each.reason}"
                opened.journal.text("hardware", _clean(opened, text))
        require_success(result)
    return result


def _clean(opened: Run, text: str) -> str:
    return opened.redactor.text(text)


def require_success(result: Result) -> None:
    """Refuse to call it a success where an item failed or was left out.

    :raises Incomplete: one did; the message names them.
    """
    bad = settle.failed(result.troubles)
    said = [f"{each.name}: {each.error}" for each in result.failed]
    said += [f"{each.name}: {each.worker}: {each.reason}" for each in bad]
    said += [f"{each.name}: {each.problem}" for each in result.plan.problems]
    if said:
        names = len({line.partition(":")[0] for line in said})
        raise Incomplete(
            f"{names} of {len(result.plan.items)} items are not as declared.",
            detail="\n".join(said[:10] + ([f"and {len(said) - 10} more"] if said[10:] else [])),
            fix="Correct these and apply again; the others are done.",
        )


def _still_true(sight: Sight, plan: Plan, now: datetime.datetime, *, only_windows: bool) -> None:
    """The lock is ours only now: see that what was planned is still what there is to do."""
    again = sight.plan(now, only_windows=only_windows)
    if _signature(again) != _signature(plan):
        raise Locked(
            "Somebody changed the hardware meanwhile; nothing was written.",
            fix="Run the command again; it starts from what is there now.",
        )


def _signature(plan: Plan) -> list[object]:
    return [(item.name, item.action, item.keys, item.windows) for item in plan.work]


def _write(sight: Sight, plan: Plan, opened: Run, steps: Steps) -> list[Done]:
    total = len(plan.work)
    count = 0

    def tell(done: Done) -> None:
        nonlocal count
        count += 1
        text = _clean(opened, f"{done.plan.action} {done.name}: {done.error or 'done'}")
        opened.journal.text("hardware", text)
        step.update(f"{count} of {total}  {done.name}")

    if not total:
        return []
    with steps.step(f"Write {total} item{'' if total == 1 else 's'}") as step:
        return apply.carry_out(sight.doni, plan, sight.memory, tell)


def _wake(sight: Sight, again: Sequence[ItemPlan]) -> list[Done]:
    for item in again:
        if item.enrolled:
            sight.doni.sync(item.enrolled.uuid)
    return [Done(item, item.enrolled) for item in again]


def _settle(sight: Sight, done: Sequence[Done], wait: float, steps: Steps) -> list[Trouble]:
    with steps.step("Wait until the testbed has it") as step:

        def tell(ready: int, of: int, doubt: str) -> None:
            step.update(f"{ready} of {of} items steady{f'; {doubt}' if doubt else ''}")

        return settle.wait(sight.doni, done, wait, tell)
