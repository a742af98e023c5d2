"""Things that may be there once only, and findings that are worth telling once."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from cc_ansible.errors import Origin
from cc_ansible.site.findings import Finding

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class Claim:
    """Who has something, and where that is written."""

    who: str
    origin: Origin

    @property
    def where(self) -> str:
        """The place in the text of a message: file and line."""
        return f"{self.origin.file.name}, line {self.origin.line}"


def repeated(claims: Iterable[tuple[K, Claim]]) -> Iterator[tuple[K, Claim, Claim]]:
    """Each claim of something that is taken already, after the first claim of it.

    A place is given once, also when it is that of a profile and many items share it.
    """
    first: dict[K, Claim] = {}
    told: set[Origin] = set()
    for key, claim in claims:
        holder = first.setdefault(key, claim)
        if holder is not claim and claim.origin not in told:
            told.add(claim.origin)
            yield key, holder, claim


def once_per_place(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Findings without those of the same rule at a place that was told already.

    What is wrong in a profile is wrong in each of its items.
    """
    told: set[tuple[str, Origin | None]] = set()
    for finding in findings:
        if (finding.rule, finding.origin) not in told:
            told.add((finding.rule, finding.origin))
            yield finding
