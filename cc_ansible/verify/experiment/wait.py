"""Waiting for what services do by themselves."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from cc_ansible.verify.experiment.trouble import Trouble, passing, told

SHORTEST, LONGEST, GROWTH = 0.5, 5.0, 1.4
"""Seconds between the first two looks and between the last ones; from look to look."""

SOON = 60.0
"""Seconds for what a service does at once."""

SERVICES = 240.0
"""Seconds for what waits for the next round of several services; most have one a minute."""

FAILING = 45.0
"""Seconds for which something may fail before it has failed: services try again meanwhile."""

T = TypeVar("T")
Tell = Callable[[str], None]


@dataclass(frozen=True)
class NotYet:
    """It is not so yet; ``because`` is what is seen in place of it."""

    because: str


class Watch:
    """Waits, says what for whenever that changes, and keeps to a time that all waits share."""

    def __init__(
        self,
        tell: Tell,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.tell = tell
        self.clock = clock
        self._sleep = sleep
        self._end = float("inf")
        self._least = 0.0

    def allow(self, seconds: float, least: float = 0.0) -> None:
        """From now on, waits have so many seconds together; each of them ``least`` or more."""
        self._end = self.clock() + seconds
        self._least = least

    def until(self, what: str, look: Callable[[], T | NotYet], seconds: float, fix: str = "") -> T:
        """Look until it is so, for at most so many seconds; ``what`` says for what, as a noun.

        Services that do not answer, or not now, are asked again. ``fix`` is what to do when it
        takes too long.

        Raises:
            Trouble: it is not so in time.
            Exception: what ``look`` raises, when another look would not help.
        """
        begun = self.clock()
        left = min(seconds, max(self._end - begun, self._least))
        deadline = begun + left
        pause, said = SHORTEST, ""
        while True:
            seen = _look(look)
            if not isinstance(seen, NotYet):
                return seen
            if seen.because != said:
                said = seen.because
                self.tell(f"waiting for {what}: {said}")
            left = deadline - self.clock()
            if left <= 0:
                raise self._late(what, said, self.clock() - begun, fix)
            self._sleep(min(pause, left))
            pause = min(pause * GROWTH, LONGEST)

    def _late(self, what: str, said: str, seconds: float, fix: str) -> Trouble:
        over = self.clock() >= self._end
        return Trouble(
            f"no {what} after {seconds:.0f} s: {said}",
            cause="The time for the experiment is over." if over else "",
            fix="Allow more time, if this is normal here." if over else fix,
        )


class Failing:
    """Remembers since when something fails, so that it is given up neither at once nor late."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._since: float | None = None

    def too_long(self, fails: bool) -> bool:
        """Whether it has failed for too long, given how it is now."""
        if not fails:
            self._since = None
            return False
        if self._since is None:
            self._since = self._clock()
        return self._clock() - self._since >= FAILING


def _look(look: Callable[[], T | NotYet]) -> T | NotYet:
    try:
        return look()
    except Trouble:
        raise
    except Exception as error:
        if not passing(error):
            raise
        return NotYet(told(error).detail)
