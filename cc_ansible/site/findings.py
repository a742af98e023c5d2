"""What a check of a site config says: rules, and the findings they make."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from cc_ansible.errors import Origin, SiteInvalid


class Severity(enum.StrEnum):
    """An error stops every command that acts; a warning is shown and does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong in one place.

    ``summary`` is one sentence, ``detail`` what was seen, ``fix`` the edit or command that helps.
    No field ever holds a secret.
    """

    rule: str
    severity: Severity
    summary: str
    origin: Origin | None = None
    detail: str = ""
    fix: str = ""


@dataclass(frozen=True)
class Rule:
    """Something that holds for every valid site config; ``about`` says it in one line.

    One that ``explains`` is the reason for whatever else is wrong in the same place.
    """

    name: str
    severity: Severity
    about: str
    explains: bool = False

    def broken(
        self, summary: str, origin: Origin | None = None, *, detail: str = "", fix: str = ""
    ) -> Finding:
        """The finding that this rule does not hold at ``origin``."""
        return Finding(self.name, self.severity, summary, origin, detail, fix)


CATALOGUE: dict[str, Rule] = {}
"""Every rule by its name, filled as the modules of the rules are imported."""


def error(name: str, about: str, *, explains: bool = False) -> Rule:
    """Make a rule that is broken by errors."""
    return _enter(Rule(name, Severity.ERROR, about, explains))


def warning(name: str, about: str, *, explains: bool = False) -> Rule:
    """Make a rule whose breach is worth a warning only."""
    return _enter(Rule(name, Severity.WARNING, about, explains))


def _enter(rule: Rule) -> Rule:
    if rule.name in CATALOGUE:
        raise ValueError(f"two rules are called {rule.name}")
    CATALOGUE[rule.name] = rule
    return rule


UNREADABLE = error("unreadable", "Files of the site config can be read and are well formed")


def from_error(problem: SiteInvalid) -> Finding:
    """The finding for an error that reading the site raised."""
    return UNREADABLE.broken(
        problem.summary, problem.origin, detail=problem.detail, fix=problem.fix
    )


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """Without repetitions and what follows from another finding; errors first, then by place."""
    found = set(findings)
    reasons = {each.origin for each in found if _explains(each) and each.origin}

    def place(finding: Finding) -> tuple[bool, str, int, int, str, str]:
        at = finding.origin
        where = (str(at.file), at.line or 0, at.column or 0) if at else ("", 0, 0)
        return (finding.severity is Severity.WARNING, *where, finding.rule, finding.summary)

    told = [each for each in found if each.origin not in reasons or _explains(each)]
    return sorted(told, key=place)


def _explains(finding: Finding) -> bool:
    rule = CATALOGUE.get(finding.rule)
    return rule is not None and rule.explains
