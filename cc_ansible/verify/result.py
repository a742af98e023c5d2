"""What a check of a running site says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    """It does not concern this site, or what it builds on has failed."""


class Level(StrEnum):
    """How deep a check looks; each level includes the ones before."""

    QUICK = "quick"
    STANDARD = "standard"
    FULL = "full"


@dataclass(frozen=True)
class Result:
    """One check: what was asked, what was seen and, when it failed, what to do.

    Attributes:
        name: what was asked, such as ``containers on node1``; unique within a verification.
        level: the level that asks it.
        status: how it ended.
        detail: what was seen, in one line.
        seconds: how long it took.
        cause: what seems to be wrong, in one sentence; empty when nothing can be seen.
        fix: what to do about it; empty when it passed.
        log: the lines of logs that show it, oldest first.
        picture: a PNG that shows it; empty for none.
        runbook: the page that helps, such as ``docs/verify.md#containers``.
    """

    name: str
    level: Level
    status: Status
    detail: str
    seconds: float = 0.0
    cause: str = ""
    fix: str = ""
    log: tuple[str, ...] = ()
    runbook: str = ""
    picture: bytes = b""

    @property
    def failed(self) -> bool:
        return self.status is Status.FAILED


class Found:
    """Results, and how many there are of which kind."""

    results: list[Result]

    @property
    def failed(self) -> list[Result]:
        return [result for result in self.results if result.failed]

    def count(self, status: Status) -> int:
        """How many checks ended like this."""
        return sum(result.status is status for result in self.results)
