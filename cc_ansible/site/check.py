"""All rules on a whole site config, everything that is wrong at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from cc_ansible import paths
from cc_ansible.errors import SiteInvalid
from cc_ansible.site import findings
from cc_ansible.site.findings import Finding, Severity
from cc_ansible.site.knowledge import Knowledge
from cc_ansible.site.rules import variables
from cc_ansible.site.subject import Subject
from cc_ansible.site.survey import Survey

RULES: tuple[Callable[[Subject], Iterator[Finding]], ...] = (
    variables.unknown,
    variables.types,
)

MORE = 5
"""How many further errors a command names before it points to ``validate``."""


def check(path: Path, known: Knowledge, project: Path = paths.PROJECT) -> list[Finding]:
    """What is wrong with the site config at ``path``, errors first.

    The site is only read; nothing is run, written or asked on the network.
    """
    subject = Subject(Survey(path.expanduser().resolve(), project), known)
    found = [finding for rule in RULES for finding in rule(subject)]
    return findings.ordered([*subject.survey.findings, *found])


def require_valid(path: Path, known: Knowledge) -> None:
    """Refuse to act on a site config with errors; warnings pass.

    :raises SiteInvalid: for the first error; its detail names the others.
    """
    found = check(path, known)
    errors = [finding for finding in found if finding.severity is Severity.ERROR]
    if errors:
        first, *rest = errors
        also = [f"also {finding.origin}: {finding.summary}" for finding in rest[:MORE]]
        if len(rest) > MORE:
            also.append(f"and {len(rest) - MORE} more; `cc-ansible validate` shows all")
        raise SiteInvalid(
            first.summary,
            detail="\n".join(filter(None, [first.detail, *also])),
            fix=first.fix,
            origin=first.origin,
        )
