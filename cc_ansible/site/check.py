"""All rules on a whole site config but those about its secrets, everything at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from cc_ansible import paths
from cc_ansible.site import findings
from cc_ansible.site.findings import Finding
from cc_ansible.site.knowledge import Knowledge
from cc_ansible.site.rules import (
    of_hardware,
    of_networks,
    of_services,
    variables,
)
from cc_ansible.site.subject import Subject
from cc_ansible.site.survey import Survey

RULES: tuple[Callable[[Subject], Iterator[Finding]], ...] = (
    variables.unknown,
    variables.types,
    *of_networks.RULES,
    *of_hardware.RULES,
    *of_services.RULES,
)


def check(path: Path, known: Knowledge, project: Path = paths.PROJECT) -> list[Finding]:
    """What is wrong with the site config at ``path``, errors first.

    The site is only read; nothing is run, written or asked on the network.
    """
    return of_survey(Survey(path.expanduser().resolve(), project), known)


def of_survey(survey: Survey, known: Knowledge) -> list[Finding]:
    """As :func:`check`, for a site config that others look at too."""
    return of_subject(Subject(survey, known))


def of_subject(subject: Subject) -> list[Finding]:
    """As :func:`of_survey`; what the rules found out about the site stays with the subject."""
    found = [finding for rule in RULES for finding in rule(subject)]
    return findings.ordered([*subject.survey.findings, *found])
