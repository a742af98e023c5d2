"""What `apply` does from the plan to the result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cc_ansible.hardware import apply as applying
from cc_ansible.hardware import view, windows, work
from cc_ansible.hardware.plan import ItemPlan, Plan
from cc_ansible.hardware.sight import Sight
from cc_ansible.hardware.work import Result

Say = Callable[[str], None]
Confirm = Callable[[str], bool]


@dataclass(frozen=True)
class Options:
    """How it goes. ``wait`` is in seconds, 0 for not at all.

    ``secrets`` writes all of them again; ``again`` wakes tasks that failed or were put off.
    """

    output: str = "text"
    yes: bool = False
    wait: float = 0
    secrets: bool = False
    again: bool = False


def apply(sight: Sight, options: Options, say: Say, confirm: Confirm) -> Result:
    """Show the plan, ask, and carry it out.

    :raises Locked: another run works on the site, or somebody changed the hardware meanwhile.
    :raises Interrupted: stopped by the user; no item is half-written.
    :raises CcError: the site cannot be asked.
    """
    if options.secrets:
        sight.memory.doubt(item.uuid for item in sight.doni.hardware())
    now = windows.this_minute()
    plan = sight.plan(now)
    if options.output == "text":
        show(plan, say)
    again = stuck(plan) if options.again else []
    if not plan.work and not again:
        applying.remember(plan, sight.memory)
        return Result(plan)
    if not options.yes and not confirm("Do it?"):
        if options.output == "text":
            say("Nothing was changed.")
        return Result(Plan([]))
    words = ["apply", *sorted(sight.names or ()), *(["--yes"] if options.yes else [])]
    return work.carry_out(
        sight, plan, now, words, output=options.output, wait=options.wait, again=again
    )


def stuck(plan: Plan) -> list[ItemPlan]:
    """Items that are as declared in Doni, but not elsewhere."""
    return [
        item
        for item in plan.items
        if item.action == "same" and item.enrolled and item.enrolled.state != "STEADY"
    ]


def show(plan: Plan, say: Say) -> None:
    """Say a plan."""
    for line in view.plan_lines(plan):
        say(line)
    say(view.summary(plan))
