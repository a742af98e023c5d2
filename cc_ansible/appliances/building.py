"""`appliance build`: which images, why, and what came of it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cc_ansible.appliances import definition, plan
from cc_ansible.appliances.build import Builder
from cc_ansible.appliances.store import Built, Store
from cc_ansible.errors import CcError, RunFailed
from cc_ansible.runs import signals

if TYPE_CHECKING:
    from cc_ansible.appliances.catalogue import Catalogue
    from cc_ansible.appliances.plan import Plan


INTERRUPTED = "The build was interrupted. What was done of it whole is kept."


@dataclass(frozen=True)
class Asked:
    """What was asked for: names and architectures (all when empty), and how to build."""

    names: tuple[str, ...] = ()
    arches: tuple[str, ...] = ()
    refresh: bool = False
    force: bool = False
    jobs: int = 1


@dataclass(frozen=True)
class Result:
    """One image: what was to be done, and what came of it."""

    plan: Plan
    outcome: Built | CcError

    @property
    def failed(self) -> bool:
        """Whether it could not be built."""
        return isinstance(self.outcome, CcError)

    def as_json(self) -> dict[str, Any]:
        """As plain data."""
        wanted, outcome = self.plan.definition, self.outcome
        said: dict[str, Any] = {"name": wanted.name, "arch": wanted.arch}
        if isinstance(outcome, CcError):
            error = {"summary": outcome.summary, "detail": outcome.detail, "fix": outcome.fix}
            return {**said, "result": "failed", "error": error}
        done = "built" if self.plan.reasons else "up to date"
        return {**said, "result": done, "reasons": list(self.plan.reasons), **outcome.as_json()}

    def lines(self) -> Iterator[str]:
        """For people."""
        if isinstance(self.outcome, CcError):
            yield f"✗ {self.outcome.summary}"
            yield from (f"  {line}" for line in self.outcome.detail.splitlines())
            if self.outcome.fix:
                yield f"  fix: {self.outcome.fix}"
            return
        yield f"{self.plan.definition.title}: {'; '.join(self.plan.reasons) or 'up to date'}"
        yield from self.outcome.lines()


def plans(catalogue: Catalogue, asked: Asked) -> list[Plan]:
    """What would be built, and why.

    :raises UsageError: there is no appliance of a name, or none for an architecture.
    :raises CcError: one cannot be built.
    """
    chosen = definition.choose(catalogue.definitions, asked.names, asked.arches)
    store = Store()
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    as_of = now if asked.refresh else None
    return [
        plan.compute(each, catalogue.elements, store, force=asked.force, as_of=as_of)
        for each in chosen
    ]


def build(
    catalogue: Catalogue, wanted: Sequence[Plan], asked: Asked, output: str = "text"
) -> list[Result]:
    """Build what is not up to date.

    :raises Locked: another build runs here.
    :raises Interrupted: stopped by the user.
    :raises CcError: something that every build needs is not there.
    """
    import sys

    from cc_ansible.runs.steps import Steps

    store, quiet = Store(), output != "text"
    if asked.refresh:
        for each in wanted:
            store.refresh(each.definition.distro, each.definition.release, each.as_of)
    shown = Steps(quiet=quiet, stream=sys.stderr if quiet else None)
    with signals.stoppable(INTERRUPTED), shown as steps:
        outcomes = Builder(catalogue.elements, store, steps, asked.jobs).run(wanted)
    return [Result(each, outcome) for each, outcome in zip(wanted, outcomes, strict=True)]


def require_success(results: Sequence[Result]) -> None:
    """Refuse to call it a success where one failed.

    :raises RunFailed: one did; the message names it.
    """
    bad = [each.plan.definition.title for each in results if each.failed]
    if bad:
        raise RunFailed(f"{len(bad)} of {len(results)} were not built: {', '.join(bad)}.")


def plan_json(wanted: Plan) -> dict[str, Any]:
    """What would be done for one image, as plain data."""
    return {
        "name": wanted.definition.name,
        "arch": wanted.definition.arch,
        "up_to_date": not wanted.reasons,
        "reasons": list(wanted.reasons),
    }


def plan_text(wanted: Sequence[Plan]) -> str:
    """What would be done, a line for each image."""
    return "\n".join(
        f"{each.definition.title}  {'; '.join(each.reasons) or 'up to date'}" for each in wanted
    )
