"""All checks of one image: booted once, asked one after the other."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cc_ansible.appliances.checks import catalogue
from cc_ansible.appliances.checks.contents import own
from cc_ansible.appliances.checks.subject import Look, Subject
from cc_ansible.errors import RunFailed
from cc_ansible.runs import signals
from cc_ansible.verify import record
from cc_ansible.verify.check import Check, Trouble, unexpected
from cc_ansible.verify.result import Found, Result

if TYPE_CHECKING:
    from cc_ansible.appliances.boot.guest import Guest

Tell = Callable[[str], None]
INTERRUPTED = "The test was interrupted. The image runs no more."


@dataclass(frozen=True)
class Tested(Found):
    """What was found of an image. ``how`` it was booted, "" when it was not; in seconds."""

    title: str
    how: str
    results: list[Result]
    seconds: float


def test(subject: Subject, boot: AbstractContextManager[Guest], say: Tell) -> Tested:
    """Boot an image and ask what its definition asks. Nothing of it runs afterwards.

    An image that does not boot fails the check that says why, and skips the others.

    Raises:
        CcError: it cannot be booted here: a program, root or an architecture is missing.
        Interrupted: stopped by the user.
    """
    from cc_ansible.appliances.boot.guest import BootFailed

    begun = time.monotonic()
    questions = chosen(subject)
    with signals.stoppable(INTERRUPTED):
        try:
            with boot as guest:
                results = _ask(Look(guest, subject), questions, say)
                how = guest.how
        except BootFailed as failed:
            results, how = _not_booted(failed, list(questions), time.monotonic() - begun), ""
    return Tested(subject.title, how, results, time.monotonic() - begun)


def chosen(subject: Subject) -> dict[str, catalogue.Question]:
    """The checks of a definition by name, in the order in which they are asked."""
    ready = {test for test in subject.tests if isinstance(test, str)}
    mine = [test for test in subject.tests if not isinstance(test, str)]
    return {
        **{name: ask for name, ask in catalogue.READY.items() if name in ready},
        **{test.name: own(test) for test in mine},
        **{name: ask for name, ask in catalogue.LAST.items() if name in ready},
    }


def plain(tested: Tested) -> dict[str, Any]:
    """What was found, as plain data."""
    results = []
    for result in tested.results:
        fields = record.plain(result)
        del fields["level"]
        results.append(fields)
    return {
        "appliance": tested.title,
        "booted": tested.how,
        "passed": not tested.failed,
        "seconds": round(tested.seconds, 3),
        "results": results,
    }


def _ask(look: Look, questions: dict[str, catalogue.Question], say: Tell) -> list[Result]:
    results: list[Result] = []
    lost = ""
    for name, question in questions.items():
        check = Check(name, name)
        if lost:
            results.append(check.skipped(lost))
        elif why := look.guest.blind.get(name):
            results.append(check.skipped(why))
        else:
            say(name)
            result = check.ask(lambda ask=question: ask(look), _explain)  # type: ignore[misc]
            results.append(with_page(result))
            if result.failed and name in catalogue.LAST:
                lost = f"it did not come through {name}"
    return results


def _explain(problem: Exception) -> Trouble:
    from cc_ansible.appliances.boot.guest import BootFailed

    if isinstance(problem, BootFailed):
        return problem.trouble
    if isinstance(problem, RunFailed):
        return Trouble(problem.summary, problem.detail, problem.fix)
    return replace(
        unexpected(problem),
        cause="What the image said is not what cc-ansible expects: this may be a defect of it.",
    )


def _not_booted(failed: Any, names: list[str], seconds: float) -> list[Result]:
    """The result of the check that says why, before all others, which could not be asked."""
    says = failed.check if failed.check in names else "boot"
    about = Check(says, says).judged([failed.trouble], "", seconds)
    others = [Check(name, name).skipped("nobody could log in") for name in names if name != says]
    return [with_page(about), *others]


def with_page(result: Result) -> Result:
    """With where the check is explained, when it failed."""
    if not result.failed:
        return result
    known = result.name if result.name in catalogue.NAMES else "own"
    return replace(result, runbook=f"{catalogue.PAGE}{known}")
