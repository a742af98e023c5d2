"""How checks are asked and how what they see becomes a :class:`Result`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cc_ansible.verify.result import Level, Result, Status

RUNBOOK = "docs/verify.md"
LINES = 12
"""How many lines of logs a result carries at most."""


@dataclass(frozen=True)
class Trouble:
    """One thing that is wrong: what was ``seen`` in a few words, why it seems so, what to do."""

    seen: str
    cause: str
    fix: str
    log: tuple[str, ...] = ()


class Failed(Exception):
    """Raised by a question whose answer is no."""

    def __init__(self, *troubles: Trouble) -> None:
        super().__init__("; ".join(trouble.seen for trouble in troubles))
        self.troubles = troubles


class Skipped(Exception):
    """Raised by a question that does not concern this site; the text says why."""


@dataclass(frozen=True)
class Check:
    """A question by its name; ``page`` is the section of the runbook that helps."""

    name: str
    page: str
    level: Level = Level.QUICK

    def judged(self, troubles: Sequence[Trouble], well: str, seconds: float = 0.0) -> Result:
        """Failed with these troubles; passed with ``well`` where there are none."""
        if not troubles:
            return self._result(Status.PASSED, well, seconds)
        return Result(
            self.name,
            self.level,
            Status.FAILED,
            "; ".join(dict.fromkeys(trouble.seen for trouble in troubles)),
            seconds,
            cause=" ".join(dict.fromkeys(trouble.cause for trouble in troubles if trouble.cause)),
            fix=" ".join(dict.fromkeys(trouble.fix for trouble in troubles if trouble.fix)),
            log=_lines(troubles),
            runbook=f"{RUNBOOK}#{self.page}",
        )

    def skipped(self, why: str, seconds: float = 0.0) -> Result:
        """Not asked, for this reason."""
        return self._result(Status.SKIPPED, why, seconds)

    def ask(
        self, question: Callable[[], str], explain: Callable[[Exception], Trouble] | None = None
    ) -> Result:
        """Ask: what the question returns is seen; an exception fails the check, ``explain``-ed."""
        begun = time.monotonic()
        troubles: Sequence[Trouble] = ()
        try:
            well = question()
        except Skipped as why:
            return self.skipped(str(why), time.monotonic() - begun)
        except Failed as failed:
            troubles, well = failed.troubles, ""
        except Exception as problem:
            troubles, well = [(explain or unexpected)(problem)], ""
        return self.judged(troubles, well, time.monotonic() - begun)

    def _result(self, status: Status, detail: str, seconds: float) -> Result:
        return Result(self.name, self.level, status, detail, seconds)


def unexpected(problem: Exception) -> Trouble:
    """What can be said of an exception that nobody foresaw."""
    text = f"{type(problem).__name__}: {problem}".splitlines()[0]
    return Trouble(text, "", "")


def _lines(troubles: Sequence[Trouble]) -> tuple[str, ...]:
    """Lines of every trouble, so that none crowds the others out; as written, oldest first."""
    share = max(2, LINES // max(1, sum(bool(trouble.log) for trouble in troubles)))
    found = [line.rstrip() for trouble in troubles for line in trouble.log[-share:]]
    return tuple(dict.fromkeys(found))[:LINES]
