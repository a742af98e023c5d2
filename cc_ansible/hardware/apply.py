"""Writing what a plan says: one item after another, several at a time, each whole or not at all."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from cc_ansible.errors import CcError, Interrupted
from cc_ansible.hardware import doni
from cc_ansible.hardware.doni import THREADS, Doni, Enrolled
from cc_ansible.hardware.plan import ItemPlan, Plan
from cc_ansible.hardware.remembered import Memory


@dataclass(frozen=True)
class Done:
    """What came of one item: Doni's answer, or why there is none."""

    plan: ItemPlan
    enrolled: Enrolled | None = None
    error: str = ""

    @property
    def name(self) -> str:
        """Its name."""
        return self.plan.name


def carry_out(
    service: Doni, plan: Plan, memory: Memory, tell: Callable[[Done], None]
) -> list[Done]:
    """Write everything, and remember it; ``tell`` hears of each item as it is done.

    :raises Interrupted: stopped by the user. What had begun was finished.
    """
    done: list[Done] = []
    with _saved(memory), ThreadPoolExecutor(THREADS) as pool:
        futures = [pool.submit(_one, service, item) for item in plan.work]
        try:
            for future in as_completed(futures):
                done.append(_take(future, memory, tell))
        except KeyboardInterrupt:
            pool.shutdown(wait=True, cancel_futures=True)
            rest = [future for future in futures if future.done() and not future.cancelled()]
            told = {each.name for each in done}
            for future in rest:
                if future.result().name not in told:
                    done.append(_take(future, memory, tell))
            raise Interrupted(
                f"Stopped: {len(done)} of {len(futures)} items are written, each of them whole.",
                fix="Go on with the same command; it does what is left.",
            ) from None
    return done


@contextlib.contextmanager
def _saved(memory: Memory) -> Iterator[None]:
    try:
        yield
    finally:
        memory.save()


def _take(future: Future[Done], memory: Memory, tell: Callable[[Done], None]) -> Done:
    found = future.result()
    if found.enrolled is not None and found.plan.whole:
        memory.wrote(found.enrolled.uuid, found.plan.properties)
    tell(found)
    return found


def _one(service: Doni, item: ItemPlan) -> Done:
    try:
        if item.enrolled is None:
            return _create(service, item)
        return Done(item, service.change(item.enrolled.uuid, operations(item, item.enrolled)))
    except CcError as problem:
        return Done(item, error=_text(problem))


def _create(service: Doni, item: ItemPlan) -> Done:
    declared = item.declared
    made = service.create(declared.name, declared.kind, item.properties, item.project_id)
    try:
        if item.windows:
            made = service.change(made.uuid, doni.window_patch(item.windows))
    except CcError as problem:
        text = f"it is enrolled, but its blackouts are not written: {_text(problem)}"
        return Done(item, made, text)
    return Done(item, made)


def operations(item: ItemPlan, enrolled: Enrolled) -> list[doni.Operation]:
    """The one patch that makes an enrolled item what it shall be."""
    of_windows = doni.window_patch(item.windows)
    return [*of_windows, *doni.patch(enrolled.properties, item.properties, item.keys)]


def _text(problem: CcError) -> str:
    return " ".join(part for part in (problem.summary, problem.detail, problem.fix) if part)


def remember(plan: Plan, memory: Memory) -> None:
    """Remember items that need nothing: they are ours, whoever enrolled them."""
    before = set(memory.items)
    for item in plan.items:
        found = item.enrolled
        if found and item.whole and item.action == "same" and found.uuid not in before:
            memory.wrote(found.uuid, item.properties)
    if memory.items.keys() != before:
        memory.save()
