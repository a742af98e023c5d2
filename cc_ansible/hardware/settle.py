"""Waiting until Doni's workers are done with items, and what keeps them from it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from cc_ansible.hardware.apply import Done
from cc_ansible.hardware.doni import Doni, Enrolled, Task

WAIT_SECONDS = 300
SHORTEST, LONGEST = 0.5, 10.0
"""Seconds between two looks: the second one and the last ones."""
FAILING_SECONDS = 45.0
"""For how long a task may fail before it counts as failed: Doni tries again after some 10 and 20
seconds, which is enough for a service that was busy or restarted."""

Kind = Literal["error", "deferred", "late"]


@dataclass(frozen=True)
class Trouble:
    """What keeps an item from being as declared: a failed, a postponed or a slow task."""

    name: str
    kind: Kind
    worker: str
    reason: str
    fix: str


def wait(
    service: Doni,
    done: Sequence[Done],
    seconds: float,
    tell: Callable[[int, int, str], None],
    sleep: Callable[[float], None] = time.sleep,
) -> list[Trouble]:
    """Wait until all tasks of these items are done, at most so many seconds.

    One list call per look. ``tell`` hears how many items of how many are steady, and what one of
    the others waits for. An item with a lease in its way is not waited for once its worker has said
    so, nor one that goes on failing.
    """
    begun = {each.enrolled.uuid: each for each in done if each.enrolled and not each.error}
    if not begun:
        return []
    deadline = time.monotonic() + seconds
    failing_since: dict[str, float] = {}
    pause = SHORTEST
    while True:
        look = time.monotonic()
        now = {item.uuid: item for item in service.hardware() if item.uuid in begun}
        waiting = {uuid for uuid in now if not _settled(begun[uuid], now[uuid])}
        failed_once = {uuid for uuid in waiting if any(task.failed for task in now[uuid].tasks)}
        failing_since = {uuid: failing_since.get(uuid, look) for uuid in failed_once}
        doubts = [found for uuid in sorted(waiting) for found in troubles(now[uuid])]
        reason = f"{doubts[0].name}: {doubts[0].reason}" if doubts else ""
        tell(len(begun) - len(waiting), len(begun), reason)
        left = deadline - time.monotonic()
        if left <= 0 or all(_goes_on_failing(now[uuid], failing_since, look) for uuid in waiting):
            return [found for item in now.values() for found in troubles(item)]
        sleep(min(pause, left))
        pause = min(pause * 1.5, LONGEST)


def troubles(item: Enrolled) -> list[Trouble]:
    """What keeps an item from being as declared; nothing when it is steady."""
    return [found for task in item.tasks if (found := _trouble(item, task))]


def failed(found: Collection[Trouble]) -> list[Trouble]:
    """Those that are more than a wait for the end of a lease or of another service's work."""
    return [trouble for trouble in found if trouble.kind != "deferred"]


def _settled(done: Done, item: Enrolled) -> bool:
    before = {task.worker: task for task in done.enrolled.tasks} if done.enrolled else {}
    return all(_over(task, before, bool(done.plan.hits)) for task in item.tasks)


def _goes_on_failing(item: Enrolled, since: Mapping[str, float], now: float) -> bool:
    in_error = any(task.error for task in item.tasks)
    return in_error and now - since.get(item.uuid, now) >= FAILING_SECONDS


def _over(task: Task, before: Mapping[str, Task], hit: bool) -> bool:
    if task.state == "STEADY":
        return True
    earlier = before.get(task.worker)
    return hit and task.deferrals > (earlier.deferrals if earlier else 0)


def _trouble(item: Enrolled, task: Task) -> Trouble | None:
    if task.error:
        fix = (
            "Correct what it names; Doni tries again by itself, at once with "
            f"`cc-ansible hardware apply {item.name} --again`."
        )
        return Trouble(item.name, "error", task.worker, task.error, fix)
    if task.deferred:
        fix = "Doni tries again by itself until it can."
        return Trouble(item.name, "deferred", task.worker, task.deferred, fix)
    if task.state != "STEADY":
        fix = f"Look again: cc-ansible hardware show {item.name}"
        return Trouble(item.name, "late", task.worker, f"its task is {task.state}", fix)
    return None
